"""Lists and maps: element by element through their codec, numbers in one piece.

Spec: CanonicalABI.md#loading (`load_list`), CanonicalABI.md#storing (`store_list`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from struct import Struct
from typing import TYPE_CHECKING, Any, TypeAlias

from spindle.component.canon.scalars import NAN, to_bool, to_f32
from spindle.component.canon.strings import UNCHARGED
from spindle.component.columns import Rows
from spindle.component.trap import Trap
from spindle.component.values import ValueTypeError
from spindle.wasm.types import ListType, MapType, PrimValType, TupleType, ValType

if TYPE_CHECKING:
    from spindle.component.canon.context import LiftLowerContext

FIELDS = ListType(TupleType((PrimValType.STRING, ListType(PrimValType.U8))))


MAX_LIST_BYTE_LENGTH = (1 << 28) - 1
REALLOC_I32_MAX = (1 << 32) - 1
NUMBER_COST = 36
"""Bytes a number in a list takes; see `LiftLowerContext.room`."""
ELEMENT_COST = 256
"""Bytes any other element is taken to need, which also bounds how many of them there are."""

LoadElements: TypeAlias = "Callable[[LiftLowerContext, Any, int, int], Any]"
"""context, memory view, offset, count → the elements; the range is valid."""
StoreElements: TypeAlias = "Callable[[LiftLowerContext, Any, Any, int], None]"
"""context, sized elements, memory view, offset; the range is valid."""

NUMBERS = {
    PrimValType.S8: "b",
    PrimValType.U16: "H",
    PrimValType.S16: "h",
    PrimValType.U32: "I",
    PrimValType.S32: "i",
    PrimValType.U64: "Q",
    PrimValType.S64: "q",
    PrimValType.F32: "f",
    PrimValType.F64: "d",
}


def load_bytes(cx: LiftLowerContext, buffer: Any, offset: int, count: int) -> bytes:
    """The elements of a `list<u8>`."""
    if count > UNCHARGED and cx.room is not None:
        cx.charge(count)
    return buffer[offset : offset + count].tobytes()  # type: ignore[no-any-return]


def store_bytes(cx: LiftLowerContext, values: Any, buffer: Any, offset: int) -> None:
    """Write the elements of a `list<u8>`."""
    buffer[offset : offset + len(values)] = values


def load_bools(cx: LiftLowerContext, buffer: Any, offset: int, count: int) -> list[bool]:
    """The elements of a `list<bool>`."""
    return list(map(bool, buffer[offset : offset + count]))


def store_bools(cx: LiftLowerContext, values: Any, buffer: Any, offset: int) -> None:
    """Write the elements of a `list<bool>`."""
    buffer[offset : offset + len(values)] = bytes(map(to_bool, values))


def numbers_loader(t: PrimValType) -> LoadElements:
    """How the elements of a list of numbers are read in one piece."""
    code = NUMBERS[t]
    size = Struct("<" + code).size

    def load_numbers(cx: LiftLowerContext, buffer: Any, offset: int, count: int) -> list[Any]:
        # wasmtime runs on little-endian machines alone, so native is the guest's order.
        return buffer[offset : offset + count * size].cast(code).tolist()  # type: ignore[no-any-return]

    def load_floats(cx: LiftLowerContext, buffer: Any, offset: int, count: int) -> list[float]:
        values = load_numbers(cx, buffer, offset, count)
        total = sum(values)
        if total != total:
            return [value if value == value else NAN for value in values]
        return values

    return load_floats if code in "fd" else load_numbers


def numbers_storer(t: PrimValType) -> StoreElements:
    """How the elements of a list of numbers are written in one piece."""
    code = NUMBERS[t]

    def store_numbers(cx: LiftLowerContext, values: Any, buffer: Any, offset: int) -> None:
        if code == "f":
            values = list(map(to_f32, values))
        Struct(f"<{len(values)}{code}").pack_into(buffer, offset, *values)

    return store_numbers


def fields_storer(general: StoreElements) -> StoreElements:
    """How the elements of `FIELDS` are written: with `general`, unless they are plain.

    Every HTTP request has them. All their blocks are allocated by one call into the guest.
    """

    def store_fields(cx: LiftLowerContext, values: Any, buffer: Any, offset: int) -> None:
        contents = _plain_fields(values)
        if contents is None or cx.opts.string_encoding != "utf8":
            general(cx, values, buffer, offset)
            return
        pointers = cx.allocate_pairs(1, offset, [len(content) for content in contents])
        view = cx.opts.memory.view  # type: ignore[union-attr]  # validated
        for pointer, content in zip(pointers, contents, strict=True):
            view[pointer : pointer + len(content)] = content

    return store_fields


def _plain_fields(values: Any) -> list[bytes] | None:
    """Names and values in turn; None if they are not pairs of plain text and bytes."""
    contents: list[bytes] = []
    for field in values:
        if field.__class__ is not tuple or len(field) != 2:
            return None
        name, value = field
        if name.__class__ is not str or value.__class__ is not bytes:
            return None
        contents += (name.encode(), value)
    return contents


def counted(load_elements: LoadElements, cost: int) -> LoadElements:
    """The same, bounded: each element is taken to cost so many bytes of ours."""

    def load_counted(cx: LiftLowerContext, buffer: Any, offset: int, count: int) -> Any:
        outermost = cx.room is None
        cx.charge(count * cost)
        values = load_elements(cx, buffer, offset, count)
        if outermost:
            cx.room = None
        return values

    return load_counted


def list_loader(
    load_elements: LoadElements, size: int, alignment: int
) -> Callable[[LiftLowerContext, int, int], Any]:
    """How a list of such elements is read from a pointer and a length the guest gave."""

    def load_list_from_range(cx: LiftLowerContext, ptr: int, length: int) -> Any:
        byte_length = length * size
        if byte_length > MAX_LIST_BYTE_LENGTH:
            raise Trap(f"the guest gave a list of {byte_length} bytes, more than a list may have")
        view = cx.opts.memory.view  # type: ignore[union-attr]  # validated
        if ptr % alignment or ptr + byte_length > len(view):
            cx.check(ptr, alignment, byte_length, "a list")
            view = cx.view
        return load_elements(cx, view, ptr, length)

    return load_list_from_range


def list_storer(
    store_elements: StoreElements, sized: Callable[[Any], Any], size: int, alignment: int
) -> Callable[[LiftLowerContext, Any], tuple[int, int]]:
    """How a list of such elements is written to memory the guest allocates."""

    def store_list_into_range(cx: LiftLowerContext, value: Any) -> tuple[int, int]:
        values = sized(value)
        length = len(values)
        byte_length = length * size
        if byte_length > REALLOC_I32_MAX:
            raise ValueTypeError(
                f"expected list, got one of {byte_length} bytes, which is too long"
            )
        ptr = cx.allocate(alignment, byte_length)
        store_elements(cx, values, cx.opts.memory.view, ptr)  # type: ignore[union-attr]  # validated
        return ptr, length

    return store_list_into_range


def bulk_loader(t: ValType) -> LoadElements | None:
    """How a list of scalars is read in one piece; None for other elements."""
    if t is PrimValType.U8:
        return load_bytes
    if t is PrimValType.BOOL:
        return counted(load_bools, NUMBER_COST)
    if isinstance(t, PrimValType) and t in NUMBERS:
        return counted(numbers_loader(t), NUMBER_COST)
    return None


def bulk_storer(t: ValType) -> StoreElements | None:
    """How a list of scalars is written in one piece; None for other elements."""
    if t is PrimValType.U8:
        return store_bytes
    if t is PrimValType.BOOL:
        return store_bools
    return numbers_storer(t) if isinstance(t, PrimValType) and t in NUMBERS else None


def sized(t: ListType | MapType) -> Callable[[Any], Any]:
    """What makes a list's value something with a length."""
    if isinstance(t, MapType):
        return sized_map
    return sized_bytes if t.element is PrimValType.U8 else sized_list


def sized_bytes(value: Any) -> Any:
    """A `list<u8>` as something that can be copied."""
    if value.__class__ is bytes or value.__class__ is bytearray:
        return value
    if isinstance(value, memoryview):
        return value.cast("B") if value.contiguous else value.tobytes()
    if isinstance(value, str | int | Mapping):
        raise TypeError("not bytes")
    return bytes(value)


def sized_list(value: Any) -> Any:
    """A list as something with a length."""
    if value.__class__ is list or value.__class__ is tuple or value.__class__ is Rows:
        return value
    if isinstance(value, str | Mapping):
        raise TypeError("not a list")
    return list(value)


def sized_map(value: Any) -> Any:
    """A map as pairs."""
    return list(value.items()) if isinstance(value, Mapping) else sized_list(value)
