"""Where the parts of a value lie in memory, as formats of `struct`.

A type's layout is a list of *slots*, the items its format unpacks to. Scalars are one slot, strings
and lists two (pointer and length), records the slots of their fields. What cannot be told by a
format alone is *embedded* as one slot of raw bytes that a function of its own reads: the payload of
a variant whose cases differ, a fixed-length list, and whatever is too large or too deep.

Spec: CanonicalABI.md#alignment, CanonicalABI.md#element-size.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import NamedTuple

from spindle.component.canon.cache import MAX_SIZE
from spindle.component.canon.despecialize import AnyVariant, cases, payload_types
from spindle.wasm.types import (
    EnumType,
    FlagsType,
    ListType,
    MapType,
    OptionType,
    PrimValType,
    RecordType,
    ResultType,
    TupleType,
    ValType,
    VariantType,
)

MAX_SLOTS = 64
MAX_HEIGHT = 8
"""Types nested deeper are split into functions: Python's parser has limits too."""

FORMATS = {
    PrimValType.BOOL: "?",
    PrimValType.S8: "b",
    PrimValType.U8: "B",
    PrimValType.S16: "h",
    PrimValType.U16: "H",
    PrimValType.S32: "i",
    PrimValType.U32: "I",
    PrimValType.S64: "q",
    PrimValType.U64: "Q",
    PrimValType.F32: "f",
    PrimValType.F64: "d",
    PrimValType.CHAR: "I",
    PrimValType.ERROR_CONTEXT: "I",
}
_SIZES = {"?": 1, "b": 1, "B": 1, "h": 2, "H": 2, "i": 4, "I": 4, "q": 8, "Q": 8, "f": 4, "d": 8}


class Layout(NamedTuple):
    """One type in memory."""

    format: str
    """Of `struct`, little-endian and without implied padding; covers `size` bytes."""
    zeros: tuple[str, ...]
    """For each slot, the Python source of what to pack where nothing is."""
    size: int
    alignment: int
    height: int = 0
    """How deep the type is nested, up to where it is embedded."""
    is_embedded: bool = False
    """Whether other types hold it as one slot of bytes."""


def align_to(offset: int, alignment: int) -> int:
    """The next offset that is aligned."""
    return -(-offset // alignment) * alignment


def discriminant_format(t: AnyVariant) -> str:
    """The format of the integer that tells the cases apart."""
    count = len(cases(t))
    return "B" if count <= 1 << 8 else "H" if count <= 1 << 16 else "I"


@functools.lru_cache(maxsize=MAX_SIZE)
def layout(t: ValType, ptr_type: str = "i32") -> Layout:
    """The layout of a type."""
    match t:
        case PrimValType.STRING | MapType() | ListType(_, None):
            pointer = "I" if ptr_type == "i32" else "Q"
            return Layout(pointer * 2, ("0", "0"), 2 * _SIZES[pointer], _SIZES[pointer])
        case PrimValType():
            return _scalar(FORMATS[t])
        case ListType(element, int(length)):
            inner = layout(element, ptr_type)
            return _embedded(inner.size * length, inner.alignment)
        case RecordType(fields):
            return _sequence([layout(field.type, ptr_type) for field in fields])
        case TupleType(types):
            return _sequence([layout(u, ptr_type) for u in types])
        case VariantType() | EnumType() | OptionType() | ResultType():
            return _variant(t, ptr_type)
        case FlagsType(labels):
            return _scalar("B" if len(labels) <= 8 else "H" if len(labels) <= 16 else "I")
        case _:
            return _scalar("I")


def embed(inner: Layout) -> Layout:
    """A layout as a part of another: itself, or one slot of bytes."""
    return _embedded(inner.size, inner.alignment) if inner.is_embedded else inner


def _scalar(code: str) -> Layout:
    return Layout(code, ("0",), _SIZES[code], _SIZES[code])


def _embedded(size: int, alignment: int) -> Layout:
    return Layout(f"{size}s", ('b""',), size, alignment, is_embedded=True)


def _sequence(parts: Iterable[Layout]) -> Layout:
    """Parts one after another, each aligned, and padding at the end."""
    formats: list[str] = []
    zeros: list[str] = []
    offset, alignment, height = 0, 1, 0
    for part in map(embed, parts):
        formats.append(_padding(align_to(offset, part.alignment) - offset) + part.format)
        zeros += part.zeros
        offset = align_to(offset, part.alignment) + part.size
        alignment = max(alignment, part.alignment)
        height = max(height, part.height + 1)
    size = align_to(offset, alignment)
    return Layout(
        "".join(formats) + _padding(size - offset),
        tuple(zeros),
        size,
        alignment,
        height,
        len(zeros) > MAX_SLOTS or height >= MAX_HEIGHT,
    )


def _variant(t: AnyVariant, ptr_type: str) -> Layout:
    discriminant = _scalar(discriminant_format(t))
    payloads = [layout(u, ptr_type) for u in payload_types(t)]
    if not payloads:
        return discriminant
    if len(payloads) == 1:
        return _sequence([discriminant, payloads[0]])
    union = Layout(
        f"{max(p.size for p in payloads)}s",
        ('b""',),
        max(p.size for p in payloads),
        max(p.alignment for p in payloads),
    )
    return _sequence([discriminant, union])


def _padding(size: int) -> str:
    return f"{size}x" if size else ""
