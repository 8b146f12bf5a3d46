"""Lists by which a guest's small memory would become much of ours."""

from __future__ import annotations

from struct import pack_into

import pytest
from tests.component.guest_memory import GuestMemory, context

from spindle.component.canon.codec import codec
from spindle.component.trap import Trap
from spindle.wasm.types import ListType, PrimValType, TupleType, ValType

BYTES = ListType(PrimValType.U8)
SIZE = 8 << 20
MESSAGE = "takes too much of the host: the limit is 128 MiB "


def naming_one_block(count: int, size: int) -> GuestMemory:
    """A list at 0 of that many pairs, each of which points to the same block."""
    memory = GuestMemory(SIZE)
    pack_into("<II", memory.bytes, 0, 8, count)
    pack_into(f"<{2 * count}I", memory.bytes, 8, *(1 << 16, size) * count)
    return memory


@pytest.mark.parametrize("element", [PrimValType.STRING, BYTES, ListType(PrimValType.F64)])
def test_one_block_that_is_named_many_times(element: ValType) -> None:
    cx = context(memory=naming_one_block(5000, 1 << 17))
    with pytest.raises(Trap, match=MESSAGE):
        codec(ListType(element)).load(cx, 0)


@pytest.mark.parametrize("element", [PrimValType.STRING, BYTES])
def test_what_is_within_bounds_may_be_repeated(element: ValType) -> None:
    cx = context(memory=naming_one_block(10, 1 << 20))
    for _ in range(100):
        assert len(codec(ListType(element)).load(cx, 0)) == 10


@pytest.mark.parametrize("element", [TupleType((PrimValType.U8,)), PrimValType.CHAR])
def test_more_elements_than_there_is_time_for(element: ValType) -> None:
    memory = GuestMemory(4 * SIZE)
    pack_into("<II", memory.bytes, 0, 8, 7 << 20)
    with pytest.raises(Trap, match=MESSAGE):
        codec(ListType(element)).load(context(memory=memory), 0)
