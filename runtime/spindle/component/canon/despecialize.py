"""Specialised types as the general ones they stand for.

Spec: CanonicalABI.md#despecialization.
"""

from __future__ import annotations

from typing import TypeAlias

from spindle.wasm.types import (
    BorrowType,
    CaseType,
    EnumType,
    FutureType,
    ListType,
    MapType,
    OptionType,
    RecordType,
    ResultType,
    StreamType,
    TupleType,
    ValType,
    VariantType,
)

AnyVariant: TypeAlias = VariantType | EnumType | OptionType | ResultType


def cases(t: AnyVariant) -> tuple[CaseType, ...]:
    """The cases of a variant, enum, option or result."""
    match t:
        case VariantType(declared):
            return declared
        case EnumType(labels):
            return tuple(CaseType(label, None) for label in labels)
        case OptionType(payload):
            return (CaseType("none", None), CaseType("some", payload))
        case ResultType(ok, error):
            return (CaseType("ok", ok), CaseType("error", error))


def payload_types(t: AnyVariant) -> list[ValType]:
    """The payloads of those cases that have one."""
    return [case.type for case in cases(t) if case.type is not None]


def children(t: ValType) -> tuple[ValType, ...]:
    """The types a type is made of directly."""
    match t:
        case ListType(element, _):
            return (element,)
        case MapType(key, value):
            return (key, value)
        case RecordType(fields):
            return tuple(field.type for field in fields)
        case TupleType(types):
            return types
        case VariantType() | EnumType() | OptionType() | ResultType():
            return tuple(payload_types(t))
        case StreamType(element) | FutureType(element) if element is not None:
            return (element,)
        case _:
            return ()


def contains_borrow(t: ValType) -> bool:
    """Whether values of the type may carry borrowed handles."""
    return isinstance(t, BorrowType) or any(contains_borrow(u) for u in children(t))


def contains_async_value(t: ValType) -> bool:
    """Whether values of the type may carry streams or futures."""
    return isinstance(t, StreamType | FutureType) or any(
        contains_async_value(u) for u in children(t)
    )
