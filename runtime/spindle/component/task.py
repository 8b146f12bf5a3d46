"""Tasks: calls of exported functions, from their start to their result.

Spec: CanonicalABI.md#task-state.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, TypeAlias

from spindle.component.thread import Blocking, Thread
from spindle.component.trap import trap_if

if TYPE_CHECKING:
    from spindle.component.canon.options import CanonicalOptions
    from spindle.component.instance import ComponentInstance
    from spindle.wasm.types import FuncType

OnStart: TypeAlias = Callable[[], list[Any]]
"""Gives the arguments; called when the callee is ready for them."""
OnResolve: TypeAlias = Callable[["tuple[Any, ...] | None"], None]
"""Takes the result, as a tuple of no or one value; None says the call was cancelled."""
OnCancel: TypeAlias = Callable[["ComponentInstance | None"], None]
"""Asks the callee to cancel."""
FuncInst: TypeAlias = Callable[[OnStart, OnResolve, "Thread | None", Any], OnCancel]
"""A function as others call it: on_start, on_resolve, the calling thread (None: the host) and the
embedder's scope of the invocation."""


class TaskState(Enum):
    """How far a task is."""

    INITIAL = auto()
    STARTED = auto()
    PENDING_CANCEL = auto()
    CANCEL_DELIVERED = auto()
    RESOLVED = auto()


INITIAL, STARTED, PENDING_CANCEL, CANCEL_DELIVERED, RESOLVED = TaskState
"""The members by themselves: looked up on their class they cost ten times as much."""


class Task:
    """One call of a guest's exported function."""

    __slots__ = (
        "ft", "implicit_thread", "inst", "num_borrows", "on_exit", "on_resolve", "on_start", "opts",
        "scope", "state", "threads",
    )  # fmt: skip

    def __init__(
        self,
        ft: FuncType,
        opts: CanonicalOptions,
        inst: ComponentInstance,
        on_start: OnStart,
        on_resolve: OnResolve,
        scope: Any,
    ) -> None:
        self.ft = ft
        self.opts = opts
        self.inst = inst
        self.on_start = on_start
        self.on_resolve = on_resolve
        self.scope = scope
        """What the embedder attached to the invocation this task belongs to."""
        self.on_exit: Callable[[], None] | None = None
        """Called when the last thread has ended, after the result."""
        self.state = INITIAL
        self.num_borrows = 0
        self.implicit_thread: Thread | None = None
        self.threads: list[Thread] = []

    @property
    def resolved(self) -> bool:
        """Whether the result was delivered or the call cancelled."""
        return self.state is RESOLVED

    def needs_exclusive(self) -> bool:
        """Whether only one such task at a time may run in the instance."""
        return not self.opts.is_async or self.opts.callback is not None

    def enter_implicit_thread(self) -> Blocking:
        """Wait for the instance to take this task; False when it was cancelled first."""
        assert self.state is INITIAL
        inst = self.inst
        thread = self.implicit_thread
        assert thread is not None
        if not self.may_enter_now():
            inst.num_waiting_to_enter += 1
            cancelled = yield from thread.wait_until(
                lambda: not self._has_backpressure(), cancellable=True
            )
            inst.num_waiting_to_enter -= 1
            if cancelled:
                self.cancel()
                return False
        self.take_implicit_thread()
        return True

    def may_enter_now(self) -> bool:
        """Whether the instance takes this task without it having to wait."""
        return not self.ft.is_async or not (
            self._has_backpressure() or self.inst.num_waiting_to_enter > 0
        )

    def take_implicit_thread(self) -> None:
        """Enter the instance."""
        thread = self.implicit_thread
        assert thread is not None
        if self.ft.is_async and self.needs_exclusive():
            assert self.inst.exclusive_thread is None
            self.inst.exclusive_thread = thread
        self.register_thread(thread)

    def _has_backpressure(self) -> bool:
        inst = self.inst
        return inst.backpressure > 0 or (
            self.needs_exclusive() and inst.exclusive_thread is not None
        )

    def register_thread(self, thread: Thread) -> None:
        """Count a thread as one of this task's."""
        assert thread.task is self
        self.threads.append(thread)
        thread.index = self.inst.threads.add(thread)

    def exit_implicit_thread(self) -> None:
        """End the implicit thread and let the next task in."""
        thread = self.implicit_thread
        assert thread is not None
        self.unregister_thread(thread)
        if self.ft.is_async and self.needs_exclusive():
            assert self.inst.exclusive_thread is thread
            self.inst.exclusive_thread = None
        self.implicit_thread = None  # each would keep the other alive

    def unregister_thread(self, thread: Thread) -> None:
        """Stop counting a thread; the last one may only go once there is a result."""
        self.threads.remove(thread)
        if not self.threads:
            trap_if(
                self.state is not RESOLVED,
                "the guest's task ended without a result (it never called `task.return`)",
            )
            assert self.num_borrows == 0
            on_exit, self.on_exit = self.on_exit, None
            if on_exit is not None:
                on_exit()
        assert thread.index is not None
        self.inst.threads.remove(thread.index)

    def request_cancellation(self, caller: ComponentInstance | None) -> None:
        """Ask the guest to give up."""
        if self.state is INITIAL:
            self.state = CANCEL_DELIVERED
            assert self.implicit_thread is not None
            self.implicit_thread.resume(cancelled=True)
            return
        if self.state is not STARTED:
            return
        inst = self.inst
        candidates = [thread for thread in self.threads if thread.cancellable]
        if self.needs_exclusive() and inst.exclusive_thread not in (None, self.implicit_thread):
            candidates = [thread for thread in candidates if thread is not self.implicit_thread]
        if candidates and inst.may_enter_from(caller):
            self.state = CANCEL_DELIVERED
            inst.enter_from(caller)
            inst.store.choose(candidates).resume(cancelled=True)
            inst.leave_to(caller)
        else:
            self.state = PENDING_CANCEL

    def deliver_pending_cancel(self, cancellable: bool) -> bool:
        """Whether a cancellation that was asked for reaches the guest here."""
        if cancellable and self.state is PENDING_CANCEL:
            self.state = CANCEL_DELIVERED
            return True
        return False

    def start(self) -> list[Any]:
        """Take the arguments."""
        assert self.state is INITIAL
        self.state = STARTED
        return self.on_start()

    def return_(self, result: tuple[Any, ...]) -> None:
        """Deliver the result."""
        trap_if(self.state is RESOLVED, "the guest returned a result twice")
        trap_if(self.num_borrows > 0, "the guest returned while it still holds borrowed handles")
        self.on_resolve(result)
        self.state = RESOLVED

    def cancel(self) -> None:
        """Confirm a cancellation."""
        trap_if(
            self.state is not CANCEL_DELIVERED,
            "the guest called `task.cancel` without having been cancelled",
        )
        trap_if(self.num_borrows > 0, "the guest cancelled while it still holds borrowed handles")
        self.on_resolve(None)
        self.state = RESOLVED
