"""A guest's `realloc` as the canonical ABI uses it: one block at a time, or many at once.

Each call into a guest costs the host more than the guest's own work, and a list of strings takes a
block for each of them. A generated core function calls `realloc` for each pair of pointer and
length in the guest's memory, in the order in which the host would.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from spindle.component import core
from spindle.component.canon.options import FillPairs
from spindle.component.store import stand_in
from spindle.component.trap import Trap

if TYPE_CHECKING:
    from spindle.component.instance import ComponentInstance
    from spindle.component.thread import Thread


class Allocator:
    """One `realloc` of one component instance, run as a task of its own that may not call out.

    The blocks it gives are not checked. Raises `Trap`.
    """

    __slots__ = ("_fill", "_inst", "_one", "_realloc", "_thread")

    def __init__(self, inst: ComponentInstance, realloc: core.Extern, ptr_type: str) -> None:
        self._inst = inst
        self._realloc = realloc
        self._thread: Thread | None = None
        store = inst.store.core
        self._one = store.nested(realloc, core.CoreType((ptr_type,) * 4, (ptr_type,)))
        self._fill: dict[bytes, FillPairs] = {}

    def reallocate(self, old: int, old_size: int, alignment: int, new_size: int) -> int:
        """Grow, shrink or move a block."""
        return self._call(self._one, old, old_size, alignment, new_size)[0]

    def fill_pairs(self, memory: core.Extern) -> FillPairs:
        """What allocates blocks for pairs in a memory, which has 32-bit addresses."""
        found = self._fill.get(memory.raw)
        if found is None:
            store = self._inst.store.core
            instance = store.instantiate(store.engine.filler(), [self._realloc, memory])
            function = instance.export("fill")
            assert function is not None
            call = store.nested(function, core.FILLER_TYPE)
            found = self._fill[memory.raw] = functools.partial(self._call, call)
        return found

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
