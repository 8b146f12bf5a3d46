"""Bringing an instance back to where it was right after its instantiation.

What a guest can tell from its instance is its memories, tables and mutable globals, and what the
host keeps for it. An instance that nobody ever called, the *original*, still has the first two as
they were: a snapshot that costs no copy, for engine and original share the untouched pages.

- *Memories*: pages that were written to are copied from the original.
- *Tables and globals* are saved and restored by a generated module (`spindle.component.keeper`).
- *Handles* are forgotten. Streams, tasks and threads that are still at work forbid all this.

A guest that has called out while it was instantiated may have seen entropy or the time, which no
two instances may share: it is never restored. Nor is one that trapped. A memory never shrinks: one
that grew stays larger, its new pages empty again; guests see that in `memory.size` alone.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, NamedTuple

from spindle.component import core
from spindle.component.component import Component, finished, follow
from spindle.component.error_context import ErrorContext
from spindle.component.exports import Instance
from spindle.component.imports import Imports
from spindle.component.instance import ComponentInstance
from spindle.component.instantiation import NO_STATES, Instantiation, States, attach
from spindle.component.keeper import keeper_binary
from spindle.component.linker import link
from spindle.component.pages import dirty_pages, forget, tells_dirty_pages
from spindle.component.plan import ROOT, CoreInstantiation, Plan, Slot
from spindle.component.plan_state import GLOBAL, MEMORY, TABLE, Cell
from spindle.component.resource import ResourceHandle
from spindle.component.run_queue import RunQueue
from spindle.component.store import Store
from spindle.component.stream import CopyEnd, CopyState
from spindle.component.subtask import Subtask
from spindle.component.waitable import WaitableSet
from spindle.limits import DEFAULT, Limits

MOST_COPIED = 8 << 20
"""Bytes that are copied at most: beyond, a new instance takes no longer."""

MOST_GROWN = 8 << 20
"""Bytes by which memories that a guest has grown may stay larger."""

MOST_SLICES = 20
"""Time slices the original's start may take, for nobody is served meanwhile."""

AMPLE = 32 * MOST_GROWN
"""A limit of memory beside which that is little."""

_NOTHING, _NUMBER = core.CoreType((), ()), core.CoreType((), ("i32",))


class KeptPlan(NamedTuple):
    """A plan with a keeper at its end."""

    plan: Plan
    keeper: bytes
    """The module the plan's last core instantiation is of."""
    save: Slot
    restore: Slot
    memories: tuple[tuple[Slot, bool], ...]
    """Each with whether it has a maximum."""


def with_keeper(plan: Plan) -> KeptPlan | None:
    """The plan of instances that can be restored; None if they cannot."""
    slots = plan.slots
    steps: list[CoreInstantiation] = []
    cells: list[tuple[Cell, Slot]] = []
    for step in plan.core_instantiations:
        found = plan.modules[step.module].cells
        if found is None:
            return None
        exports = dict(step.exports)
        for cell in found:
            name = cell.name.encode()
            if name not in exports:
                exports[name] = slots
                slots += 1
            cells.append((cell, exports[name]))
        steps.append(step._replace(exports=tuple(exports.items())))
    globals = [(cell, slot) for cell, slot in cells if cell.kind == GLOBAL]
    tables = [(cell, slot) for cell, slot in cells if cell.kind == TABLE]
    imports = tuple(slot for _, slot in (*globals, *tables))
    save, restore = slots, slots + 1
    keeper = CoreInstantiation(
        len(plan.modules), 0, imports, ((b"save", save), (b"restore", restore))
    )
    return KeptPlan(
        plan._replace(slots=slots + 2, core_instantiations=(*steps, keeper)),
        keeper_binary([cell.type for cell, _ in globals], len(tables)),
        save,
        restore,
        tuple((slot, cell.type == "bounded") for cell, slot in cells if cell.kind == MEMORY),
    )


class RestorableInstance(Instance):
    """An instance with what it takes to restore it."""

    __slots__ = ("called_out", "insts", "memories", "restore_core", "restorer")

    def __init__(self, restorer: Restorer, made: Instantiation, kept: KeptPlan) -> None:
        super().__init__(kept.plan.exports, made.store, made.insts[0], made.funcs)
        self.restorer = restorer
        self.called_out = made.called_out
        self.insts = made.insts
        store, slots = made.store.core, made.slots
        self.memories = [store.memory(slots[slot]) for slot, _ in kept.memories]
        self.restore_core = store.nested(slots[kept.restore], _NUMBER)
        store.nested(slots[kept.save], _NOTHING)()

    def adopt(self, state: Any, nested: States = NO_STATES) -> None:
        """Serve other states of the embedder from now on."""
        attach(self.insts, {ROOT: state, **nested})


