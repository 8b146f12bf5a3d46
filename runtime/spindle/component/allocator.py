"""A guest's `realloc` as the canonical ABI uses it: one block at a time, or many at once.

Each call into a guest costs the host more than the guest's own work, and a list of strings takes a
block for each of them. A few generated core functions call `realloc` for several blocks in a row,
in the order in which one call each would; a guest cannot tell the difference.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from spindle.component import core
from spindle.component.store import stand_in
from spindle.component.trap import Trap

if TYPE_CHECKING:
    from spindle.component.instance import ComponentInstance
    from spindle.component.thread import Thread


class Allocator:
    """One `realloc` of one component instance, run as a task of its own that may not call out.

    The blocks it gives are not checked. Raises `Trap`.
    """

    __slots__ = ("_batches", "_inst", "_one", "_thread")

    def __init__(self, inst: ComponentInstance, realloc: core.Extern, ptr_type: str) -> None:
        self._inst = inst
        self._thread: Thread | None = None
        store = inst.store.core
        self._one = store.nested(realloc, core.CoreType((ptr_type,) * 4, (ptr_type,)))
        self._batches = _batches(store, realloc) if ptr_type == "i32" else ()

    def reallocate(self, old: int, old_size: int, alignment: int, new_size: int) -> int:
        """Grow, shrink or move a block."""
        return self._call(self._one, old, old_size, alignment, new_size)[0]

    def allocate_each(self, alignment: int, sizes: Sequence[int]) -> list[int]:
        """A new block of each size."""
        blocks: list[int] = []
        at = 0
        for count, call in self._batches:
            while len(sizes) - at >= count:
                blocks += self._call(call, alignment, *sizes[at : at + count])
                at += count
        for size in sizes[at:]:
            blocks.append(self.reallocate(0, 0, alignment, size))
        return blocks

    def _call(self, call: Callable[..., tuple[core.CoreValue, ...]], *args: int) -> tuple[int, ...]:
        inst = self._inst
        thread = self._thread
        if thread is None:
            thread = self._thread = stand_in(inst)
        thread.storage = [0, 0]
        inst.may_leave = False
        store = inst.store
        outer, store.current_thread = store.current_thread, thread
        try:
            blocks = call(*args)
        except core.CoreTrap as error:
            raise Trap(error.message, error.frames) from error
        finally:
            store.current_thread = outer
        inst.may_leave = True
        return blocks  # type: ignore[return-value]  # a pointer is no float


def _batches(
    store: core.Store, realloc: core.Extern
) -> tuple[tuple[int, Callable[..., tuple[core.CoreValue, ...]]], ...]:
    instance = store.instantiate(store.engine.batches(), [realloc])
    found = []
    for count in core.BATCHES:
        function = instance.export(str(count))
        assert function is not None
        core_type = core.CoreType(("i32",) * (count + 1), ("i32",) * count)
        found.append((count, store.nested(function, core_type)))
    return tuple(found)
