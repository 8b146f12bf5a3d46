"""Waitables, which events happen to, and sets of them to wait on.

Spec: CanonicalABI.md#waitable-state.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import TYPE_CHECKING, TypeAlias

from spindle.component.thread import Blocking, Thread
from spindle.component.trap import trap_if

if TYPE_CHECKING:
    from spindle.component.task import Task


class EventCode(IntEnum):
    """What happened."""

    NONE = 0
    SUBTASK = 1
    STREAM_READ = 2
    STREAM_WRITE = 3
    FUTURE_READ = 4
    FUTURE_WRITE = 5
    TASK_CANCELLED = 6


EventTuple: TypeAlias = tuple[int, int, int]
"""The code, the waitable's handle and a payload."""

NO_EVENT: EventTuple = (0, 0, 0)
CANCELLED_EVENT: EventTuple = (6, 0, 0)


class Waitable:
    """Something with at most one pending event, built when it is delivered."""

    __slots__ = ("has_sync_waiter", "pending_event", "wset")

    def __init__(self) -> None:
        self.pending_event: Callable[[], EventTuple] | None = None
        self.wset: WaitableSet | None = None
        self.has_sync_waiter = False

    def set_pending_event(self, pending_event: Callable[[], EventTuple]) -> None:
        """Replace the pending event."""
        self.pending_event = pending_event
        if self.wset is not None:
            self.wset.stir()

    def has_pending_event(self) -> bool:
        """Whether an event waits to be delivered."""
        return self.pending_event is not None

    def in_waitable_set(self) -> bool:
        """Whether a set delivers the events."""
        return self.wset is not None

    def wait_for_pending_event(self, thread: Thread) -> Blocking:
        """Block a thread on this waitable alone."""
        assert not self.in_waitable_set()
        assert not self.has_sync_waiter
        self.has_sync_waiter = True
        yield from thread.wait_until(self.has_pending_event)
        self.has_sync_waiter = False

    def get_pending_event(self) -> EventTuple:
        """Deliver the event."""
        pending_event = self.pending_event
        assert pending_event is not None
        self.pending_event = None
        return pending_event()

    def join(self, wset: WaitableSet | None) -> None:
        """Move to a set, or to none."""
        assert not self.has_sync_waiter
        if self.wset is not None:
            self.wset.elems.remove(self)
        self.wset = wset
        if wset is not None:
            wset.elems.append(self)
            if self.pending_event is not None:
                wset.stir()

    def drop(self) -> None:
        """Leave the set for good."""
        self.join(None)


class WaitableSet:
    """Waitables one thread can wait on together."""

    __slots__ = ("dormant", "elems", "num_waiting")

    def __init__(self) -> None:
        self.elems: list[Waitable] = []
        self.num_waiting = 0
        self.dormant: list[Thread] = []
        """The threads to stir at the next event."""

    def stir(self) -> None:
        """Let those who wait look what there is."""
        while self.dormant:
            self.dormant[0].stir()

    def has_pending_event(self) -> bool:
        """Whether any of them has an event."""
        return any(w.pending_event is not None for w in self.elems)

    def get_pending_event(self, thread: Thread) -> EventTuple:
        """Deliver an event; which one, where there are several, the scheduler's order decides."""
        ready = [w for w in self.elems if w.pending_event is not None]
        chosen: Waitable = thread.task.inst.store.choose(ready)
        return chosen.get_pending_event()

    def wait_for_event_and(
        self, thread: Thread, ready_func: Callable[[], bool], cancellable: bool
    ) -> Blocking:
        """Block until there is an event and `ready_func` holds; the event."""
        self.num_waiting += 1
        cancelled = yield from thread.wait_until(
            lambda: self.has_pending_event() and ready_func(), cancellable, self
        )
        self.num_waiting -= 1
        return CANCELLED_EVENT if cancelled else self.get_pending_event(thread)

    def wait_for_event(self, thread: Thread, cancellable: bool) -> Blocking:
        """Block until there is an event."""
        return (yield from self.wait_for_event_and(thread, lambda: True, cancellable))

    def poll(self, thread: Thread, task: Task, cancellable: bool) -> EventTuple:
        """An event if there is one."""
        if task.deliver_pending_cancel(cancellable):
            return CANCELLED_EVENT
        return self.get_pending_event(thread) if self.has_pending_event() else NO_EVENT

    def drop(self) -> None:
        """End the set, which must be empty and unwatched."""
        trap_if(self.elems, "the guest dropped a waitable set that is not empty")
        trap_if(self.num_waiting > 0, "the guest dropped a waitable set it waits on")