class Restorer:
    """Makes instances of a component, and restores them."""

    def __init__(
        self, component: Component, imports: Imports, kept: KeptPlan, limits: Limits
    ) -> None:
        self._engine = component.engine
        self._kept = kept
        modules = [*component.modules, self._engine.compile_generated(kept.keeper)]
        self._linkage = link(kept.plan, modules, imports)
        self._limits = limits
        self._may_stay_grown = limits.max_instance_memory >= AMPLE and not any(
            limit for _, limit in kept.memories
        )
        self._original: RestorableInstance | None = None

    @classmethod
    def of(
        cls, component: Component, imports: Imports, limits: Limits = DEFAULT
    ) -> Restorer | None:
        """What restores a component's instances; None if this system or component forbids it."""
        kept = with_keeper(component.plan) if tells_dirty_pages() else None
        return None if kept is None else cls(component, imports, kept, limits)

    def instantiate(
        self, *, state: Any = None, nested: States = NO_STATES, queue: RunQueue | None = None
    ) -> RestorableInstance:
        """A new instance; see `Component.instantiate`."""
        return finished(self.instantiating(state=state, nested=nested, queue=queue))

    def instantiating(
        self, *, state: Any = None, nested: States = NO_STATES, queue: RunQueue | None = None
    ) -> Generator[None, None, RestorableInstance]:
        """The same in steps; see `Component.instantiating`."""
        states = {ROOT: state, **nested}
        made = yield from follow(self._linkage, self._engine, states, queue, None, self._limits)
        return RestorableInstance(self, made, self._kept)

    def restore(self, instance: RestorableInstance) -> bool:
        """Bring an instance back to its beginning; if that cannot be (False), it is to be closed.

        It then waits for `RestorableInstance.adopt`.
        """
        if instance.called_out or not at_rest(instance.store, instance.insts):
            return False
        if self._original is None:
            self._original = finished(self.instantiating(), MOST_SLICES)
        changes = self._changes(instance.memories, self._original.memories)
        if changes is None or not instance.restore_core()[0]:
            return False
        for memory, original, ranges in changes:
            view, source = memory.view, original.view
            for start, end in ranges:
                view[start:end] = source[start:end]
        instance.store.start_over()
        for inst in instance.insts:
            inst.start_over()
        return True

    def _changes(
        self, memories: Sequence[core.Memory], originals: Sequence[core.Memory]
    ) -> list[tuple[core.Memory, core.Memory, list[tuple[int, int]]]] | None:
        """The ranges to copy from each original; None if it is not worth it or impossible."""
        found = []
        copied = 0
        for memory, original in zip(memories, originals, strict=True):
            base, size = memory.base, len(original.view)
            if not self._shrunk(memory, base + size):
                return None
            pages = dirty_pages(base, base + size) if size else []
            if pages is None:
                return None
            copied += sum(end - start for start, end in pages)
            ranges = [(start - base, min(end - base, size)) for start, end in pages]
            found.append((memory, original, ranges))
        return found if copied <= MOST_COPIED else None

    def _shrunk(self, memory: core.Memory, end: int) -> bool:
        """Whether a memory is empty from an address on; what grew may stay, to a degree."""
        grown = memory.base + len(memory.refresh()) - end
        if not grown:
            return True
        return self._may_stay_grown and grown <= MOST_GROWN and forget(end, end + grown)

    def close(self) -> None:
        """Free the original; nothing can be restored any more."""
        if self._original is not None:
            self._original.close()


def at_rest(store: Store, insts: Sequence[ComponentInstance]) -> bool:
    """Whether nothing of an instance goes on, and nobody can still reach into it."""
    return store.at_rest and all(
        inst.at_rest and all(map(_is_idle, inst.handles)) for inst in insts
    )


def _is_idle(handle: Any) -> bool:
    if isinstance(handle, ResourceHandle):
        return handle.num_lends == 0
    if isinstance(handle, CopyEnd):
        return handle.state in (CopyState.IDLE, CopyState.DONE)
    if isinstance(handle, Subtask):
        return handle.resolved()
    if isinstance(handle, WaitableSet):
        return handle.num_waiting == 0
    return isinstance(handle, ErrorContext)
