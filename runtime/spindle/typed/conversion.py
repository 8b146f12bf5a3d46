"""Values as people hold them, and as the component runtime takes and gives them.

The runtime's values (`spindle.component.values`) are natural already but for named types, handles,
streams and futures; `None` in place of a conversion says that there is nothing to do. What does
not fit a type is passed on as it is: `check` finds it, and says where it is and what is expected.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from spindle.component.canon.mismatch import mismatch
from spindle.component.values import Err, Ok, Some, ValueTypeError, Variant
from spindle.typed.classes import (
    NOMINAL,
    Case,
    Classes,
    case_classes,
    flag_labels,
    record_attributes,
)
from spindle.typed.errors import ArgumentError
from spindle.wasm.types import (
    BorrowType,
    EnumType,
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

if TYPE_CHECKING:
    from spindle.typed.handles import Handles

Conversion: TypeAlias = Callable[[Any], Any] | None
_FITS = Exception()


class Conversions:
    """The conversions of one component's types, each made once."""

    def __init__(self, classes: Classes, handles: Handles) -> None:
        self.classes = classes
        self._handles = handles
        self._made: dict[tuple[int, bool], tuple[ValType, Conversion]] = {}
        """By type and direction; types are kept, so that no other gets their address."""

    def give(self, t: ValType | None) -> Conversion:
        """From a person's value to the runtime's."""
        return self._conversion(t, True)

    def take(self, t: ValType | None) -> Conversion:
        """From the runtime's value to a person's."""
        return self._conversion(t, False)

    def arguments(self, ft: FuncType, function: str) -> Callable[[tuple[Any, ...]], list[Any]]:
        """From arguments to the runtime's values; raises `ArgumentError` if some do not fit."""
        params = [
            (param.type, self.give(param.type), f"`{function}`: parameter `{param.label}`: ")
            for param in ft.params
        ]

        owned = [at for at, param in enumerate(ft.params) if isinstance(param.type, OwnType)]

        def converted(values: tuple[Any, ...]) -> list[Any]:
            made = []
            for (t, give, prefix), value in zip(params, values, strict=True):
                made.append(given(t, give, value, prefix))
            if len(owned) > 1 and len({id(made[at]) for at in owned}) < len(owned):
                raise ArgumentError(f"`{function}`: one resource cannot be given away twice")
            return made

        return converted

    def _conversion(self, t: ValType | None, give: bool) -> Conversion:
        if t is None or isinstance(t, PrimValType):
            return None
        key = (id(t), give)
        if key not in self._made:
            self._made[key] = t, (self._giver(t) if give else self._taker(t))
        return self._made[key][1]

    def _giver(self, t: ValType) -> Conversion:
        match t:
            case ListType(element):
                return _give_list(self.give(element), element is PrimValType.U8)
            case MapType(key, value):
                return _on_pairs(self.give(key), self.give(value))
            case TupleType(types):
                return _on_items([self.give(each) for each in types])
            case RecordType(fields):
                return _give_record(t, [self.give(field.type) for field in fields])
            case VariantType(cases):
                return _give_variant({case.label: self.give(case.type) for case in cases})
            case FlagsType():
                return _give_flags(t, self.classes.of(t))
            case OptionType(inner):
                return _on_option(self.give(inner), isinstance(inner, OptionType))
            case ResultType(ok, error):
                return _on_result(self.give(ok), self.give(error))
            case OwnType() | BorrowType():
                return self._handles.give_resource(t)
            case StreamType(element_or_none):
                return self._handles.give_stream(element_or_none, self.give(element_or_none))
            case FutureType(element_or_none):
                return self._handles.give_future(element_or_none, self.give(element_or_none))
            case _:
                return None

    def _taker(self, t: ValType) -> Conversion:
        if isinstance(t, NOMINAL):
            return self._nominal_taker(t)
        match t:
            case ListType(element):
                take = self.take(element)
                return None if take is None else functools.partial(_each, take)
            case MapType(key, value):
                return _on_pairs(self.take(key), self.take(value))
            case TupleType(types):
                return _on_items([self.take(each) for each in types])
            case OptionType(inner):
                return _on_option(self.take(inner), isinstance(inner, OptionType))
            case ResultType(ok, error):
                return _on_result(self.take(ok), self.take(error))
            case OwnType(resource) | BorrowType(resource):
                return self._handles.take_resource(resource)
            case StreamType(element_or_none):
                return self._handles.take_stream(element_or_none, self.take(element_or_none))
            case FutureType(element_or_none):
                return self._handles.take_future(self.take(element_or_none))
            case _:
                return None

    def _nominal_taker(self, t: ValType) -> Conversion:
        match t:
            case RecordType(fields):
                takes = [self.take(field.type) for field in fields]
                return _take_record(self.classes.of(t), takes)
            case VariantType(cases):
                classes = case_classes(self.classes.of(t), t)
                return _take_variant(
                    {c.label: (classes[c.label], self.take(c.type)) for c in cases}
                )
            case EnumType():
                return self.classes.of(t)
            case FlagsType():
                return _take_flags(t, self.classes.of(t))
            case _:
                raise AssertionError(f"{t} has no name")


