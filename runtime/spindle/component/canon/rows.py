"""Lowering rows that are given by columns (`spindle.component.columns`).

All rows are made side by side in a buffer of ours, a column at a time: numbers are copied with the
distance between rows as stride, strings get their blocks of the guest by one call for all. Then
each row moves to its block.

Spec: CanonicalABI.md#storing (`store_list`, `store_variant`).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from spindle.component.canon.layout import align_to, layout
from spindle.component.canon.lists import StoreElements
from spindle.component.columns import Column, Rows
from spindle.wasm.types import CaseType, ListType, PrimValType, ValType, VariantType

if TYPE_CHECKING:
    from spindle.component.canon.context import LiftLowerContext

_INTEGERS_AND_FLOATS = {
    PrimValType.S8: "b", PrimValType.U8: "B", PrimValType.S16: "h", PrimValType.U16: "H",
    PrimValType.S32: "i", PrimValType.U32: "I", PrimValType.S64: "q", PrimValType.U64: "Q",
    PrimValType.F32: "f", PrimValType.F64: "d",
}  # fmt: skip
_MOST_CASES = 256
"""Of a variant whose discriminant is a byte."""
_PAIR = 8
"""Bytes of a pointer and a length."""
_AT_ONCE = 1024
"""Rows that are made side by side."""


class _Place(NamedTuple):
    """Where a column's values go."""

    cx: LiftLowerContext
    buffer: bytearray
    """All rows, side by side."""
    offset: int
    """The first value's payload in there."""
    stride: int
    """From one row to the next."""
    scratch: int
    """Memory of the guest for as many pairs as there are rows."""


def is_rows(t: ValType) -> bool:
    """Whether a list's elements may be given by columns."""
    match t:
        case ListType(VariantType(cases), None):
            return len(cases) <= _MOST_CASES
    return False


def rows_storer(
    general: StoreElements, row: ListType, store: Callable[[ValType], Any]
) -> StoreElements:
    """How rows are written, to a 32-bit memory: with `general`, unless they are given by columns.

    `store` makes what writes one value of a type.
    """
    variant = row.element
    assert isinstance(variant, VariantType)
    where = layout(variant)
    payloads = [layout(case.type).alignment for case in variant.cases if case.type is not None]
    payload_at = align_to(1, max(payloads, default=1))
    indices = {case.label: index for index, case in enumerate(variant.cases)}

    def store_rows(cx: LiftLowerContext, values: Any, memory: Any, offset: int) -> None:
        if values.__class__ is not Rows or cx.opts.string_encoding != "utf8":
            general(cx, values, memory, offset)
        else:
            for start in range(0, len(values), _AT_ONCE):
                store_some(cx, values[start : start + _AT_ONCE], offset + start * _PAIR)

    def store_some(cx: LiftLowerContext, values: Rows, offset: int) -> None:
        count, width = len(values), where.size * len(values.columns)
        buffer = bytearray(count * width)
        for number, column in enumerate(values.columns):
            at = number * where.size
            index = indices[column.label]
            buffer[at::width] = _discriminants(column, index, indices)
            place = _Place(cx, buffer, at + payload_at, width, offset)
            _store_payloads(place, variant.cases[index], column.values, store)
        _move(cx, buffer, count, width, where.alignment, offset)
        lengths = [len(values.columns)] * count
        view = cx.opts.memory.view  # type: ignore[union-attr]  # validated
        view[offset : offset + _PAIR * count].cast("I")[1::2] = memoryview(array("I", lengths))

    return store_rows


def _discriminants(column: Column, index: int, indices: dict[str, int]) -> bytes:
    values = column.values
    if values.__class__ is array or None not in values:
        return bytes([index]) * len(values)
    null = indices[column.null]
    return bytes([null if value is None else index for value in values])


def _store_payloads(
    place: _Place, case: CaseType, values: Sequence[Any], store: Callable[[ValType], Any]
) -> None:
    t = case.type
    if t is None:
        return
    if isinstance(t, PrimValType) and t in _INTEGERS_AND_FLOATS:
        _store_numbers(place, _INTEGERS_AND_FLOATS[t], values)
    elif t is PrimValType.BOOL:
        place.buffer[place.offset :: place.stride] = bytes([value is True for value in values])
    elif t is PrimValType.STRING or t == ListType(PrimValType.U8):
        _store_blocks(place, values)
    else:
        view, store_one = memoryview(place.buffer), store(t)
        for value, offset in zip(
            values, range(place.offset, len(place.buffer), place.stride), strict=True
        ):
            if value is not None:
                store_one(place.cx, value, view, offset)


def _store_numbers(place: _Place, code: str, values: Sequence[Any]) -> None:
    if values.__class__ is not array:
        values = array(code, [0 if value is None else value for value in values])
    numbers: Any = memoryview(values)
    assert numbers.format == code, "a column's array is of the case's format"
    size = numbers.itemsize
    target: Any = memoryview(place.buffer).cast(numbers.format)
    target[place.offset // size :: place.stride // size] = numbers


def _store_blocks(place: _Place, values: Sequence[Any]) -> None:
    """Texts or bytes: each has a block of its own."""
    contents = [
        value.encode() if value.__class__ is str else value for value in values if value is not None
    ]
    if not contents:
        return
    sizes = list(map(len, contents))
    pointers = place.cx.allocate_pairs(1, place.scratch, sizes)
    view = place.cx.opts.memory.view  # type: ignore[union-attr]  # validated
    for pointer, size, content in zip(pointers, sizes, contents, strict=True):
        view[pointer : pointer + size] = content
    if len(contents) < len(values):
        pairs = iter(zip(pointers, sizes, strict=True))
        both = [(0, 0) if value is None else next(pairs) for value in values]
        pointers, sizes = [pair[0] for pair in both], [pair[1] for pair in both]
    target, stride = memoryview(place.buffer).cast("I"), place.stride // 4
    target[place.offset // 4 :: stride] = memoryview(array("I", pointers))
    target[place.offset // 4 + 1 :: stride] = memoryview(array("I", sizes))


def _move(
    cx: LiftLowerContext, buffer: bytearray, count: int, width: int, alignment: int, offset: int
) -> None:
    """Give each row its block, and the blocks' places to the pairs at `offset`."""
    pointers = cx.allocate_pairs(alignment, offset, [width] * count)
    view, rows = cx.opts.memory.view, memoryview(buffer)  # type: ignore[union-attr]  # validated
    for row, pointer in zip(range(0, len(buffer), width), pointers, strict=True):
        view[pointer : pointer + width] = rows[row : row + width]
