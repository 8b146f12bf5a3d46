"""How much is kept."""

from __future__ import annotations

import sqlite3
import time
from typing import NamedTuple

SHARE = 20
"""One of so many goes at a time where there is too much."""


class Bounds(NamedTuple):
    """What is older or more goes, the oldest first."""

    max_bytes: int = 256_000_000
    max_age: float = 7 * 24 * 3600.0
    """Seconds."""


DEFAULT_BOUNDS = Bounds()


def make_room(connection: sqlite3.Connection, bounds: Bounds) -> None:
    """Let go what is too old, then the oldest while there is too much."""
    _forget_before(connection, _first_since(connection, time.time() - bounds.max_age))
    while _used_bytes(connection) > bounds.max_bytes:
        first, last = _ends(connection)
        if first > last:
            return
        _forget_before(connection, first + (last - first) // SHARE + 1)


def _forget_before(connection: sqlite3.Connection, number: int) -> None:
    for table in ("exchanges", "documents"):
        connection.execute(f"DELETE FROM {table} WHERE number < ?", (number,))


def _first_since(connection: sqlite3.Connection, at: float) -> int:
    """The number of the first exchange that is not too old; what comes after it stays."""
    row = connection.execute(
        "SELECT number FROM exchanges WHERE at >= ? ORDER BY number LIMIT 1", (at,)
    ).fetchone()
    return int(row[0]) if row else _ends(connection)[1] + 1


def _ends(connection: sqlite3.Connection) -> tuple[int, int]:
    """The numbers of the first and the last document."""
    first, last = connection.execute("SELECT min(number), max(number) FROM documents").fetchone()
    return (1, 0) if first is None else (int(first), int(last))


def _used_bytes(connection: sqlite3.Connection) -> int:
    used = 0
    for count, sign in (("page_count", 1), ("freelist_count", -1)):
        (pages,) = connection.execute(f"PRAGMA {count}").fetchone()
        used += sign * int(pages)
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return used * int(size)
