"""Variants, enums, options and results as generated code.

Where at most one case has a payload, its slots follow the discriminant and all is written in place.
With several payloads the form decides how they share slots (`open_case`, `close_case`), and two
generated functions of the type lift and lower it.

Spec: CanonicalABI.md#loading (`load_variant`), CanonicalABI.md#flat-lifting (`lift_flat_variant`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from spindle.component.canon import scalars
from spindle.component.canon.despecialize import AnyVariant, cases, payload_types
from spindle.component.canon.source import Source, tuple_of
from spindle.component.values import Err, Ok, Some, Variant
from spindle.wasm.types import EnumType, OptionType, ResultType, VariantType

if TYPE_CHECKING:
    from spindle.component.canon.form import Form


def lift(form: Form, src: Source, t: AnyVariant, slots: list[str]) -> str:
    """An expression for a variant with at most one payload."""
    discriminant = slots[0]
    expression = _empty_case(src, t, discriminant)
    for index, case in enumerate(cases(t)):
        if case.type is not None:
            value = _wrap(src, t, index, form.lift(src, case.type, slots[1:]))
            return f"({value} if {discriminant} == {index} else {expression})"
    return f"({expression})"


def lower(form: Form, src: Source, t: AnyVariant, value: str) -> list[str]:
    """Statements and slots for a variant with at most one payload."""
    discriminant, payload = _split(src, t, value)
    for index, case in enumerate(cases(t)):
        if case.type is not None:
            slots = src.locals(len(form.zeros(case.type)))
            with src.block(f"if {discriminant} == {index}:"):
                payload_slots = form.lower(src, case.type, payload)
                src.line(f"{tuple_of(slots)} = {tuple_of(payload_slots)}")
            with src.block("else:"):
                src.line(f"{tuple_of(slots)} = {tuple_of(form.zeros(case.type))}")
            return [discriminant, *slots]
    return [discriminant]


def union_lifter(form: Form, t: AnyVariant, width: int) -> Callable[..., Any]:
    """`lift(cx, discriminant, *slots)` of a variant with several payloads."""
    shared = [f"p{i}" for i in range(width)]
    src = Source("lift_variant", "cx", "discriminant", *shared)
    for index, case in enumerate(cases(t)):
        if case.type is None:
            continue
        with src.block(f"if discriminant == {index}:"):
            if _is_wide(t):
                lift_case = src.bind("lift_case", _late(_case_lifter, form, t, index, shared))
                src.line(f"return {lift_case}(cx, {', '.join(shared)})")
            else:
                _lift_case(form, src, t, index, shared)
    src.line(f"return {_empty_case(src, t, 'discriminant')}")
    return src.compile()


def _case_lifter(form: Form, t: AnyVariant, index: int, shared: list[str]) -> Callable[..., Any]:
    src = Source("lift_case", "cx", *shared)
    _lift_case(form, src, t, index, shared)
    return src.compile()


def _lift_case(form: Form, src: Source, t: AnyVariant, index: int, shared: list[str]) -> None:
    payload = cases(t)[index].type
    assert payload is not None
    slots = form.open_case(src, t, payload, shared)
    src.line(f"return {_wrap(src, t, index, form.lift(src, payload, slots))}")


def union_lowerer(form: Form, t: AnyVariant, zeros: list[str]) -> Callable[..., Any]:
    """`lower(cx, value)` of a variant with several payloads; gives a tuple of slots."""
    src = Source("lower_variant", "cx", "value")
    discriminant, payload = _split(src, t, "value")
    for index, case in enumerate(cases(t)):
        if case.type is None:
            continue
        with src.block(f"if {discriminant} == {index}:"):
            if _is_wide(t):
                lower_case = src.bind("lower_case", _late(_case_lowerer, form, t, index))
                src.line(f"return {lower_case}(cx, {payload})")
            else:
                _lower_case(form, src, t, index, payload)
    src.line(f"return {tuple_of([discriminant, *zeros])}")
    return src.compile()


def _case_lowerer(form: Form, t: AnyVariant, index: int) -> Callable[..., Any]:
    src = Source("lower_case", "cx", "value")
    _lower_case(form, src, t, index, "value")
    return src.compile()


def _lower_case(form: Form, src: Source, t: AnyVariant, index: int, value: str) -> None:
    payload = cases(t)[index].type
    assert payload is not None
    slots = form.close_case(src, t, payload, form.lower(src, payload, value))
    src.line(f"return {tuple_of([str(index), *slots])}")


def _is_wide(t: AnyVariant) -> bool:
    """Whether cases are functions, made when they first occur: most of many never do."""
    return len(payload_types(t)) > 4


def _late(make: Callable[..., Callable[..., Any]], *arguments: Any) -> Callable[..., Any]:
    """A function that is made when it is first called."""
    made: Callable[..., Any] | None = None

    def late(*values: Any) -> Any:
        nonlocal made
        if made is None:
            made = make(*arguments)
        return made(*values)

    return late


def is_union(t: AnyVariant) -> bool:
    """Whether several cases have payloads."""
    return len(payload_types(t)) > 1


def _empty_case(src: Source, t: AnyVariant, discriminant: str) -> str:
    """The value of a case without payload; a trap if there is no such case."""
    values = src.bind("cases", _Cases(_empty_value(t, i) for i in range(len(cases(t)))))
    invalid = src.bind("invalid_discriminant", scalars.invalid_discriminant)
    count = len(cases(t))
    return f"{values}[{discriminant}] if {discriminant} < {count} else {invalid}({discriminant})"


class _Cases(tuple[Any, ...]):
    """Compares by identity, to be bound to a name."""

    __slots__ = ()


def _empty_value(t: AnyVariant, index: int) -> Any:
    match t:
        case VariantType(declared):
            return Variant(declared[index].label)
        case EnumType(labels):
            return labels[index]
        case OptionType():
            return None
        case ResultType():
            return Err() if index else Ok()


def _wrap(src: Source, t: AnyVariant, index: int, payload: str) -> str:
    """The value of a case from that of its payload."""
    new = src.bind("new", tuple.__new__)
    match t:
        case VariantType(declared):
            cls = src.bind("Variant", Variant)
            return f"{new}({cls}, ({declared[index].label!r}, {payload}))"
        case ResultType():
            cls = src.bind("Err", Err) if index else src.bind("Ok", Ok)
            return f"{new}({cls}, ({payload},))"
        case OptionType(inner) if isinstance(inner, OptionType):
            return f"{new}({src.bind('Some', Some)}, ({payload},))"
        case _:
            return payload


def _split(src: Source, t: AnyVariant, value: str) -> tuple[str, str]:
    """Statements that take a value apart; gives the variables of discriminant and payload."""
    discriminant, payload = src.locals(2)
    match t:
        case VariantType() | EnumType():
            indices = src.bind("indices", {case.label: i for i, case in enumerate(cases(t))})
            if isinstance(t, EnumType):
                src.line(f"{discriminant} = {indices}[{value}]")
            else:
                pair = f"{src.bind('pair', _pair)}({value})"
                variant = src.bind("Variant", Variant)
                src.line(
                    f"{discriminant}, {payload} = "
                    f"{value} if {value}.__class__ is {variant} else {pair}"
                )
                src.line(f"{discriminant} = {indices}[{discriminant}]")
        case ResultType():
            ok, err = src.bind("Ok", Ok), src.bind("Err", Err)
            index = f"{src.bind('result_index', _result_index)}({value})"
            src.line(
                f"{discriminant} = 0 if {value}.__class__ is {ok} "
                f"else 1 if {value}.__class__ is {err} else {index}"
            )
            src.line(f"{payload} = {value}[0]")
        case OptionType(inner):
            src.line(f"{discriminant} = 0 if {value} is None else 1")
            if isinstance(inner, OptionType):
                some = src.bind("some", _some)
                src.line(f"{payload} = {some}({value}) if {discriminant} else None")
            else:
                payload = value
    return discriminant, payload


def _pair(value: Any) -> tuple[str, Any]:
    """A variant written as a label or a pair."""
    if isinstance(value, str):
        return value, None
    if not isinstance(value, tuple):
        raise TypeError("not a variant")
    label, payload = value
    return label, payload


def _result_index(value: Any) -> int:
    """For subclasses of `Ok` and `Err`."""
    if isinstance(value, Ok | Err):
        return int(isinstance(value, Err))
    raise TypeError("not a result")


def _some(value: Any) -> Any:
    if not isinstance(value, Some):
        raise TypeError("not a `Some`")
    return value[0]
