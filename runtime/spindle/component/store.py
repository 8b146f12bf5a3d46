"""The store: everything one root instance needs to run, and the scheduler of its threads.

Theory of operation
-------------------
A thread is a Python generator (`spindle.component.thread`) that runs until it blocks. `run` picks
a thread that is ready and resumes it, again and again, until none is or the time slice is over.
It is called by whoever embeds the store (`wake` asks for it), never recursively.

*Holding.* Two things stop a thread where the specification has no suspension point: its time slice
ended in the middle of core code, or it called a synchronous function whose callee (the host, or
another guest) is not done. Until it goes on, no other guest code of this store may run, for a
guest caught between two instructions must not be entered. Such threads lie on the stack `held`,
each above the one that set it going, and only the topmost can go on. If it waits for a synchronous
function whose own threads wait for one another (the topmost of `sync_tasks`), one of those is
resumed. What the host has to tell a guest meanwhile waits in `posted`.

*Order.* Ready threads are resumed in the order in which they began to wait, or in which what they
wait for came; or, given a `seed`, in an order the seed decides: the same one each time, however
time slices fall.

Spec: CanonicalABI.md#embedding, `Store`.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from spindle.component import core
from spindle.component.canon.options import CanonicalOptions
from spindle.component.task import FuncInst, OnCancel, OnResolve, OnStart, Task
from spindle.component.thread import Blocking, Thread
from spindle.component.trap import Trap, trap_if
from spindle.wasm.types import FuncType

if TYPE_CHECKING:
    import asyncio

    from spindle.component.instance import ComponentInstance, Destructor
    from spindle.component.run_queue import RunQueue
    from spindle.wasm.types import ResourceType

_START = FuncType((), None)
DEADLOCK = "deadlock: the guest waits and nothing can wake it"


class Store:
    """One root instance's core store, its threads and their scheduler."""

    __slots__ = (
        "_running", "_scheduled", "at_end", "call_depth", "choose", "closed", "core",
        "current_thread", "dormant", "failure", "held", "host_waits", "instances", "nesting_depth",
        "on_failure", "on_idle", "on_slice", "pending", "posted", "queue", "resources", "resumed",
        "slice", "sync_tasks", "waiting",
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
        self.choose: Callable[[Sequence[Any]], Any] = (
            random.Random(seed).choice if seed is not None else _first
        )
        self.waiting: list[Thread] = []
        """Threads that may be ready, to be asked in this order."""
        self.dormant: set[Thread] = set()
        """Threads that wait for an event of a waitable set without one."""
        self.held: list[Thread] = []
        self.posted: deque[Callable[[], None]] = deque()
        self.pending: set[asyncio.Future[Any]] = set()
        """What host functions of this store still wait for."""
        self.host_waits = 0
        """How many held threads wait for a synchronous function of the host."""
        self.sync_tasks: list[Task] = []
        """Calls of synchronous functions that did not end at once, inner ones last."""
        self.current_thread: Thread | None = None
        self.nesting_depth = 0
        self.call_depth = 0
        """How many calls of components lie on one another; of no meaning after a failure."""
        self.resources: dict[ResourceType, tuple[ComponentInstance | None, Destructor | None]] = {}
        self.failure: BaseException | None = None
        """What ended this store; nothing runs in it any more."""
        self.on_failure: Callable[[BaseException], None] | None = None
        self.on_idle: Callable[[], object] | None = None
        """Told once, after a run that leaves it idle."""
        self.on_slice: Callable[[Any], None] | None = None
        """Told the scope of who was running when a time slice ended."""
        self.resumed: Thread | None = None
        """The thread that was resumed last."""
        self.instances: list[ComponentInstance] = []
        """Every component instance that lives in it."""
        self.at_end: set[Callable[[], None]] = set()
        """What to call once nothing can run in this store any more: it failed or is closed."""
        self.closed = False
        self.slice = core_store.engine.ticks
        """The tick in which the current time slice began."""
        self._scheduled = False
        self._running = False

    def goes_on(self) -> bool:
        """Whether a thread that need not wait goes on at once rather than let others run first.

        It does while the time slice lasts or nobody else is ready. A seed decides by itself: what
        it gives must not depend on the clock.
        """
        if self.choose is not _first:
            return bool(self.choose(_YES_AND_NO))
        if self.slice == self.core.engine.ticks:
            return True
        return not (self.posted or any(thread.ready() for thread in self.waiting))

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
        if self.idle and not self._running and self.failure is None:
            try:
                action()
            except BaseException as error:  # a guest's fault must not reach the loop
                self.fail(error)
        else:
            self.posted.append(action)
        self.wake()

    def run(self, done: Callable[[], object] | None = None) -> bool:
        """Resume threads until none is ready (False); True if there is more to do.

        It stops early when the time slice is over or it is `done`.
        A trap ends the store: it is kept in `failure` and told to `on_failure`.
        """
        more = self._run(done)
        if self.on_idle is not None and not more and self.idle:
            told, self.on_idle = self.on_idle, None
            told()
        return more

    def _run(self, done: Callable[[], object] | None) -> bool:
        if self.nesting_depth or self.failure is not None or self.closed:
            return False
        if not (self.waiting or self.posted or self.held or self.sync_tasks):
            return False
        ticks = self.slice = self.core.engine.ticks
        self._running = True
        try:
            while self._step():
                if ticks != self.core.engine.ticks:
                    if self.on_slice is not None and self.resumed is not None:
                        self.on_slice(self.resumed.task.scope)
                    return True
                if done is not None and done():
                    return True
        except BaseException as error:  # a guest's fault must not reach the loop
            self.fail(error)
        finally:
            self._running = False
            if self.failure is not None:
                self.cancel_calls()
        return False

    def _step(self) -> bool:
        if self.failure is not None:
            return False
        if self.held:
            top = self.held[-1]
            if top.ready_func is None or top.ready_func():
                del self.held[-1]
                top.held = False
                self.resume(top)
                return True
        if self.sync_tasks:
            task = self._sync_task()
            if task is not None:
                return self._advance(task)
        if self.held:
            return False
        if self.posted:
            self.posted.popleft()()
            return True
        ready = (thread for thread in self.waiting if thread.ready())
        if self.choose is _first:
            chosen = next(ready, None)
        else:
            candidates = list(ready)
            chosen = self.choose(candidates) if candidates else None
        if chosen is None:
            return False
        self.resume(chosen)
        return True

    def _sync_task(self) -> Task | None:
        """The innermost call of a synchronous function that has not ended."""
        tasks = self.sync_tasks
        while tasks and tasks[-1].resolved:
            del tasks[-1]
        return tasks[-1] if tasks else None

    def _advance(self, task: Task) -> bool:
        """Let a synchronous function's own threads run, or trap: nobody else may meanwhile."""
        if self.host_waits:
            return False
        inst = task.inst
        candidates = [
            thread
            for thread in self.waiting
            if thread.task.inst is inst
            and thread.index
            and thread.shares_stack()
            and thread.ready()
        ]
        trap_if(not candidates, DEADLOCK)
        self.resume(self.choose(candidates))
        return True

    def resume(self, thread: Thread) -> None:
        """Run a thread from outside any guest until it blocks.

        Spec: `Store.tick`.
        """
        inst = thread.task.inst
        self.resumed = thread
        self.nesting_depth += 1
        inst.enter_from(None)
        try:
            thread.resume(cancelled=False)
        finally:
            inst.leave_to(None)
            self.nesting_depth -= 1

    def invoke(
        self, function: FuncInst, on_start: OnStart, on_resolve: OnResolve, scope: Any = None
    ) -> OnCancel | None:
        """Call a function from the host and `run`; a trap ends the store and gives None.

        If the store is not `idle`, that happens as soon as it is.
        """
        if self._running or not self.idle:
            return self._invoke_later(function, on_start, on_resolve, scope)
        outer, self._running = self._running, True  # what is woken meanwhile runs below
        try:
            on_cancel = self.begin(function, on_start, on_resolve, scope)
        finally:
            self._running = outer
        if not self._scheduled and self.failure is None:
            self._woken()
        return on_cancel

    def _invoke_later(
        self, function: FuncInst, on_start: OnStart, on_resolve: OnResolve, scope: Any
    ) -> OnCancel:
        on_cancel: OnCancel | None = None
        cancelled = False

        def begin() -> None:
            nonlocal on_cancel
            if cancelled:
                on_resolve(None)
            else:
                on_cancel = self.begin(function, on_start, on_resolve, scope)

        def cancel(caller: ComponentInstance | None) -> None:
            nonlocal cancelled
            cancelled = True
            if on_cancel is not None:
                on_cancel(caller)

        self.post(begin)
        return cancel

    def begin(
        self, function: FuncInst, on_start: OnStart, on_resolve: OnResolve, scope: Any = None
    ) -> OnCancel | None:
        """Call a function from the host and return once it blocks or ends; see `invoke`."""
        is_closed = self.held or self.nesting_depth or self._sync_task()
        assert not is_closed, "a guest is held"
        if self.failure is not None or self.closed:
            return None
        self.slice = self.core.engine.ticks
        self.nesting_depth += 1
        try:
            on_cancel = function(on_start, on_resolve, None, scope)
        except BaseException as error:  # a guest's fault must not reach the loop
            self.fail(error)
            return None
        finally:
            self.nesting_depth -= 1
            if self.failure is not None:
                self.cancel_calls()
        return lambda _caller: self.post(lambda: on_cancel(None))

    @property
    def idle(self) -> bool:
        """Whether the host may call a function now."""
        return not (
            self.held
            or self.posted
            or self.nesting_depth
            or (self.sync_tasks and self._sync_task())
        )

    @property
    def at_rest(self) -> bool:
        """Whether nothing is under way, nor will come from the host."""
        return (
            self.failure is None
            and not (self.closed or self._running or self.nesting_depth)
            and not (self.waiting or self.dormant or self.held or self.posted or self.pending)
            and self._sync_task() is None
            and not self.core.calls
        )

    def start_over(self) -> None:
        """Forget what ran in it, as `close` does; it must be at rest."""
        self._tell_end()
        self.on_failure = self.on_idle = self.on_slice = self.resumed = None

    @contextmanager
    def lent_to(self, thread: Thread) -> Iterator[None]:
        """Let a thread run that is not scheduled: one that stands in for another (`stand_in`)."""
        self.current_thread = thread
        try:
            yield
        except Trap as error:
            error.inst = thread.task.inst
            raise
        finally:
            self.current_thread = None

    def fail(self, error: BaseException) -> None:
        """End the store: every suspended stack is unwound, nothing runs in it any more."""
        if self.failure is not None:
            return
        self.failure = error
        if not self._running and not self.nesting_depth:
            self.cancel_calls()  # otherwise some are running: `run` and `begin` see to it
        if self.on_failure is not None:
            self.on_failure(error)
        self._tell_end()

    def _tell_end(self) -> None:
        listeners, self.at_end = self.at_end, set()
        for listener in listeners:
            listener()
        for inst in self.instances:
            inst.let_go()

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
        self._tell_end()
        self.cancel_calls()
        self.waiting.clear()
        self.dormant.clear()
        self.held.clear()
        self.posted.clear()
        self.sync_tasks.clear()
        self.core.close()


def stand_in(inst: ComponentInstance) -> Thread:
    """A thread for what runs outside any call: start functions, and `realloc` by itself."""
    task = Task(_START, CanonicalOptions(), inst, list, lambda _: None, None)
    thread = task.implicit_thread = Thread(task, _never)
    return thread


def _never(_thread: Thread) -> Blocking:
    yield


def _first(candidates: Sequence[Any]) -> Any:
    return candidates[0]


_YES_AND_NO = (True, False)
