"""Types as generated code, in the two forms that values take outside Python.

Theory of operation
-------------------
A value's form is a row of *slots*: core values when it is passed flat, the items of a `struct`
format when it lies in memory. Both are nearly the same row, so one walk over the type serves both:
`lift` gives a Python *expression* over the names of the slots, `lower` appends statements to a
function and gives the expressions of the slots. A record of strings and numbers in memory is thus
one `unpack` and one expression, a list of them one comprehension over `iter_unpack`, and no type is
looked at while values pass.

Scalars, records, tuples and variants with at most one payload become code in place; everything else
is a call of a function that takes the slots or gives them.

A lowered value is not checked beforehand: its mere use fails when it is wrong, and then
`mismatch` finds out where and why.

Spec: CanonicalABI.md#loading, CanonicalABI.md#storing, CanonicalABI.md#flat-lifting,
CanonicalABI.md#flat-lowering.
"""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from spindle.component.canon import handles, scalars, strings, variants
from spindle.component.canon.despecialize import AnyVariant
from spindle.component.canon.source import Source, tuple_of
from spindle.component.values import attribute, record_class
from spindle.wasm.types import (
    BorrowType,
    EnumType,
    FlagsType,
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


class Functions(NamedTuple):
    """How a type passes by calls: `lift(cx, *slots)` and `lower(cx, value)` to its slots."""

    lift: Callable[..., Any]
    lower: Callable[..., Any]
    type_argument: object = None
    """A further argument of both, unless None."""


class LateFunctions:
    """Functions that are generated when first asked for: most types pass in one direction only."""

    type_argument = None

    def __init__(
        self,
        make_lift: Callable[[], Callable[..., Any]],
        make_lower: Callable[[], Callable[..., Any]],
    ) -> None:
        self._make_lift = make_lift
        self._make_lower = make_lower

    @functools.cached_property
    def lift(self) -> Callable[..., Any]:
        """`lift(cx, *slots)`."""
        return self._make_lift()

    @functools.cached_property
    def lower(self) -> Callable[..., Any]:
        """`lower(cx, value)`."""
        return self._make_lower()


class Form(ABC):
    """How values are written as slots."""

    def __init__(self, ptr_type: str) -> None:
        self.ptr_type = ptr_type

    @abstractmethod
    def zeros(self, t: ValType) -> Sequence[str]:
        """For each slot of the type as a part of another, the source of its empty value."""

    @abstractmethod
    def lift_scalar(self, t: PrimValType, slot: str) -> str:
        """The expression of an integer."""

    @abstractmethod
    def lower_scalar(self, src: Source, t: PrimValType, value: str) -> str:
        """The slot of a number."""

    @abstractmethod
    def split_functions(self, t: ValType) -> LateFunctions | None:
        """The functions of a type that this form never writes in place."""

    @abstractmethod
    def list_functions(self, t: ListType | MapType) -> LateFunctions:
        """The functions of a list that has slots for pointer and length."""

    @abstractmethod
    def open_case(
        self, src: Source, t: AnyVariant, payload: ValType, slots: list[str]
    ) -> list[str]:
        """The slots of one case's payload, from those all cases share."""

    @abstractmethod
    def close_case(
        self, src: Source, t: AnyVariant, payload: ValType, slots: list[str]
    ) -> list[str]:
        """The slots all cases share, from those of one case's payload."""

    def functions(self, t: ValType) -> Functions | LateFunctions | None:
        """The functions of a type that passes by calls."""
        match t:
            case PrimValType.STRING:
                return Functions(strings.load_string_from_range, strings.store_string_into_range)
            case PrimValType.ERROR_CONTEXT:
                return Functions(handles.lift_error_context, handles.lower_error_context)
            case ListType(_, None) | MapType():
                return self.list_functions(t)
            case FlagsType(labels):
                return Functions(scalars.flags_unpacker(labels), scalars.flags_packer(labels))
            case OwnType(rt):
                return Functions(handles.lift_own, handles.lower_own, rt)
            case BorrowType(rt):
                return Functions(handles.lift_borrow, handles.lower_borrow, rt)
            case StreamType(element):
                return Functions(handles.lift_stream, handles.lower_stream, element)
            case FutureType(element):
                return Functions(handles.lift_future, handles.lower_future, element)
            case _:
                return self.split_functions(t)

    def lift(self, src: Source, t: ValType, slots: list[str]) -> str:
        """An expression for the value of these slots; may name a slot several times."""
        functions = self.functions(t)
        if functions is None:
            return self.lift_in_place(src, t, slots)
        return _call(src, functions.lift, ", ".join(slots), functions.type_argument)

    def lower(self, src: Source, t: ValType, value: str) -> list[str]:
        """Statements that make slots of the variable `value`; gives the slots' expressions."""
        functions = self.functions(t)
        if functions is None:
            return self.lower_in_place(src, t, value)
        slots = src.locals(len(self.zeros(t)))
        call = _call(src, functions.lower, value, functions.type_argument)
        src.line(f"{', '.join(slots)} = {call}")
        return slots

    def lift_in_place(self, src: Source, t: ValType, slots: list[str]) -> str:
        """`lift` without a call for the type itself."""
        match t:
            case PrimValType():
                return _lift_scalar(self, src, t, slots[0])
            case RecordType(fields):
                items = self.lift_all(src, [field.type for field in fields], slots)
                new, record = src.bind("new", tuple.__new__), src.bind("Record", record_class(t))
                return f"{new}({record}, {items})"
            case TupleType(types):
                return self.lift_all(src, types, slots)
            case VariantType() | EnumType() | OptionType() | ResultType():
                return variants.lift(self, src, t, slots)
            case _:
                raise AssertionError(f"{t} passes by calls")

    def lower_in_place(self, src: Source, t: ValType, value: str) -> list[str]:
        """`lower` without a call for the type itself."""
        match t:
            case PrimValType():
                return [_lower_scalar(self, src, t, value)]
            case RecordType(fields):
                items = src.local()
                record = src.bind("Record", record_class(t))
                fields_of = src.bind("fields_of", _fields_getter(t))
                src.line(
                    f"{items} = {value} if {value}.__class__ is {record} else {fields_of}({value})"
                )
                return self.lower_all(src, [field.type for field in fields], items)
            case TupleType(types):
                items = src.local()
                items_of = src.bind("items_of", _items_of)
                src.line(
                    f"{items} = {value} if {value}.__class__ is tuple else {items_of}({value})"
                )
                return self.lower_all(src, types, items)
            case VariantType() | EnumType() | OptionType() | ResultType():
                return variants.lower(self, src, t, value)
            case _:
                raise AssertionError(f"{t} passes by calls")

    def lift_all(self, src: Source, types: Sequence[ValType], slots: list[str]) -> str:
        """A tuple of values from their slots."""
        items, at = [], 0
        for t in types:
            width = len(self.zeros(t))
            items.append(self.lift(src, t, slots[at : at + width]))
            at += width
        return tuple_of(items)

    def lower_all(self, src: Source, types: Sequence[ValType], values: str) -> list[str]:
        """The slots of several values, which the variable `values` holds."""
        names = src.locals(len(types))
        src.line(f"{tuple_of(names)} = {values}")
        return [
            slot for t, name in zip(types, names, strict=True) for slot in self.lower(src, t, name)
        ]


def _call(src: Source, function: Callable[..., Any], argument: str, type_argument: object) -> str:
    name = src.bind(function.__name__.strip("<>"), function)
    extra = f", {src.bind('t', type_argument)}" if type_argument is not None else ""
    return f"{name}(cx, {argument}{extra})"


def _lift_scalar(form: Form, src: Source, t: PrimValType, slot: str) -> str:
    match t:
        case PrimValType.BOOL:
            return f"({slot} != 0)"
        case PrimValType.F32 | PrimValType.F64:
            return f"({slot} if {slot} == {slot} else {src.bind('NAN', scalars.NAN)})"
        case PrimValType.CHAR:
            return f"{src.bind('convert_i32_to_char', scalars.convert_i32_to_char)}({slot})"
        case _:
            return form.lift_scalar(t, slot)


def _lower_scalar(form: Form, src: Source, t: PrimValType, value: str) -> str:
    match t:
        case PrimValType.BOOL:
            to_bool = src.bind("to_bool", scalars.to_bool)
            return f"({value} if {value} is True or {value} is False else {to_bool}({value}))"
        case PrimValType.CHAR:
            return f"{src.bind('char_to_i32', scalars.char_to_i32)}({value})"
        case _:
            return form.lower_scalar(src, t, value)


def _fields_getter(t: RecordType) -> Callable[[Any], Sequence[Any]]:
    """What takes the fields out of a value that is not of the record's own class."""
    labels = [field.label for field in t.fields]
    attributes = [attribute(label) for label in labels]

    def fields_of(value: Any) -> Sequence[Any]:
        if isinstance(value, tuple | list):
            return value
        if isinstance(value, dict):
            return [
                value[name] if name in value else value[label]
                for name, label in zip(attributes, labels, strict=True)
            ]
        return [getattr(value, name) for name in attributes]

    return fields_of


def _items_of(value: Any) -> Sequence[Any]:
    if isinstance(value, tuple | list):
        return value
    raise TypeError("not a tuple")
