"""Results that come bit by bit: a stream of elements beside a future that tells how it went."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any

from spindle.component.ends import HostFuture, HostReadable
from spindle.component.values import Err, Ok
from spindle.factors.answering import MOST_ITEMS, Failure, Spelling, seen

AHEAD = 256
"""Elements that wait for the guest before no more are produced."""


class StreamDropped(Exception):
    """The guest reads no more of a stream."""


class Elements(HostReadable):
    """A stream whose producer waits while the guest has enough to take."""

    __slots__ = (
        "_at",
        "_ended",
        "_hurried",
        "_parts",
        "_room",
        "_size",
        "kept",
        "label",
        "on_drop",
        "producer",
    )

    def __init__(self) -> None:
        super().__init__()
        self._parts: deque[Sequence[Any]] = deque()
        self._at = 0
        """How much of the first part is taken."""
        self._size = 0
        self._ended = False
        self._hurried = False
        self._room = asyncio.Event()
        self.kept: list[Any] | None = None
        """All of them, where that is asked for."""
        self.label: list[object] = []
        """What is recorded of it: the first elements, as they go by."""
        self.on_drop: Callable[[], object] | None = None
        """Called when the guest drops it: a producer may wait for long before it puts anything."""
        self.producer: asyncio.Task[None] | None = None
        """The task that puts elements in; a task is kept alive by who refers to it."""

    async def put(self, items: Sequence[Any]) -> None:
        """Add elements, and wait until there is room for more; raises `StreamDropped`."""
        if not self.dropped and items:
            self._parts.append(items)
            self._size += len(items)
            if self.kept is not None:
                self.kept += items
            self.label += map(seen, items[: max(0, MOST_ITEMS - len(self.label))])
            self.notify()
            if self._size >= AHEAD and not self._hurried:
                self._room.clear()
                await self._room.wait()
        if self.dropped:
            raise StreamDropped

    def hurry(self) -> None:
        """Wait for the guest no more: the producer has to come to an end."""
        self._hurried = True
        self._room.set()

    def end(self) -> None:
        """Say that no more will come."""
        self._ended = True
        self.notify()

    def take(self, limit: int) -> Sequence[Any] | None:
        """The next elements, of one part."""
        if not self._parts:
            return () if self._ended else None
        part, start = self._parts[0], self._at
        self._at = end = min(start + limit, len(part))
        if end == len(part):
            self._parts.popleft()
            self._at = 0
        self._size -= end - start
        if self._size < AHEAD:
            self._room.set()
        return part if end - start == len(part) else part[start:end]

    def has_more(self) -> bool:
        """Whether there is another part."""
        return bool(self._parts)

    def closed(self) -> None:
        """Let the producer know."""
        self._parts.clear()
        self._size = 0
        self._room.set()
        if self.on_drop is not None:
            self.on_drop()


def streamed(
    items: AsyncGenerator[Sequence[Any], None], spelling: Spelling
) -> tuple[Elements, HostFuture]:
    """Elements as a generator gives them, some at a time, and the `result<_, error>` in the end.

    The generator is run by a task of its own, at once, and closed in any case. When the guest has
    dropped the stream it is closed at its next elements. A `Failure` that it raises is the error.
    """
    elements, outcome = Elements(), HostFuture()
    producing = _produce(items, elements, outcome, spelling)
    elements.producer = asyncio.get_running_loop().create_task(producing)
    return elements, outcome


async def _produce(
    items: AsyncGenerator[Sequence[Any], None],
    elements: Elements,
    outcome: HostFuture,
    spelling: Spelling,
) -> None:
    result: Ok | Err = Ok(None)
    try:
        async with aclosing(items):
            async for some in items:
                await elements.put(some)
    except StreamDropped:
        pass
    except Failure as failure:
        result = Err(spelling(failure))
    finally:
        elements.end()
        outcome.resolve(result)
