"""Keeping exchanges while a host serves.

Exchanges are packed on the event loop soon after they have finished, a few at a time: that takes a
few microseconds each, and what follows is bytes, of which it is known how many there are. A thread
writes them, several times a second all that have come meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from spindle.events import Bus, Event, EventKind
from spindle.exchange import Exchange, Json, Summary
from spindle.exchange.filters import Filter
from spindle.history.problems import OnTrouble, StoreError
from spindle.history.retention import DEFAULT_BOUNDS, Bounds
from spindle.history.store import Entry, Store
from spindle.text import counted

T = TypeVar("T")

PACKED_TOGETHER = 32
"""Exchanges packed one after another: one between two requests takes three times as long."""
WAIT_SECONDS = 0.25
"""How long an exchange waits for others to be written with."""
MOST_TOGETHER = 1000
"""Exchanges written together."""
LARGEST = 8_000_000
"""Bytes of one exchange; what is larger loses its details."""
DETAIL_BYTES = 32_000_000
"""Bytes that may wait to be written; beyond that, exchanges lose their details."""
MOST_BYTES = 64_000_000
"""Bytes that may wait; beyond that, exchanges are lost."""
PATIENCE_SECONDS = 10.0
"""How long the end of a host waits for what is not written yet."""
IN_MEMORY = Bounds(max_bytes=32_000_000)
"""What is kept where there is no file for it."""


class Keeper:
    """Keeps the exchanges of a host; lives on its event loop.

    What has finished can be read at once. A disk that is too slow costs details, then exchanges,
    and never keeps the host waiting.
    """

    def __init__(
        self,
        bus: Bus,
        path: Path | None,
        on_trouble: OnTrouble,
        bounds: Bounds = DEFAULT_BOUNDS,
    ) -> None:
        """Without a path, or if it is of no use, exchanges are kept in memory, fewer of them."""
        self.path = path
        """The database; None if there is no file."""
        self._bus = bus
        self._bounds = bounds
        self._on_trouble = on_trouble
        self._thread = ThreadPoolExecutor(1, "history")
        self._store: Store | None = None
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._finished: list[Exchange] = []
        self._batch: list[Entry] = []
        self._waiting = 0
        """Bytes that are not written yet, of those in the batch and those handed over."""
        self._unwritten = 0
        """How many exchanges were handed over and are not written yet."""
        self._timer: asyncio.TimerHandle | None = None
        self._said: set[str] = set()
        self.bare = 0
        """How many exchanges lost their details because others were waiting to be written."""
        self.lost = 0
        """How many were not kept at all."""

    async def start(self) -> None:
        """Keep what finishes from now on; never fails."""
        self._loop = asyncio.get_running_loop()
        self._store = await self._on_thread(self._open)
        self._bus.join(self, (EventKind.EXCHANGE_FINISHED,))

    def put(self, event: Event) -> None:
        """Take an exchange that has finished; called by the bus."""
        assert isinstance(event.data, Exchange)
        self._finished.append(event.data)
        if len(self._finished) >= PACKED_TOGETHER:
            self._pack_finished()
        elif self._timer is None:
            self._wait()

    async def add(self, documents: Sequence[Json]) -> None:
        """Keep documents that were made elsewhere; see `Entry.of_document` for what it raises."""
        entries = [Entry.of_document(document) for document in documents]
        self._pack_finished()
        for entry in entries:
            self._take(entry)

    async def get(self, id: str) -> Json | None:
        """The document of an exchange by its id or the beginning of it; raises `AmbiguousId`."""
        return await self._read(lambda store: store.get(id))

    async def count(self, filter: Filter | None = None) -> int:
        """How many a filter lets pass."""
        return await self._read(lambda store: store.count(filter))

    async def close(self) -> None:
        """Write what has finished, if the disk lets it in time, and let go of the file, once."""
        if self._closed:
            return
        self._closed = True
        self._bus.leave(self)
        self._hand_over()
        if self._store is not None:
            closed = self._on_thread(self._store.close)
            with suppress(TimeoutError):
                await asyncio.wait_for(closed, PATIENCE_SECONDS)
        self._thread.shutdown(wait=False, cancel_futures=True)
        self.lost += self._unwritten
        self._tell_losses()

    def _pack_finished(self) -> None:
        finished, self._finished = self._finished, []
        for exchange in finished:
            self._pack(exchange)

    def _pack(self, exchange: Exchange) -> None:
        if self._waiting > MOST_BYTES:
            self.lost += 1
        elif self._waiting > DETAIL_BYTES:
            self.bare += 1
            self._say("exchanges come faster than they can be written: they lose details", ())
            self._take(Entry.bare(exchange))
        else:
            entry = Entry.of(exchange)
            self._take(entry if len(entry.data) <= LARGEST else Entry.bare(exchange))

    def _take(self, entry: Entry) -> None:
        self._waiting += len(entry.data)
        self._batch.append(entry)
        if self._timer is None:
            self._wait()
        elif len(self._batch) >= MOST_TOGETHER:
            self._hand_over()

    def _wait(self) -> None:
        assert self._loop is not None, "the keeper has started"
        self._timer = self._loop.call_later(WAIT_SECONDS, self._hand_over)

    def _hand_over(self) -> None:
        """Have the thread write what has come."""
        self._pack_finished()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._batch:
            batch, self._batch = self._batch, []
            self._unwritten += len(batch)
            self._thread.submit(self._write, batch)

    async def _read(self, read: Callable[[Store], T]) -> T:
        """Something read after all that has finished was written."""
        assert self._store is not None, "the keeper has started"
        store = self._store
        self._hand_over()
        return await self._on_thread(lambda: read(store))

    async def _on_thread(self, work: Callable[[], T]) -> T:
        assert self._loop is not None, "the keeper has started"
        return await self._loop.run_in_executor(self._thread, work)

    def _open(self) -> Store:
        try:
            return Store.open(self.path, self._bounds, self._warn)
        except StoreError as error:
            self._warn(error.message, (*error.hints, "this host's exchanges are kept in memory"))
            self.path = None
            return Store.open(None, IN_MEMORY, self._warn)

    def _write(self, batch: Sequence[Entry]) -> None:
        """Write a batch: on the thread."""
        assert self._store is not None
        assert self._loop is not None
        lost = 0
        try:
            self._store.put_many(batch)
        except StoreError as error:
            lost = len(batch)
            self._warn(error.message, (*error.hints, "until it can, exchanges are lost"))
        except Exception as error:
            # What is kept is of no use to the host: no bug in it may stop the thread.
            lost = len(batch)
            self._warn(f"this is a bug in spindle: exchanges can't be kept: {error!r}", ())
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._written, batch, lost)

    def _written(self, batch: Sequence[Entry], lost: int) -> None:
        self._unwritten -= len(batch)
        self._waiting -= sum(len(entry.data) for entry in batch)
        self.lost += lost

    def _warn(self, message: str, hints: tuple[str, ...]) -> None:
        """Say what is wrong: on the thread."""
        assert self._loop is not None
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._say, message, hints)

    def _say(self, message: str, hints: tuple[str, ...]) -> None:
        """Say what is wrong, once."""
        if message not in self._said:
            self._said.add(message)
            self._on_trouble(message, hints)

    def _tell_losses(self) -> None:
        if self.lost or self.bare:
            said = f"{counted(self.lost, 'exchange')} could not be kept"
            if self.bare:
                said += f", and {self.bare} only without bodies and output"
            self._on_trouble(said, ())

    async def list(
        self,
        filter: Filter | None = None,
        *,
        before: str | None = None,
        after: str | None = None,
        limit: int | None = 100,
    ) -> list[Summary]:
        """Those that a filter lets pass, the last kept first; see `Store.list`."""
        return await self._read(
            lambda store: store.list(filter, before=before, after=after, limit=limit)
        )
