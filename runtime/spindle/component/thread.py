"""Threads: guest code that runs until it blocks.

A thread is a generator; the core code it calls runs on a fiber (`spindle.component.core`). What it
yields is taken by `Thread.resume`: `None` (blocked; the store's scheduler goes on), `HOLD` (the
store stays closed to all others until this thread goes on; see `spindle.component.store`) or
another thread to switch to.

Spec: CanonicalABI.md#thread-state.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from spindle.component import core
from spindle.component.trap import Trap
from spindle.limits import beyond

if TYPE_CHECKING:
    from spindle.component.subtask import Subtask
    from spindle.component.task import Task
    from spindle.component.waitable import WaitableSet

HOLD: Final = object()
Blocking: TypeAlias = Generator[Any, Any, Any]
"""A computation that may block its thread; what it yields is for `Thread.resume` alone."""


class Thread:
    """One thread of a task."""

    below: Thread | None = None
    """The thread whose stack it shares, which waits until it ends; see `Callee`."""

    __slots__ = (
        "cancellable", "done", "dormant_on", "generator", "held", "held_before", "index",
        "ready_func", "running", "storage", "task", "waiting",
    )  # fmt: skip

    def __init__(self, task: Task, thread_func: Callable[..., Blocking], *args: Any) -> None:
        self.task = task
        self.generator = thread_func(self, *args)
        self.ready_func: Callable[[], bool] | None = None
        self.running = False
        self.done = False
        self.waiting = False
        """Among the store's waiting threads, with a `ready_func`."""
        self.dormant_on: WaitableSet | None = None
        """The set without an event for which it waits; until there is one, nobody asks it."""
        self.held = False
        """On the store's stack of held threads."""
        self.held_before = 0
        """How many threads were held when this one was resumed."""
        self.cancellable = False
        self.index: int | None = None
        self.storage = [0, 0]

    def suspended(self) -> bool:
        """Not running, and nothing but another thread can make it go on."""
        return not (self.running or self.done or self.waiting or self.held)

    def ready(self) -> bool:
        """Whether it waits for something that has come."""
        return self.waiting and self.ready_func is not None and self.ready_func()

    def shares_stack(self) -> bool:
        """Whether it may run while a synchronous function of its instance does."""
        task = self.task
        exclusive = task.ft.is_async and task.needs_exclusive()
        return not (exclusive and task.implicit_thread is self)

    def start_waiting(
        self, ready_func: Callable[[], bool], wset: WaitableSet | None = None
    ) -> None:
        """Join the store's waiting threads; it is not ready before `wset` has an event."""
        assert not self.waiting
        self.ready_func = ready_func
        self.waiting = True
        store = self.task.inst.store
        if wset is None or wset.has_pending_event():
            store.waiting.append(self)
        else:
            self.dormant_on = wset
            wset.dormant.append(self)
            store.dormant.add(self)

    def stir(self) -> None:
        """The set it waits for has an event."""
        self._leave_set()
        self.task.inst.store.waiting.append(self)

    def _leave_set(self) -> None:
        assert self.dormant_on is not None
        self.dormant_on.dormant.remove(self)
        self.dormant_on = None
        self.task.inst.store.dormant.remove(self)

    def stop_waiting(self) -> None:
        """Leave the store's waiting threads."""
        self.ready_func = None
        if self.waiting:
            self.waiting = False
            if self.dormant_on is not None:
                self._leave_set()
            else:
                self.task.inst.store.waiting.remove(self)

    def resume_later(self) -> None:
        """Make a suspended thread ready."""
        self.start_waiting(_always)

    def resume(self, *, cancelled: bool = False) -> None:
        """Run until this thread, and whatever it switches to, blocks or ends."""
        assert not self.running
        assert self.cancellable or not cancelled
        store = self.task.inst.store
        self.stop_waiting()
        held = store.held
        held_before = len(held)
        thread: Thread | None = self
        message = True if cancelled else None
        while thread is not None:
            outer, store.current_thread = store.current_thread, thread
            thread.running = True
            thread.held_before = held_before
            shares = thread.below is not None
            if shares:
                thread.enter_stack()
            try:
                switch_to = thread.generator.send(message)
            except StopIteration:
                switch_to = None
                thread.bottom().done = True
            except Trap as error:
                if error.inst is None:  # what is around it sees the trap, too
                    error.inst = (store.current_thread or thread).task.inst
                raise
            finally:
                # Calls on one stack may have begun and ended: another than was resumed may stop.
                stopped = store.current_thread or thread
                thread.running = stopped.running = False
                store.current_thread = outer
            if switch_to is HOLD:
                stopped.held = True
                held.insert(held_before, stopped)  # below those it has set going itself
                switch_to = None
            if shares or stopped.below is not None:
                stopped.leave_stack(whole=shares)
            thread = switch_to
            message = None

    def bottom(self) -> Thread:
        """The thread that began its stack."""
        thread = self
        while thread.below is not None:
            thread = thread.below
        return thread

    def enter_stack(self) -> None:
        """Close the instances of all who share its stack."""
        thread = self
        while thread.below is not None:
            thread.task.inst.enter_from(thread.below.task.inst)
            thread = thread.below
        thread.task.inst.enter_from(None)

    def leave_stack(self, *, whole: bool) -> None:
        """Undo that; without `whole` but for the instance of the first, which others see to."""
        thread, sync_tasks = self, self.task.inst.store.sync_tasks
        while isinstance(thread, Callee):
            if not thread.listed and not thread.task.resolved:
                thread.listed = True
                sync_tasks.insert(thread.outer, thread.task)  # below those it waits for itself
            thread.task.inst.leave_to(thread.below.task.inst)
            thread = thread.below
        if whole:
            thread.task.inst.leave_to(None)

    # What a running thread does; each is a generator for the thread's own use.

    def block(self, cancellable: bool, switch_to: Thread | None = None) -> Blocking:
        """Give up running until resumed; True when resumed by a cancellation."""
        self.cancellable = cancellable
        cancelled = bool((yield switch_to))
        self.cancellable = False
        assert cancellable or not cancelled
        return cancelled

    def suspend(self, cancellable: bool) -> Blocking:
        """Block until another thread resumes this one; True when cancelled instead."""
        if self.task.deliver_pending_cancel(cancellable):
            return True
        return (yield from self.block(cancellable))

    def wait_until(
        self,
        ready_func: Callable[[], bool],
        cancellable: bool = False,
        wset: WaitableSet | None = None,
    ) -> Blocking:
        """Block until `ready_func` holds; True when cancelled instead.

        Goes on at once if it holds already, as the specification allows; the end of the time
        slice makes it block all the same, so that nobody can spin for ever. `wset` is the set that
        must have an event for it to hold.
        """
        if self.task.deliver_pending_cancel(cancellable):
            return True
        if ready_func() and self.task.inst.store.goes_on():
            return False
        self.start_waiting(ready_func, wset)
        return (yield from self.block(cancellable))

    def yield_(self, cancellable: bool) -> Blocking:
        """Let others run first."""
        if self.task.deliver_pending_cancel(cancellable):
            return True
        self.start_waiting(_always)
        return (yield from self.block(cancellable))

    def suspend_then_resume(self, cancellable: bool, other: Thread) -> Blocking:
        """Block and let a suspended thread run in its place."""
        if self.task.deliver_pending_cancel(cancellable):
            return True
        return (yield from self.block(cancellable, other))

    def yield_then_resume(self, cancellable: bool, other: Thread) -> Blocking:
        """Let a suspended thread run first."""
        if self.task.deliver_pending_cancel(cancellable):
            return True
        self.start_waiting(_always)
        return (yield from self.block(cancellable, other))

    def suspend_then_promote(self, cancellable: bool, other: Thread) -> Blocking:
        """Block; if `other` is ready it runs next."""
        if self.task.deliver_pending_cancel(cancellable):
            return True
        if other.ready():
            other.stop_waiting()
            return (yield from self.suspend_then_resume(cancellable, other))
        return (yield from self.suspend(cancellable))

    def yield_then_promote(self, cancellable: bool, other: Thread) -> Blocking:
        """Let others run first, `other` before all if it is ready."""
        if self.task.deliver_pending_cancel(cancellable):
            return True
        if other.ready():
            other.stop_waiting()
            return (yield from self.yield_then_resume(cancellable, other))
        return (yield from self.yield_(cancellable))

    def hold(self, ready_func: Callable[[], bool]) -> Blocking:
        """Wait where the specification has no suspension point: nobody else may run meanwhile."""
        while not ready_func():
            self.ready_func = ready_func
            yield HOLD

    def settle(self) -> Blocking:
        """Wait until no thread that this one has just set going is held."""
        if len(self.task.inst.store.held) > self.held_before:
            yield HOLD

    def call_core(
        self, function: core.Extern, core_type: core.CoreType, args: Sequence[core.CoreValue]
    ) -> Blocking:
        """Call a core function on a fiber; its results as a tuple."""
        core_store = self.task.inst.store.core
        if len(core_store.calls) >= core_store.limits.max_threads:
            raise Trap(_too_many_threads(core_store.limits.max_threads))
        call = core_store.call(function, core_type, args)
        if not poll(call):
            yield from self.finish(call)
        return call.results

    def finish(self, call: core.Call) -> Blocking:
        """Wait for the end of a call that `poll` has begun."""
        while True:
            if not call.waiting:
                yield HOLD  # the time slice ended between two instructions
            else:
                try:
                    call.pending_result = yield from _rest_of(call.pending, call.pending_yield)
                except BaseException:
                    call.cancel()
                    raise
                call.resume()
            if poll(call):
                return


