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
only its top is resumed. What the host has to tell a guest meanwhile waits in `posted`.

*Order.* Ready threads are resumed in the order in which they began to wait, or, given a `seed`, in
an order the seed decides; one seed always gives one order.

Spec: CanonicalABI.md#embedding, `Store`.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from spindle.component import core
from spindle.component.trap import Trap

if TYPE_CHECKING:
    from spindle.component.instance import ComponentInstance, Destructor
    from spindle.component.task import Task
    from spindle.component.thread import Thread
    from spindle.wasm.types import ResourceType


class Store:
    """One root instance's core store, its threads and their scheduler."""

    __slots__ = (
        "_running", "_scheduled", "choose", "closed", "core", "current_thread", "failure", "held",
        "nesting_depth", "on_failure", "posted", "resources", "sync_tasks", "tick_now", "waiting",
        "waker",
    )  # fmt: skip

    def __init__(
        self,
        core_store: core.Store,
        waker: Callable[[Callable[[], None]], Any],
        *,
        seed: int | None = None,
    ) -> None:
        self.core = core_store
        self.waker = waker
        """Calls a function soon, outside of any guest: an event loop's `call_soon`."""
        self.choose = random.Random(seed).choice if seed is not None else _first
        self.waiting: list[Thread] = []
        self.held: list[Thread] = []
        self.posted: deque[Callable[[], None]] = deque()
        self.sync_tasks: list[Task] = []
        """Unfinished calls of synchronous functions by the host."""
        self.current_thread: Thread | None = None
        self.nesting_depth = 0
        self.resources: dict[ResourceType, tuple[ComponentInstance | None, Destructor | None]] = {}
        self.failure: BaseException | None = None
        """What ended this store; nothing runs in it any more."""
        self.on_failure: Callable[[BaseException], None] | None = None
        self.closed = False
        self._scheduled = False
        self._running = False

    def wake(self) -> None:
        """See to it that `run` is called soon."""
        if not self._scheduled and not self._running and self.failure is None:
            self._scheduled = True
            self.waker(self._woken)

    def _woken(self) -> None:
        self._scheduled = False
        if self.run():
            self.wake()

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
        engine = self.core.engine
        slice_ = engine.ticks
        self._running = True
        try:
            while self._step():
                if engine.ticks != slice_:
                    return True
        except BaseException as error:  # noqa: BLE001  # a guest's fault must not reach the loop
            self.fail(error)
        finally:
            self._running = False
        return False

    def _step(self) -> bool:
        if self.held:
            thread = self.held[-1]
            if thread.ready_func is not None and not thread.ready_func():
                return False
            self.held.pop()
            self.resume(thread)
            return True
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

    def fail(self, error: BaseException) -> None:
        """End the store: every suspended stack is unwound, nothing runs in it any more."""
        if self.failure is not None:
            return
        self.failure = error
        self.cancel_calls()
        if self.on_failure is not None:
            self.on_failure(error)

    def cancel_calls(self) -> None:
        """Unwind every suspended stack."""
        for call in list(self.core.calls):
            call.cancel()

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


def _first(candidates: list[Thread]) -> Thread:
    return candidates[0]
