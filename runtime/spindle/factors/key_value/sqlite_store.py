"""Key-value stores in an SQLite file, with Spin's own table: both hosts can use one file.

Reads are done at once. Writes wait for the disk, so they are done on a thread; a lock keeps the
two apart, and a write of several rows whole.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from spindle.factors.key_value.store import KeyValueError

if TYPE_CHECKING:
    import sqlite3

T = TypeVar("T")

_TABLE = """CREATE TABLE IF NOT EXISTS spin_key_value (
  store TEXT NOT NULL,
  key TEXT NOT NULL,
  value BLOB NOT NULL,
  PRIMARY KEY (store, key)
)"""
_GET = "SELECT value FROM spin_key_value WHERE store = ? AND key = ?"
_SET = """INSERT INTO spin_key_value (store, key, value) VALUES (?, ?, ?)
  ON CONFLICT (store, key) DO UPDATE SET value = excluded.value"""
_DELETE = "DELETE FROM spin_key_value WHERE store = ? AND key = ?"
_KEYS = "SELECT key FROM spin_key_value WHERE store = ?"
_LIMIT = 1 << 63


class SqliteStores:
    """All stores of one file; without a path, in memory."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    async def open(self, label: str) -> SqliteStore:
        """The store of a label; the file is made when the first is opened."""
        with _failures():
            self._connected()
        return SqliteStore(self, label)

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            import sqlite3  # only here: most applications keep nothing

            if self.path is not None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(
                self.path or ":memory:", isolation_level=None, check_same_thread=False
            )
            connection.execute(_TABLE)
            self._connection = connection
        return self._connection

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do something that only reads."""
        with _failures(), self._lock:
            return work(self._connected())

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do something that writes, in one transaction."""

        def transaction() -> T:
            with _failures(), self._lock:
                connection = self._connected()
                connection.execute("BEGIN IMMEDIATE")
                try:
                    result = work(connection)
                except BaseException:
                    connection.execute("ROLLBACK")
                    raise
                connection.execute("COMMIT")
                return result

        return await asyncio.to_thread(transaction)


class SqliteStore:
    """One store."""

    def __init__(self, stores: SqliteStores, label: str) -> None:
        self._stores = stores
        self.label = label

    async def get(self, key: str) -> bytes | None:
        """A key's value."""
        return self._stores.read(lambda connection: self._get(connection, key))

    def _get(self, connection: sqlite3.Connection, key: str) -> bytes | None:
        row = connection.execute(_GET, (self.label, key)).fetchone()
        return None if row is None else bytes(row[0])

    async def set(self, key: str, value: bytes) -> None:
        """Set a key's value."""
        await self.set_many([(key, value)])

    async def delete(self, key: str) -> None:
        """Remove a key."""
        await self.delete_many([key])

    async def exists(self, key: str) -> bool:
        """Whether a key has a value."""
        return await self.get(key) is not None

    async def get_keys(self) -> list[str]:
        """All keys, in the order of their first setting."""
        rows = self._stores.read(lambda c: c.execute(_KEYS, (self.label,)).fetchall())
        return [key for (key,) in rows]

    async def get_many(self, keys: Sequence[str]) -> list[tuple[str, bytes | None]]:
        """Those of the keys that have a value, with it."""
        found = self._stores.read(lambda c: [(key, self._get(c, key)) for key in keys])
        return [(key, value) for key, value in found if value is not None]

    async def set_many(self, items: Sequence[tuple[str, bytes]]) -> None:
        """Set all or none."""
        rows = [(self.label, key, bytes(value)) for key, value in items]
        await self._stores.write(lambda connection: connection.executemany(_SET, rows))

    async def delete_many(self, keys: Sequence[str]) -> None:
        """Remove keys."""
        rows = [(self.label, key) for key in keys]
        await self._stores.write(lambda connection: connection.executemany(_DELETE, rows))

    async def increment(self, key: str, delta: int) -> int:
        """Add to a number, kept as Spin does: eight bytes, the lowest first."""

        def add(connection: sqlite3.Connection) -> int:
            old = self._get(connection, key)
            if old is not None and len(old) != 8:
                raise KeyValueError("other", "the value is not a number of 64 bits")
            new = int.from_bytes(old or b"", "little", signed=True) + delta
            if not -_LIMIT <= new < _LIMIT:
                raise KeyValueError("other", "the number does not fit in 64 bits")
            row = (self.label, key, new.to_bytes(8, "little", signed=True))
            connection.execute(_SET, row)
            return new

        return await self._stores.write(add)

    async def swap(self, key: str, old: bytes | None, new: bytes) -> bool:
        """Set a value if it is what it was."""

        def swap(connection: sqlite3.Connection) -> bool:
            if self._get(connection, key) != old:
                return False
            connection.execute(_SET, (self.label, key, new))
            return True

        return await self._stores.write(swap)


@contextmanager
def _failures() -> Iterator[None]:
    import sqlite3

    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise KeyValueError("other", str(error)) from error
