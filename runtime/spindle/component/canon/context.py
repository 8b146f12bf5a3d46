"""What lifting and lowering a value needs besides the value.

Spec: CanonicalABI.md#lifting-and-lowering-context.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from struct import Struct
from typing import TYPE_CHECKING

from spindle.component.trap import Trap
from spindle.limits import beyond

if TYPE_CHECKING:
    from spindle.component.canon.options import CanonicalOptions
    from spindle.component.instance import ComponentInstance
    from spindle.component.subtask import Subtask
    from spindle.component.task import Task


@lru_cache(maxsize=256)
def _pairs(count: int) -> Struct:
    """Pointers and lengths in turn."""
    return Struct(f"<{2 * count}I")


class LiftLowerContext:
    """The options, the instance and the call a value is lifted or lowered for."""

    __slots__ = ("borrow_scope", "inst", "opts", "room")

    def __init__(
        self,
        opts: CanonicalOptions,
        inst: ComponentInstance,
        borrow_scope: Task | Subtask | None = None,
    ) -> None:
        self.opts = opts
        self.inst = inst
        self.borrow_scope = borrow_scope
        """Who must give borrowed handles back: the callee's task or the caller's subtask."""
        self.room: int | None = None
        """Bytes of ours that the list being lifted may still take, None outside of lists.

        A guest's list may name the same bytes any number of times, so that its memory bounds
        nothing; the specification leaves it to hosts to refuse what takes too much of theirs.
        """

    def charge(self, size: int) -> None:
        """Trap if the list being lifted takes too much with `size` bytes more."""
        room = self.inst.max_buffered_bytes if self.room is None else self.room
        if size > room:
            what = "the guest passed a list that takes too much of the host"
            raise Trap(beyond(what, "max_buffered_bytes", self.inst.max_buffered_bytes))
        self.room = room - size

    @property
    def view(self) -> memoryview:
        """The guest's memory as it was last looked at."""
        memory = self.opts.memory
        assert memory is not None, "validation asks for a memory where values need one"
        return memory.view

    def check(self, ptr: int, alignment: int, size: int, what: str) -> None:
        """Trap unless `size` bytes at `ptr` are aligned and in the guest's memory."""
        if ptr % alignment:
            raise Trap(f"the guest gave {what} that is not aligned: {ptr:#x}")
        if ptr + size > len(self.view):
            memory = self.opts.memory
            assert memory is not None
            if ptr + size > len(memory.refresh()):
                raise Trap(f"the guest gave {what} out of bounds of its memory: {ptr:#x}")

    def reallocate(self, old: int, old_size: int, alignment: int, new_size: int) -> int:
        """Have the guest grow, shrink or move a block; the result is checked."""
        realloc = self.opts.realloc
        assert realloc is not None, "validation asks for realloc where values need one"
        ptr = realloc(old, old_size, alignment, new_size)
        self.check(ptr, alignment, new_size, "a block from `realloc`")
        return ptr

    def allocate_pairs(self, alignment: int, at: int, sizes: Sequence[int]) -> Sequence[int]:
        """Have the guest allocate blocks, one after another, and write their pairs `at` a place.

        The range of the pairs is valid; the blocks are checked.
        """
        opts = self.opts
        memory = opts.memory
        assert memory is not None
        pairs = _pairs(len(sizes))
        slots = [0] * (2 * len(sizes))
        slots[1::2] = sizes
        if opts.fill_pairs is None:
            slots[::2] = [self.allocate(alignment, size) for size in sizes]
            pairs.pack_into(memory.view, at, *slots)
            return slots[::2]
        pairs.pack_into(memory.view, at, *slots)
        opts.fill_pairs(at, len(sizes), alignment)
        blocks = pairs.unpack_from(memory.view, at)[::2]
        end = len(memory.view)
        for ptr, size in zip(blocks, sizes, strict=True):
            if ptr % alignment or ptr + size > end:
                self.check(ptr, alignment, size, "a block from `realloc`")
                end = len(memory.view)
        return blocks

    def allocate(self, alignment: int, size: int) -> int:
        """Have the guest allocate a block; the result is checked."""
        opts = self.opts
        assert opts.realloc is not None
        assert opts.memory is not None
        ptr = opts.realloc(0, 0, alignment, size)
        if ptr % alignment or ptr + size > len(opts.memory.view):
            self.check(ptr, alignment, size, "a block from `realloc`")
        return ptr
