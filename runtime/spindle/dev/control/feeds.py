"""Events to a front end: in batches, and no faster than it reads.

Whoever reads too slowly loses the oldest of what waits, and is told how much.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from spindle.events import Dropped, Event, EventKind, Subscription

Json = dict[str, object]

INTERVAL = 0.05
"""Seconds between two batches."""


class Following(NamedTuple):
    """A method's answer that makes whoever called it a subscriber."""

    subscription: Subscription
    tell: Callable[[Event], Json | None]
    """What is told of an event: `{kind, at, data}`; None for nothing."""
    most: int = 2000
    """Events that wait while the front end does not read."""


class Feed:
    """One subscription of one front end."""

    def __init__(self, following: Following, send: Callable[[list[Json]], bool]) -> None:
        """`send` takes a batch; it returns False if nothing can be sent now, see `flush`."""
        self._following = following
        self._send = send
        self._waiting: deque[Json] = deque()
        self._dropped = 0
        self._running = asyncio.ensure_future(self._run())

    def close(self) -> None:
        """Tell nothing more."""
        self._following.subscription.close()
        self._running.cancel()

    def flush(self) -> None:
        """Send all that has happened, if that is possible now."""
        self._take_all()
        if not self._waiting and not self._dropped:
            return
        batch = list(self._waiting)
        if self._dropped:
            batch.insert(0, _dropped(self._dropped))
        if self._send(batch):
            self._waiting.clear()
            self._dropped = 0

    async def _run(self) -> None:
        async for event in self._following.subscription:
            self._take(event)
            self.flush()
            await asyncio.sleep(INTERVAL)

    def _take_all(self) -> None:
        """Leave nothing to the bus: records of exchanges are not held on to for somebody slow."""
        while (event := self._following.subscription.get_nowait()) is not None:
            self._take(event)

    def _take(self, event: Event) -> None:
        if isinstance(event.data, Dropped):
            self._dropped += event.data.count
            return
        told = self._following.tell(event)
        if told is None:
            return
        if len(self._waiting) >= self._following.most:
            self._waiting.popleft()
            self._dropped += 1
        self._waiting.append(told)


def _dropped(count: int) -> Json:
    return {"kind": EventKind.DROPPED, "at": time.time(), "data": {"count": count}}
