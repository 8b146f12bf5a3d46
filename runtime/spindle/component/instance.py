"""The state of one component instance.

Spec: CanonicalABI.md#component-instances.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from spindle.component.ends import HostReadable
from spindle.component.resource import ResourceHandle
from spindle.component.stream import CopyEnd
from spindle.component.table import Table
from spindle.wasm.types import FieldType, FuncType, PrimValType

if TYPE_CHECKING:
    from spindle.component.store import Store
    from spindle.component.thread import Thread
    from spindle.wasm.types import ResourceType

Destructor: TypeAlias = Callable[..., Any]
"""What ends a resource: for the host's, a function of the object; for a guest's, its lifted
destructor (`DTOR_TYPE`)."""
DTOR_TYPE = FuncType((FieldType("rep", PrimValType.U32),), None)


class ComponentInstance:
    """One instance of a component: its handles, its threads and who may enter it."""

    __slots__ = (
        "ancestry", "backpressure", "exclusive_thread", "handles", "max_buffered_bytes",
        "may_enter", "may_leave",
        "name", "num_waiting_to_enter", "parent", "state", "store", "threads",
    )  # fmt: skip

    def __init__(
        self, store: Store, parent: ComponentInstance | None = None, state: Any = None
    ) -> None:
        assert parent is None or parent.store is store
        self.store: Store = store
        store.instances.append(self)
        self.parent: ComponentInstance | None = parent
        self.state: Any = state if state is not None or parent is None else parent.state
        """What the embedder attached: host functions find it on their task's instance."""
        self.name: str | None = None
        limits = store.core.limits
        max_handles = limits.max_handles
        self.max_buffered_bytes = limits.max_buffered_bytes
        """Bytes of ours that lifting one list may take."""
        self.handles: Table[Any] = Table(max_handles)
        self.threads: Table[Thread] = Table(max_handles)
        self.may_enter = True
        self.may_leave = True
        self.backpressure = 0
        self.num_waiting_to_enter = 0
        self.exclusive_thread: Thread | None = None
        self.ancestry: frozenset[ComponentInstance] = frozenset(
            {self, *(parent.ancestry if parent else ())}
        )
        """This instance and all it is nested in."""

    @property
    def at_rest(self) -> bool:
        """Whether no task of it is under way."""
        return (
            self.may_enter
            and self.may_leave
            and self.exclusive_thread is None
            and not self.num_waiting_to_enter
            and next(iter(self.threads), None) is None
        )

    def let_go(self) -> None:
        """Destroy what it still has of the host's, which it will never drop itself."""
        for handle in self.handles:
            if isinstance(handle, ResourceHandle):
                impl, dtor = self.resource_impl(handle.rt)
                if handle.own and impl is None and dtor is not None:
                    with suppress(Exception):  # one that fails must not keep the rest
                        dtor(handle.rep)
            elif isinstance(handle, CopyEnd) and isinstance(handle.shared, HostReadable):
                handle.shared.drop()
        self.handles.clear()

    def start_over(self) -> None:
        """Have no handles and no past; it must be at rest, and what its handles mean too."""
        self.handles.clear()
        self.threads.clear()
        self.backpressure = 0

    def may_enter_from(self, caller: ComponentInstance | None) -> bool:
        """Whether a call from `caller` (None: the host) may come in now."""
        if caller is None and self.parent is None:
            return self.may_enter
        return all(inst.may_enter for inst in self.entering_set(caller))

    def enter_from(self, caller: ComponentInstance | None) -> None:
        """Close every instance the call enters against other calls."""
        if caller is None and self.parent is None:
            self.may_enter = False
            return
        for inst in self.entering_set(caller):
            inst.may_enter = False

    def leave_to(self, caller: ComponentInstance | None) -> None:
        """Undo `enter_from`."""
        if caller is None and self.parent is None:
            self.may_enter = True
            return
        for inst in self.entering_set(caller):
            inst.may_enter = True

    def entering_set(self, caller: ComponentInstance | None) -> frozenset[ComponentInstance]:
        """The instances a call from `caller` enters: those around the callee but not the caller."""
        return self.ancestry - caller.ancestry if caller is not None else self.ancestry

    def resource_impl(self, rt: ResourceType) -> tuple[ComponentInstance | None, Destructor | None]:
        """The instance that implements a resource type (None: the host) and its destructor."""
        return self.store.resources.get(rt, (None, None))
