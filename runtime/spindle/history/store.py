"""The database of exchanges of one application."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from spindle.errors import HostError, UserError
from spindle.exchange import Exchange, Json, Summary
from spindle.exchange.filters import Filter

OnTrouble = Callable[[str, tuple[str, ...]], None]
"""Told what is wrong, and hints; the signature of `Console.warn`."""


class StoreError(HostError):
    """The database can't be read or written."""

    code = "exchange-store"


class AmbiguousId(UserError):
    """The beginning of an id fits several exchanges."""

    code = "ambiguous-exchange"


class Bounds(NamedTuple):
    """How much is kept: what is older or more goes, the oldest first."""

    max_bytes: int = 256_000_000
    max_age: float = 7 * 24 * 3600.0
    """Seconds."""


class Store:
    """Exchanges by id, the last kept first. Its methods block; any thread may call them."""

    @classmethod
    def open(
        cls,
        path: Path | None,
        bounds: Bounds = Bounds(),  # noqa: B008 - a value
        on_trouble: OnTrouble | None = None,
    ) -> Store:
        """Open a database to read and write, in memory without a path; raises `StoreError`.

        One that is corrupt or of another version is set aside, and `on_trouble` told.
        """
        raise NotImplementedError

    @classmethod
    def read(cls, path: Path) -> Store:
        """Open a database that is there, to read; raises `StoreError`."""
        raise NotImplementedError

    def put_many(self, exchanges: Iterable[Exchange | Json]) -> None:
        """Keep exchanges, finished ones or documents, at the cost of the oldest."""
        raise NotImplementedError

    def list(
        self,
        filter: Filter | None = None,
        *,
        before: str | None = None,
        after: str | None = None,
        limit: int | None = 100,
    ) -> list[Summary]:
        """Those that a filter lets pass, the last kept first; kept before or after one, by id."""
        raise NotImplementedError

    def get(self, id: str) -> Json | None:
        """The document of an exchange by its id or the beginning of it; raises `AmbiguousId`."""
        raise NotImplementedError

    def count(self, filter: Filter | None = None) -> int:
        """How many a filter lets pass."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the file."""
        raise NotImplementedError
