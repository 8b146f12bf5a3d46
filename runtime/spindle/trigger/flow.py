"""Events on their way to components: so many are at work, the others wait in order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from spindle.executor import Firing
from spindle.trigger.listening import Fire

MOST_BYTES = 64 << 20
"""Bytes of events that wait until no more are to come."""
MOST_WAITING = 10_000
"""Events that wait until no more are to come."""


def _ignore() -> None:
    """Nobody wants to know."""


class Waiting(NamedTuple):
    """An event whose turn has not come."""

    firing: Firing
    size: int
    done: Callable[[], None]


class Flow:
    """Has components handle events, in the order in which they come.

    Who puts them is asked to pause while too many wait (`on_full`), until there is room again
    (`on_room`). Nothing that was put is dropped, whether it was asked or not.
    """

    def __init__(
        self,
        fire: Fire,
        at_once: int,
        *,
        on_full: Callable[[], None] = _ignore,
        on_room: Callable[[], None] = _ignore,
    ) -> None:
        self._fire = fire
        self._at_once = max(1, at_once)
        self._on_full = on_full
        self._on_room = on_room
        self._waiting: deque[Waiting] = deque()
        self._bytes = 0
        self._at_work: set[asyncio.Future[object]] = set()
        self._full = False
        self._emptied = asyncio.Event()
        self._emptied.set()

    @property
    def under_way(self) -> int:
        """How many events wait or are at work."""
        return len(self._waiting) + len(self._at_work)

    def put(self, firing: Firing, size: int = 0, done: Callable[[], None] = _ignore) -> None:
        """Take an event of so many bytes; `done` is called when it has been handled."""
        self._emptied.clear()
        self._waiting.append(Waiting(firing, size, done))
        self._bytes += size
        self._begin()
        if not self._full and self._is_full():
            self._full = True
            self._on_full()

    async def wait_empty(self) -> None:
        """Return when all events have been handled."""
        await self._emptied.wait()

    def abort(self) -> None:
        """Forget those that wait, and those at work too."""
        self._waiting.clear()
        self._bytes = 0
        for working in list(self._at_work):
            working.cancel()
        self._emptied.set()

    def _is_full(self) -> bool:
        return self._bytes >= MOST_BYTES or len(self._waiting) >= MOST_WAITING

    def _begin(self) -> None:
        while self._waiting and len(self._at_work) < self._at_once:
            firing, size, done = self._waiting.popleft()
            self._bytes -= size
            working: asyncio.Future[object] = asyncio.ensure_future(self._fire(firing))
            self._at_work.add(working)
            working.add_done_callback(partial(self._handled, done))
        if self._full and not self._is_full():
            self._full = False
            self._on_room()

    def _handled(self, done: Callable[[], None], working: asyncio.Future[object]) -> None:
        self._at_work.discard(working)
        if not working.cancelled():
            working.exception()  # of a bug, and told by the executor
            done()
        self._begin()
        if not self.under_way:
            self._emptied.set()
