"""What happens in a host, as data, and the bus that takes it to whoever listens.

Publishing never waits: a subscriber that is slow loses the oldest of what it has not read, and is
told how much (`DROPPED`). Everything happens on the event loop's thread; a thread that is not the
loop's goes through `loop.call_soon_threadsafe`.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class EventKind(StrEnum):
    """The kinds of events there are, and what their data is."""

    APP_LOADED = "app.loaded"
    APP_CHANGED = "app.changed"
    BUILD_STARTED = "build.started"
    BUILD_FINISHED = "build.finished"
    SWAP_DONE = "swap.done"
    EXCHANGE_STARTED = "exchange.started"
    """The `Exchange`, which is still being written."""
    EXCHANGE_FINISHED = "exchange.finished"
    """The `Exchange`."""
    LOG = "log"
    """`LogLine`."""
    HOST_STOPPING = "host.stopping"
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


class Bus:
    """Takes events from publishers to subscribers."""

    __slots__ = ("_subscriptions",)

    def __init__(self) -> None:
        self._subscriptions: tuple[Subscription, ...] = ()

    @property
    def heard(self) -> bool:
        """Whether anybody listens; what is costly to say need not be said if not."""
        return bool(self._subscriptions)

    def publish(self, kind: EventKind, data: object = None) -> None:
        """Tell every subscriber who asked for this kind."""
        if not self._subscriptions:
            return
        event = Event(kind, time.time(), data)
        for subscription in self._subscriptions:
            subscription.put(event)

    def subscribe(
        self, kinds: Collection[EventKind] | None = None, *, limit: int = 1000
    ) -> Subscription:
        """Listen to some kinds of events, or all; at most `limit` of them wait to be read."""
        subscription = Subscription(self, None if kinds is None else frozenset(kinds), limit)
        self._subscriptions += (subscription,)
        return subscription

    def leave(self, subscription: Subscription) -> None:
        """Stop telling a subscriber anything."""
        self._subscriptions = tuple(s for s in self._subscriptions if s is not subscription)


class Subscription:
    """One subscriber's queue: iterate over it with `async for`, or take what is there."""

    __slots__ = ("_bus", "_dropped", "_events", "_kinds", "_waiter", "closed")

    def __init__(self, bus: Bus, kinds: frozenset[EventKind] | None, limit: int) -> None:
        self._bus = bus
        self._kinds = kinds
        self._events: deque[Event] = deque(maxlen=limit)
        self._dropped = 0
        self._waiter: asyncio.Future[None] | None = None
        self.closed = False

    def put(self, event: Event) -> None:
        """Queue an event, at the cost of the oldest one if the queue is full."""
        if self._kinds is not None and event.kind not in self._kinds:
            return
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
