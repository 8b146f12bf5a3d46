"""Key-value stores in an SQLite file, with Spin's own table: both hosts can use one file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from spindle.factors.key_value.sqlite_file import SqliteFile
from spindle.factors.key_value.store import (
    PER_VALUE,
    KeyValueError,
    OnTrouble,
    Page,
    as_number,
    bounded_pairs,
    checked_sum,
    within_limit,
)

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
_GET_SMALL = """SELECT length(value), CASE WHEN length(value) <= 65536 THEN value END
  FROM spin_key_value WHERE store = ? AND key = ?"""
_SET = """INSERT INTO spin_key_value (store, key, value) VALUES (?1, ?2, ?3)
  ON CONFLICT (store, key) DO UPDATE SET value = ?3"""
_INSERT = """INSERT INTO spin_key_value (store, key, value) VALUES (?1, ?2, ?3)
  ON CONFLICT (store, key) DO NOTHING"""
_REPLACE = "UPDATE spin_key_value SET value = ?3 WHERE store = ?1 AND key = ?2 AND value = ?4"
_DELETE = "DELETE FROM spin_key_value WHERE store = ? AND key = ?"
_EXISTS = "SELECT 1 FROM spin_key_value WHERE store = ? AND key = ?"
_PAGE_SIZE = 1000
_KEYS_FROM, _KEYS_AFTER = (
    f"SELECT key FROM spin_key_value WHERE store = ? AND key {compared} ?"
    f" ORDER BY key LIMIT {_PAGE_SIZE}"
    for compared in (">=", ">")
)


class SqliteStores:
    """All stores of one file; without a path, in memory."""

    def __init__(self, path: Path | None, on_trouble: OnTrouble = lambda _trouble: None) -> None:
        self.path = path
        self._file = SqliteFile(path, _TABLE)
        self._on_trouble = on_trouble

    @property
    def summary(self) -> str:
        """The file."""
        return "a temporary in-memory store" if self.path is None else f'"{self.path}"'

    async def open(self, label: str) -> SqliteStore:
        """The store of a label; the file is made when the first is opened."""
        await self._told(self._file.open())
        return SqliteStore(self, label)

    async def close(self) -> None:
        """Close the file."""
        await self._file.close()

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do something that only reads."""
        return await self._told(self._file.read(work))

    async def read_later(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do something that only reads, and takes a while."""
        return await self._told(self._file.read_later(work))

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do something that writes, all or nothing."""
        return await self._told(self._file.write(work))

    async def _told(self, doing: Awaitable[T]) -> T:
        """Wait for something; says to people and to the guest what is wrong with the file."""
        try:
            return await doing
        except KeyValueError:
            raise
        except Exception as error:
            import sqlite3

            if not isinstance(error, sqlite3.Error | OSError):
                raise
            why = str(error)
            if isinstance(error, OSError):
                why = f"{error.strerror}: `{error.filename}`"
            self._on_trouble(f"{self.summary}: {why}")
            raise KeyValueError("other", why) from error


class SqliteStore:
    """One store."""

    def __init__(self, stores: SqliteStores, label: str) -> None:
        self._stores = stores
        self.label = label

    async def get(self, key: str) -> bytes | None:
        """A key's value."""
        row = await self._stores.read(
            lambda connection: connection.execute(_GET_SMALL, (self.label, key)).fetchone()
        )
        if row is None:
            return None
        size, value = row
        within_limit(PER_VALUE + size)
        return await self._stores.read_later(self._get(key)) if value is None else _bytes(value)

    def _get(self, key: str) -> Callable[[sqlite3.Connection], bytes | None]:
        return lambda connection: _get(connection, self.label, key)

    async def set(self, key: str, value: bytes) -> None:
        """Set a key's value."""
        row = (self.label, key, value)
        await self._stores.write(lambda connection: connection.execute(_SET, row))

    async def delete(self, key: str) -> None:
        """Remove a key."""
        row = (self.label, key)
        await self._stores.write(lambda connection: connection.execute(_DELETE, row))

    async def exists(self, key: str) -> bool:
        """Whether a key has a value."""
        row = (self.label, key)
        return await self._stores.read(
            lambda connection: connection.execute(_EXISTS, row).fetchone() is not None
        )

    async def page(self, prefix: str = "", cursor: str | None = None) -> Page:
        """Keys with a prefix, in order; a cursor is the last one before."""
        page = await self._stores.read(partial(_page, self.label, prefix, cursor))
        keys = [key for key in page if key.startswith(prefix)]
        more = len(page) == _PAGE_SIZE and len(keys) == len(page)
        return Page(keys, keys[-1] if more else None)

    async def get_many(self, keys: Sequence[str]) -> list[tuple[str, bytes | None]]:
        """Those of the keys that have a value, with it."""

        def get_all(connection: sqlite3.Connection) -> list[tuple[str, bytes | None]]:
            found: list[tuple[str, bytes | None]] = []
            for key in dict.fromkeys(keys):
                if (value := _get(connection, self.label, key)) is not None:
                    found.append((key, value))
            return bounded_pairs(found)

        return await self._stores.read_later(get_all)

    async def set_many(self, items: Sequence[tuple[str, bytes]]) -> None:
        """Set all or none."""
        rows = [(self.label, key, value) for key, value in items]
        await self._stores.write(lambda connection: connection.executemany(_SET, rows))

    async def delete_many(self, keys: Sequence[str]) -> None:
        """Remove all or none."""
        rows = [(self.label, key) for key in keys]
        await self._stores.write(lambda connection: connection.executemany(_DELETE, rows))

    async def increment(self, key: str, delta: int) -> int:
        """Add to a number, kept as Spin does: eight bytes, the lowest first."""

        def add(connection: sqlite3.Connection) -> int:
            new = checked_sum(as_number(_get(connection, self.label, key), text=False), delta)
            row = (self.label, key, new.to_bytes(8, "little", signed=True))
            connection.execute(_SET, row)
            return new

        return await self._stores.write(add)

    async def current(self, key: str) -> tuple[bytes | None, Any]:
        """A key's value; `swap` knows it again."""
        value = await self.get(key)
        return value, value

    async def swap(self, key: str, seen: Any, value: bytes) -> bool:
        """Set a value if it is what was seen."""
        row = (self.label, key, value)
        if seen is None:
            return await self._changed(_INSERT, row)
        return await self._changed(_REPLACE, (*row, seen))

    async def _changed(self, statement: str, row: tuple[object, ...]) -> bool:
        return await self._stores.write(
            lambda connection: connection.execute(statement, row).rowcount == 1
        )


def _get(connection: sqlite3.Connection, label: str, key: str) -> bytes | None:
    row = connection.execute(_GET, (label, key)).fetchone()
    return None if row is None else _bytes(row[0])


def _bytes(value: object) -> bytes:
    """A value as bytes; a person may have put in texts and numbers with other tools."""
    return value if isinstance(value, bytes) else str(value).encode()


def _page(label: str, prefix: str, after: str | None, connection: sqlite3.Connection) -> list[str]:
    """The first keys not below a prefix and after a key."""
    row, statement = (label, after), _KEYS_AFTER
    if after is None or after < prefix:
        row, statement = (label, prefix), _KEYS_FROM
    return [key for (key,) in connection.execute(statement, row).fetchall()]