def given(t: ValType, give: Conversion, value: Any, prefix: str) -> Any:
    """A value for the runtime; raises `ArgumentError`, which begins with a prefix."""
    try:
        made = value if give is None else give(value)
    except ValueTypeError as error:
        raise ArgumentError(f"{prefix}{error.message}", hints=error.hints) from None
    found = mismatch(t, made, _FITS, prefix)
    if found is not _FITS:
        raise ArgumentError(str(found))
    return made


def _each(convert: Callable[[Any], Any], values: Iterable[Any]) -> list[Any]:
    return [convert(value) for value in values]


def _give_list(give: Conversion, is_bytes: bool) -> Conversion:
    def converted(value: Any) -> Any:
        if isinstance(value, bytes | bytearray | memoryview) and is_bytes:
            return value
        if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
            return value
        if give is None:
            return value if isinstance(value, list | tuple) else list(value)
        return _each(give, value)

    return converted


def _on_pairs(key: Conversion, value: Conversion) -> Conversion:
    if key is None and value is None:
        return None

    def converted(pairs: Any) -> Any:
        if not isinstance(pairs, Mapping):
            return pairs
        return {_applied(key, k): _applied(value, v) for k, v in pairs.items()}

    return converted


def _on_items(conversions: list[Conversion]) -> Conversion:
    if not any(conversions):
        return None

    def converted(values: Any) -> Any:
        if not isinstance(values, tuple | list) or len(values) != len(conversions):
            return values
        return tuple(map(_applied, conversions, values))

    return converted


def _on_option(inner: Conversion, nested: bool) -> Conversion:
    if inner is None:
        return None

    def converted(value: Any) -> Any:
        if value is None:
            return None
        if not nested:
            return inner(value)
        return Some(inner(value.value)) if isinstance(value, Some) else value

    return converted


def _on_result(ok: Conversion, error: Conversion) -> Conversion:
    if ok is None and error is None:
        return None

    def converted(value: Any) -> Any:
        if isinstance(value, Ok):
            return Ok(_applied(ok, value.value))
        return Err(_applied(error, value.value)) if isinstance(value, Err) else value

    return converted


def _applied(convert: Conversion, value: Any) -> Any:
    return value if convert is None else convert(value)


def _give_record(t: RecordType, gives: list[Conversion]) -> Conversion:
    names = record_attributes(t)

    def converted(value: Any) -> Any:
        if isinstance(value, Mapping):
            known = {name for pair in names for name in pair}
            for name in value:
                if name not in known:
                    raise ValueTypeError(f"the record has no field `{name}`")
        if not any(gives):
            return value
        items = _field_values(value, names)
        return value if items is None else tuple(map(_applied, gives, items))

    return converted


def _field_values(value: Any, names: tuple[tuple[str, str], ...]) -> list[Any] | None:
    """The values of a record's fields, None if there are others or fewer."""
    if isinstance(value, tuple | list):
        return list(value) if len(value) == len(names) else None
    try:
        if isinstance(value, Mapping):
            return [value[name] if name in value else value[label] for name, label in names]
        return [getattr(value, name) for name, _ in names]
    except (AttributeError, KeyError):
        return None


def _take_record(cls: type, takes: list[Conversion]) -> Conversion:
    new = tuple.__new__
    if not any(takes):
        return functools.partial(new, cls)
    return lambda value: new(cls, map(_applied, takes, value))


def _give_variant(gives: Mapping[str, Conversion]) -> Conversion:
    def converted(value: Any) -> Any:
        if isinstance(value, Case):
            return Variant(value.case, _payload(value.case, value.value))
        if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str):
            return Variant(value[0], _payload(*value))
        return Variant(value) if isinstance(value, str) else value

    def _payload(label: str, payload: Any) -> Any:
        return _applied(gives.get(label), payload)

    return converted


def _take_variant(cases: Mapping[str, tuple[type[Case], Conversion]]) -> Conversion:
    def converted(value: Any) -> Any:
        cls, take = cases[value.case]
        return cls(_applied(take, value.value)) if cls.has_payload else cls()

    return converted


def _give_flags(t: FlagsType, cls: Any) -> Conversion:
    bits = flag_labels(t)

    def converted(value: Any) -> Any:
        if not isinstance(value, cls):
            return value
        return frozenset(label for bit, label in bits if value.value & bit)

    return converted


def _take_flags(t: FlagsType, cls: Any) -> Conversion:
    bits = {label: bit for bit, label in flag_labels(t)}
    return lambda labels: cls(sum(bits[label] for label in labels))
