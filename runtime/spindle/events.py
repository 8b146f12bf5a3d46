"""What happens in a host, as data, and the bus that takes it to whoever listens.

Publishing never waits: a subscriber that is slow loses the oldest of what it has not read, and is
told how much (`DROPPED`). Everything happens on the event loop's thread; a thread that is not the
loop's goes through `loop.call_soon_threadsafe`.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol


class EventKind(StrEnum):
    """The kinds of events there are, and what their data is."""

    APP_LOADED = "app.loaded"
    """The `App` that is served."""
    APP_CHANGED = "app.changed"
    """The `App` that is served from now on."""
    BUILD_STARTED = "build.started"
    """`{components}`: ids; told again when a build begins again."""
    BUILD_FINISHED = "build.finished"
    """`{component, ok, fresh, took, reason, diagnostics, output, instant}`: what came of one."""
    SWAP_DONE = "swap.done"
    """`{component, build, took}`: another build answers from now on."""
    EXCHANGE_STARTED = "exchange.started"
    """The `Exchange`, which is still being written."""
    EXCHANGE_FINISHED = "exchange.finished"
    """The `Exchange`."""
    LOG = "log"
    """`LogLine`."""
    HOST_STOPPING = "host.stopping"
    """Nothing: no more requests are taken."""
    DROPPED = "dropped"
    """`Dropped`; made by the bus alone."""


class LogLine(NamedTuple):
    """What a guest wrote, attributed; `text` may be a part of a line."""

    component: str
    exchange: str | None
    """The id of the exchange during which it was written."""
    stream: str
    """`stdout` or `stderr`."""
    text: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """How many events a subscriber lost just before this one."""

    count: int


class Event(NamedTuple):
    """Something that happened; `at` is seconds since the epoch."""

    kind: EventKind
    at: float
    data: object = None


class Listener(Protocol):
    """Who is told of events."""

    def put(self, event: Event) -> None:
        """Take an event, at once: nothing may fail or wait here."""


class Bus:
    """Takes events from publishers to subscribers."""

    __slots__ = ("_listeners",)

    def __init__(self) -> None:
        self._listeners: dict[EventKind, tuple[Listener, ...]] = {}

    @property
    def heard(self) -> bool:
        """Whether anybody listens; what is costly to say need not be said if not."""
        return bool(self._listeners)

    def hears(self, kind: EventKind) -> bool:
        """Whether anybody listens to a kind of events."""
        return kind in self._listeners

    def publish(self, kind: EventKind, data: object = None) -> None:
        """Tell everybody who asked for this kind."""
        if (listeners := self._listeners.get(kind)) is None:
            return
        event = Event(kind, time.time(), data)
        for listener in listeners:
            listener.put(event)

    def join(self, listener: Listener, kinds: Iterable[EventKind] = EventKind) -> None:
        """Have somebody told of some kinds of events."""
        for kind in kinds:
            self._listeners[kind] = (*self._listeners.get(kind, ()), listener)

    def subscribe(
        self, kinds: Collection[EventKind] | None = None, *, limit: int = 1000
    ) -> Subscription:
        """Listen to some kinds of events, or all; at most `limit` of them wait to be read."""
        subscription = Subscription(self, limit)
        self.join(subscription, EventKind if kinds is None else frozenset(kinds))
        return subscription

    def leave(self, listener: Listener) -> None:
        """Stop telling somebody anything."""
        for kind, listeners in list(self._listeners.items()):
            if left := tuple(other for other in listeners if other is not listener):
                self._listeners[kind] = left
            else:
                del self._listeners[kind]


class Subscription:
    """One subscriber's queue: iterate over it with `async for`, or take what is there."""

    __slots__ = ("_bus", "_dropped", "_events", "_waiter", "closed")

    def __init__(self, bus: Bus, limit: int) -> None:
        self._bus = bus
        self._events: deque[Event] = deque(maxlen=limit)
        self._dropped = 0
        self._waiter: asyncio.Future[None] | None = None
        self.closed = False

    def put(self, event: Event) -> None:
        """Queue an event, at the cost of the oldest one if the queue is full."""
        if len(self._events) == self._events.maxlen:
            self._dropped += 1
        self._events.append(event)
        self._wake()

    def get_nowait(self) -> Event | None:
        """The next event, None if there is none yet; a loss is told before what follows it."""
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            return Event(EventKind.DROPPED, time.time(), Dropped(dropped))
        return self._events.popleft() if self._events else None

    def close(self) -> None:
        """Listen no more; what was queued can still be read."""
        self.closed = True
        self._bus.leave(self)
        self._wake()

    async def __aiter__(self) -> AsyncIterator[Event]:
        while True:
            while (event := self.get_nowait()) is not None:
                yield event
            if self.closed:
                return
            await self._wait_put()

    async def _wait_put(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
