"""Why a Python value does not fit a component type, and where in it.

Lowering just uses values; when that fails, the value is walked here once more, slowly, to say what
is wrong: ``argument 2: field `name`: expected string, got int``. Who would rather know beforehand
asks `check_arguments`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from spindle.component.canon.despecialize import cases
from spindle.component.canon.scalars import F32_LIMIT, RANGES
from spindle.component.error_context import ErrorContext
from spindle.component.future import ReadableFuture
from spindle.component.stream import ReadableStream
from spindle.component.values import Err, Ok, Some, ValueTypeError, attribute
from spindle.wasm.types import (
    BorrowType,
    EnumType,
    FieldType,
    FlagsType,
    FuncType,
    FutureType,
    ListType,
    MapType,
    OptionType,
    OwnType,
    PrimValType,
    RecordType,
    ResultType,
    StreamType,
    TupleType,
    ValType,
    VariantType,
)

UNFIT = (
    TypeError, ValueError, LookupError, AttributeError, OverflowError, struct.error, ValueTypeError,
)  # fmt: skip
"""What lowering a wrong value raises."""


def check_arguments(ft: FuncType, args: Sequence[Any]) -> None:
    """Raise `ValueTypeError` for arguments of which lowering would say that they do not fit.

    Handles, and what can be gone through only once, are not looked at.
    """
    if len(args) != len(ft.params):
        raise _wrong_count(ft, args)
    for number, (param, value) in enumerate(zip(ft.params, args, strict=True), 1):
        for where, problem in _problems(param.type, value):
            raise _mismatch(_place(number, param), where, problem)


def check_value(t: ValType, value: Any, prefix: str = "") -> None:
    """Raise `ValueTypeError` for a value of which lowering would say that it does not fit.

    What arguments are spared is spared here too.
    """
    for where, problem in _problems(t, value):
        raise _mismatch(prefix, where, problem)


def mismatch(t: ValType, value: Any, error: Exception, prefix: str = "") -> Exception:
    """The exception to raise for a value whose lowering raised `error`.

    That is the error itself where nothing is wrong with the value.
    """
    for where, problem in _problems(t, value):
        return _mismatch(prefix, where, problem)
    if isinstance(error, ValueTypeError):
        return ValueTypeError(f"{prefix}{error.message}")
    return error


def argument_mismatch(ft: FuncType, args: Any, error: Exception) -> Exception:
    """The exception to raise for arguments whose lowering raised `error`."""
    if len(args) != len(ft.params):
        return _wrong_count(ft, args)
    for number, (param, value) in enumerate(zip(ft.params, args, strict=True), 1):
        found = mismatch(param.type, value, error, _place(number, param))
        if found is not error and not isinstance(error, ValueTypeError):
            return found
    return error


def _wrong_count(ft: FuncType, args: Sequence[Any]) -> ValueTypeError:
    return ValueTypeError(f"expected {_count(len(ft.params), 'argument')}, got {len(args)}")


def _place(number: int, param: FieldType) -> str:
    return f"argument {number} `{param.label}`: "


def _mismatch(prefix: str, where: tuple[str, ...], problem: str) -> ValueTypeError:
    return ValueTypeError(prefix + "".join(f"{step}: " for step in where) + problem)


def type_name(t: ValType | None) -> str:
    """A type in a word or two, as WIT spells it."""
    match t:
        case None:
            return "_"
        case PrimValType():
            return t.value
        case ListType(element, None):
            return f"list<{type_name(element)}>"
        case ListType(element, length):
            return f"list<{type_name(element)}, {length}>"
        case MapType(key, value):
            return f"map<{type_name(key)}, {type_name(value)}>"
        case TupleType(types):
            return f"tuple<{', '.join(map(type_name, types))}>"
        case OptionType(inner):
            return f"option<{type_name(inner)}>"
        case ResultType(ok, error):
            return f"result<{type_name(ok)}, {type_name(error)}>"
        case StreamType(element):
            return f"stream<{type_name(element)}>"
        case FutureType(element):
            return f"future<{type_name(element)}>"
        case OwnType(rt):
            return f"own<{rt.name or 'resource'}>"
        case BorrowType(rt):
            return f"borrow<{rt.name or 'resource'}>"
        case _:
            return type(t).__name__.removesuffix("Type").lower()


_Problem = tuple[tuple[str, ...], str]


def _problems(t: ValType, value: Any) -> Iterator[_Problem]:
    """What is wrong, each with the way to it."""
    match t:
        case PrimValType():
            if not _is_primitive(t, value):
                yield (), f"expected {t.value}, got {_shown(value)}"
        case ListType():
            yield from _list_problems(t, value)
        case MapType():
            yield from _map_problems(t, value)
        case RecordType():
            yield from _record_problems(t, value)
        case TupleType(types):
            if not isinstance(value, tuple | list) or len(value) != len(types):
                yield (), f"expected {type_name(t)}, got {_shown(value)}"
                return
            for i, (u, item) in enumerate(zip(types, value, strict=True)):
                yield from _inside(f"item {i}", _problems(u, item))
        case VariantType() | EnumType():
            yield from _variant_problems(t, value)
        case FlagsType(labels):
            yield from _flags_problems(labels, value)
        case OptionType(inner):
            if value is None:
                return
            if isinstance(inner, OptionType):
                if not isinstance(value, Some):
                    yield (), f"expected Some or None, got {_shown(value)}"
                    return
                value = value.value
            yield from _problems(inner, value)
        case ResultType(ok, error):
            if not isinstance(value, Ok | Err):
                yield (), f"expected Ok or Err, got {_shown(value)}"
                return
            payload = ok if isinstance(value, Ok) else error
            if payload is not None:
                yield from _inside(type(value).__name__, _problems(payload, value.value))
        case StreamType(element):
            if not isinstance(value, ReadableStream):
                yield (), f"expected {type_name(t)}, got {_shown(value)}"
            elif value.t != element and not getattr(value, "untyped", False):
                yield (), f"expected {type_name(t)}, got stream<{type_name(value.t)}>"
        case FutureType(element):
            if not isinstance(value, ReadableFuture):
                yield (), f"expected {type_name(t)}, got {_shown(value)}"
            elif value.t != element and not getattr(value, "untyped", False):
                yield (), f"expected {type_name(t)}, got future<{type_name(value.t)}>"
        case _:
            return


def _inside(step: str, problems: Iterable[_Problem]) -> Iterator[_Problem]:
    return (((step, *where), problem) for where, problem in problems)


def _list_problems(t: ListType, value: Any) -> Iterator[_Problem]:
    is_bytes = t.element is PrimValType.U8 and isinstance(value, bytes | bytearray | memoryview)
    if isinstance(value, str | int | Mapping) or not isinstance(value, Iterable):
        yield (), f"expected {type_name(t)}, got {_shown(value)}"
        return
    if isinstance(value, Iterator):
        return
    items: Any = value if is_bytes else list(value)
    if t.length is not None and len(items) != t.length:
        yield (), f"expected {type_name(t)}, got {_count(len(items), 'item')}"
    if is_bytes:
        return
    for i, item in enumerate(items):
        yield from _inside(f"item {i}", _problems(t.element, item))


def _map_problems(t: MapType, value: Any) -> Iterator[_Problem]:
    if not isinstance(value, Mapping):
        yield from _list_problems(ListType(TupleType((t.key, t.value))), value)
        return
    for key, item in value.items():
        yield from _inside(f"key {key!r}", _problems(t.key, key))
        yield from _inside(f"value of {key!r}", _problems(t.value, item))


def _record_problems(t: RecordType, value: Any) -> Iterator[_Problem]:
    if isinstance(value, tuple | list):
        if len(value) != len(t.fields):
            yield (), f"expected {_count(len(t.fields), 'field')}, got {len(value)}"
            return
        items = list(value)
    else:
        items = []
        for field in t.fields:
            name = attribute(field.label)
            try:
                items.append(_field(value, name, field.label))
            except (KeyError, AttributeError):
                yield (), f"expected a record with field `{field.label}`, got {_shown(value)}"
                return
    for field, item in zip(t.fields, items, strict=True):
        yield from _inside(f"field `{field.label}`", _problems(field.type, item))


def _field(value: Any, name: str, label: str) -> Any:
    if isinstance(value, dict):
        return value[name] if name in value else value[label]
    return getattr(value, name)


def _variant_problems(t: VariantType | EnumType, value: Any) -> Iterator[_Problem]:
    label, payload = value, None
    if isinstance(t, VariantType) and isinstance(value, tuple) and len(value) == 2:
        label, payload = value
    if not isinstance(label, str):
        yield (), f"expected a case of {type_name(t)}, got {_shown(value)}"
        return
    found = [case for case in cases(t) if case.label == label]
    if not found:
        known = _quoted(case.label for case in cases(t))
        yield (), f"expected a case of {type_name(t)} ({known}), got `{label}`"
    elif found[0].type is not None:
        yield from _inside(f"case `{label}`", _problems(found[0].type, payload))


def _flags_problems(labels: tuple[str, ...], value: Any) -> Iterator[_Problem]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        yield (), f"expected a set of flags, got {_shown(value)}"
        return
    if isinstance(value, Iterator):
        return
    for label in value:
        if label not in labels:
            yield (), f"expected flags out of {_quoted(labels)}, got {label!r}"


def _is_primitive(t: PrimValType, value: Any) -> bool:
    match t:
        case PrimValType.BOOL:
            return isinstance(value, bool)
        case PrimValType.F32:
            return isinstance(value, float | int) and not F32_LIMIT <= abs(value) < float("inf")
        case PrimValType.F64:
            return isinstance(value, float | int)
        case PrimValType.CHAR:
            return isinstance(value, str) and len(value) == 1 and _is_text(value)
        case PrimValType.STRING:
            return isinstance(value, str) and _is_text(value)
        case PrimValType.ERROR_CONTEXT:
            return isinstance(value, ErrorContext)
        case _:
            low, high = RANGES[t]
            return hasattr(value, "__index__") and low <= value.__index__() <= high


def _is_text(value: str) -> bool:
    """Whether there are no lone surrogates."""
    return not any("\ud800" <= c <= "\udfff" for c in value)


def _shown(value: Any) -> str:
    """A wrong value: plain short ones themselves, others by their type."""
    if isinstance(value, int | float) or (isinstance(value, str) and len(value) <= 40):
        return f"{type(value).__name__} {value!r}"
    return "None" if value is None else type(value).__name__


def _quoted(labels: Iterable[str]) -> str:
    return ", ".join(f"`{label}`" for label in labels)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