class Callee(Thread):
    """The thread of a synchronous call that shares its caller's stack: `canon.adapt`."""

    __slots__ = ("below", "flat_args", "listed", "outer", "subtask")

    below: Thread

    def __init__(self, task: Task) -> None:
        self.task = task
        self.subtask: Subtask | None = None
        """What the caller's lent handles are counted for, if there may be any."""
        self.listed = False
        """Among the store's `sync_tasks`."""
        self.ready_func = self.index = self.dormant_on = None
        self.waiting = self.held = self.cancellable = False

    def take_over(self, below: Thread, flat_args: tuple[Any, ...]) -> None:
        """Begin on a thread's stack."""
        self.below = below
        self.generator = below.generator
        self.flat_args = flat_args
        """The caller's core arguments, the last of which may be where the result goes."""
        store = self.task.inst.store
        self.outer = len(store.sync_tasks)
        """How many synchronous calls were under way before this one."""
        self.held_before = below.held_before
        self.storage = [0, 0]
        self.done = False
        self.running = True
        store.current_thread = self

    def give_back(self) -> None:
        """End; the caller goes on."""
        self.running = False
        self.done = True
        below = self.below
        below.held_before = self.held_before
        below.task.inst.store.current_thread = below

    @property
    def reusable(self) -> bool:
        """Whether it and its task may serve another call, now that it has ended."""
        return not self.listed and self.subtask is None and not self.task.threads


def poll(call: core.Call) -> bool:
    """Run core code until it returns (True), waits or its time slice ends; raises `Trap`."""
    try:
        return call.poll()
    except core.CoreTrap as error:
        raise Trap(error.message, error.frames) from error


def _rest_of(generator: Blocking, first_yield: Any) -> Blocking:
    """Drive on a generator that was started on a fiber, giving its result."""
    message = yield first_yield
    while True:
        try:
            item = generator.send(message)
        except StopIteration as stop:
            return stop.value
        message = yield item


def _too_many_threads(limit: int) -> str:
    return beyond("the guest has too many suspended threads", "max_threads", limit)


def _always() -> bool:
    return True
