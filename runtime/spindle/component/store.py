"""The store: everything one root instance needs to run, and the scheduler of its threads.

Theory of operation
-------------------
A thread is a Python generator (`spindle.component.thread`) that runs until it blocks. `run` picks
a thread that is ready and resumes it, again and again, until none is or the time slice is over.
It is called by whoever embeds the store (`wake` asks for it), never recursively.

*Holding.* Two things stop a thread where the specification has no suspension point: its time slice
ended in the middle of core code, or it called a synchronous function whose callee (the host, or
another guest) is not done. Until it goes on, no other guest code of this store may run, for a
guest caught between two instructions must not be entered. Such threads lie on the stack `held`;
the topmost that can go on is resumed. What the host has to tell a guest meanwhile waits in
`posted`.

*Order.* Ready threads are resumed in the order in which they began to wait, or, given a `seed`, in
an order the seed decides; one seed always gives one order.

Spec: CanonicalABI.md#embedding, `Store`.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from spindle.component import core
from spindle.component.canon.options import CanonicalOptions
from spindle.component.task import FuncInst, OnCancel, OnResolve, OnStart, Task
from spindle.component.thread import Blocking, Thread
from spindle.component.trap import Trap
from spindle.wasm.types import FuncType

if TYPE_CHECKING:
    import asyncio

    from spindle.component.instance import ComponentInstance, Destructor
    from spindle.component.run_queue import RunQueue
    from spindle.wasm.types import ResourceType

_START = FuncType((), None)


class Store:
    """One root instance's core store, its threads and their scheduler."""

    __slots__ = (
        "_running", "_scheduled", "choose", "closed", "core", "current_thread", "failure", "held",
        "nesting_depth", "on_failure", "pending", "posted", "queue", "resources", "slice",
        "sync_tasks", "waiting",
    )  # fmt: skip

    def __init__(
        self,
        core_store: core.Store,
        queue: RunQueue,
        *,
        seed: int | None = None,
    ) -> None:
        self.core = core_store
        self.queue = queue
        self.choose: Callable[[list[Any]], Any] = (
            random.Random(seed).choice if seed is not None else _first
        )
        self.waiting: list[Thread] = []
        self.held: list[Thread] = []
        self.posted: deque[Callable[[], None]] = deque()
        self.pending: set[asyncio.Future[Any]] = set()
        """What host functions of this store still wait for."""
        self.sync_tasks: list[Task] = []
        """Unfinished calls of synchronous functions by the host."""
        self.current_thread: Thread | None = None
        self.nesting_depth = 0
        self.resources: dict[ResourceType, tuple[ComponentInstance | None, Destructor | None]] = {}
        self.failure: BaseException | None = None
        """What ended this store; nothing runs in it any more."""
        self.on_failure: Callable[[BaseException], None] | None = None
        self.closed = False
        self.slice = core_store.engine.ticks
        """The tick in which the current time slice began."""
        self._scheduled = False
        self._running = False

    def may_go_on(self) -> bool:
        """Whether the time slice is not over yet."""
        return self.slice == self.core.engine.ticks

    def wake(self) -> None:
        """See to it that `run` is called soon."""
        if not self._scheduled and not self._running and self.failure is None:
            self._scheduled = True
            self.queue.soon(self._woken)

    def _woken(self) -> None:
        self._scheduled = False
        if self.run() and not self._scheduled:
            self._scheduled = True
            self.queue.later(self._woken)

    def post(self, action: Callable[[], None]) -> None:
        """Do something that may run guest code (`realloc`) as soon as no guest is held."""
        if self.held or self.nesting_depth:
            self.posted.append(action)
            self.wake()
        else:
            action()
            self.wake()

    def run(self) -> bool:
        """Resume threads until none is ready (False) or the time slice is over (True).

        A trap ends the store: it is kept in `failure` and told to `on_failure`.
        """
        if self.nesting_depth or self.failure is not None or self.closed:
            return False
        self.slice = self.core.engine.ticks
        self._running = True
        try:
            while self._step():
                if not self.may_go_on():
                    return True
        except BaseException as error:  # a guest's fault must not reach the loop
            self.fail(error)
        finally:
            self._running = False
        return False

    def _step(self) -> bool:
        if self.held:
            return self._resume_held()
        if self.posted:
            self.posted.popleft()()
            return True
        if not self.waiting:
            return self._settle()
        candidates = [thread for thread in self.waiting if thread.ready()]
        if not candidates:
            return self._settle()
        self.resume(self.choose(candidates))
        return True

    def _resume_held(self) -> bool:
        for thread in reversed(self.held):
            if thread.ready_func is None or thread.ready_func():
                self.held.remove(thread)
                self.resume(thread)
                return True
        return False

    def resume(self, thread: Thread) -> None:
        """Run a thread from outside any guest until it blocks.

        Spec: `Store.tick`.
        """
        inst = thread.task.inst
        self.nesting_depth += 1
        inst.enter_from(None)
        try:
            thread.resume(cancelled=False)
        finally:
            inst.leave_to(None)
            self.nesting_depth -= 1

    def _settle(self) -> bool:
        """Trap if a synchronous call waits for what cannot come."""
        for task in self.sync_tasks:
            if not task.resolved:
                raise Trap("deadlock: a synchronous function waits and nothing can wake it")
        self.sync_tasks.clear()
        return False

    def invoke(
        self, function: FuncInst, on_start: OnStart, on_resolve: OnResolve, scope: Any = None
    ) -> OnCancel | None:
        """Call a function from the host; a trap ends the store as in `run` and gives None.

        Must not be called while a guest of this store is held; see `idle`.
        """
        assert not self.held
        self.slice = self.core.engine.ticks
        self.nesting_depth += 1
        try:
            on_cancel = function(on_start, on_resolve, None, scope)
        except BaseException as error:  # a guest's fault must not reach the loop
            self.nesting_depth -= 1
            self.fail(error)
            return None
        self.nesting_depth -= 1
        if not self._scheduled:
            self._woken()
        return on_cancel

    @property
    def idle(self) -> bool:
        """Whether the host may call a function now."""
        return not (self.held or self.posted or self.nesting_depth)

    @contextmanager
    def instantiating(self, inst: ComponentInstance) -> Iterator[None]:
        """Stand in for the thread that start functions run on."""
        options = CanonicalOptions()
        task = Task(_START, options, inst, list, lambda _: None, None)
        task.implicit_thread = Thread(task, _never)
        self.current_thread = task.implicit_thread
        try:
            yield
        finally:
            self.current_thread = None

    def fail(self, error: BaseException) -> None:
        """End the store: every suspended stack is unwound, nothing runs in it any more."""
        if self.failure is not None:
            return
        self.failure = error
        self.cancel_calls()
        if self.on_failure is not None:
            self.on_failure(error)

    def cancel_calls(self) -> None:
        """Unwind every suspended stack, and stop what host functions wait for."""
        for call in list(self.core.calls):
            call.cancel()
        for future in list(self.pending):
            future.cancel()

    def close(self) -> None:
        """Unwind what still waits and free everything; idempotent."""
        if self.closed:
            return
        assert not self._running, "a store is closed from outside its guests"
        self.closed = True
        self.cancel_calls()
        self.waiting.clear()
        self.held.clear()
        self.posted.clear()
        self.core.close()


def _never(_thread: Thread) -> Blocking:
    yield


def _first(candidates: list[Any]) -> Any:
    return candidates[0]
