"""Keeping exchanges while a host serves: taken from the bus, written on a thread."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from spindle.events import Bus
from spindle.exchange import Json, Summary
from spindle.exchange.filters import Filter
from spindle.history.store import Bounds, OnTrouble


class Keeper:
    """Keeps the exchanges of a host; lives on its event loop.

    What has finished can be read at once, whether it has been written yet or not. A disk that is
    too slow costs details, then exchanges, and never keeps the host waiting.
    """

    def __init__(self, bus: Bus, path: Path | None, bounds: Bounds, on_trouble: OnTrouble) -> None:
        """Without a path, or if it is of no use, exchanges are kept in memory, fewer of them."""
        self.path = path
        """The database, None if there is none."""

    def start(self) -> None:
        """Keep what finishes from now on."""

    async def close(self) -> None:
        """Write what has finished, and let go of the file."""

    async def list(
        self,
        filter: Filter | None = None,
        *,
        before: str | None = None,
        after: str | None = None,
        limit: int | None = 100,
    ) -> list[Summary]:
        """See `Store.list`."""
        raise NotImplementedError

    async def get(self, id: str) -> Json | None:
        """See `Store.get`."""
        raise NotImplementedError

    async def count(self, filter: Filter | None = None) -> int:
        """See `Store.count`."""
        raise NotImplementedError

    async def add(self, documents: Sequence[Json]) -> None:
        """Keep documents that were made elsewhere."""
        raise NotImplementedError
