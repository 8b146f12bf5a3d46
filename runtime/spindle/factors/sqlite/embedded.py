"""SQLite in this process: a file, or memory.

Statements run on threads, one at a time on each connection. Each connection is a new one of
SQLite's, as in Spin: what it left uncommitted when it is closed is rolled back.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from spindle.factors.sqlite.database import (
    CHUNK_BYTES,
    Row,
    Rows,
    SqliteError,
    Value,
    chunks_of,
    row_bytes,
)
from spindle.factors.sqlite.threads import Threads

if TYPE_CHECKING:
    import apsw

T = TypeVar("T")

BUSY_SECONDS = 5.0
"""How long a statement waits for locks that others hold, as in Spin."""
OPERATIONS = 20_000
"""Of SQLite's virtual machine, between two looks whether a statement is still wanted."""
OWN_MEMORY = 1 << 30
"""Bytes that SQLite may take in this process: guests can attach databases in memory."""
LONGEST_VALUE = 128 << 20
"""Bytes: a longer one could not be read."""

_SHARED_SETTINGS = frozenset(
    {"hard_heap_limit", "soft_heap_limit", "data_store_directory", "temp_store_directory"}
)
"""Pragmas that would change how every connection of the process works."""
_NO_FILE = ("", ":memory:")


class EmbeddedDatabase:
    """A database file; without a path each connection has a database of its own, in memory."""

    summary = "a temporary in-memory database"

    def __init__(
        self, path: Path | None, threads: Threads, *, allow_attach_file: bool = False
    ) -> None:
        self.path = path
        self.threads = threads
        self.allow_attach_file = allow_attach_file

    @property
    def lasting(self) -> bool:
        """Whether it is a file."""
        return self.path is not None

    def connect(self) -> EmbeddedConnection:
        """A connection that opens the file at its first statement."""
        return EmbeddedConnection(self)

    async def close(self) -> None:
        """Connections share nothing but threads, which are not its own."""


class EmbeddedConnection:
    """One connection of SQLite's."""

    def __init__(self, database: EmbeddedDatabase) -> None:
        self._database = database
        self._turn = asyncio.Lock()
        self._sqlite: apsw.Connection | None = None
        self._unwanted = False
        """Whether nobody waits any more for what a thread does."""
        self._reading = 0
        """Results that are not read to their ends."""
        self._closed = False
        self._busy_since = 0.0

    async def query(self, statement: str, parameters: Sequence[Value]) -> Rows:
        """Execute the first statement of a text; parameters go by position."""
        started = await self._on_thread(lambda: self._start(statement, parameters))
        if not started.cursor:
            return Rows(started.columns, chunks_of(started.rows))
        self._reading += 1
        return Rows(started.columns, self._chunks(started))

    async def changes(self) -> int:
        """How many rows the last statement that changed some has changed."""
        async with self._turn:
            return 0 if self._sqlite is None else self._sqlite.changes()

    async def last_insert_rowid(self) -> int:
        """The id of the row that was inserted last."""
        async with self._turn:
            return 0 if self._sqlite is None else self._sqlite.last_insert_rowid()

    async def close(self) -> None:
        """Close it, once results are read to their ends."""
        self._closed = True
        if not self._reading and self._sqlite is not None:
            await self._on_thread(self._close)

    async def _chunks(self, started: _Started) -> AsyncGenerator[list[Row], None]:
        cursor = started.cursor
        assert cursor is not None, "the result has an end to be read"
        rows, more = started.rows, True
        try:
            while True:
                yield rows
                if not more:
                    break
                rows, more = await self._on_thread(lambda: _fetch(cursor))
        finally:
            self._reading -= 1
            await self._on_thread(lambda: cursor.close(force=True))
            if self._closed:
                await self.close()

    async def _on_thread(self, work: Callable[[], T]) -> T:
        """Do something with the connection; when that is cancelled it is stopped first."""
        async with self._turn:
            self._unwanted = False
            doing = self._database.threads.run(lambda: self._guarded(work))
            try:
                await asyncio.wait((doing,))
            except asyncio.CancelledError:
                self._unwanted = True
                await _ended(doing)
                raise
            result: T = doing.result()
            return result

    def _guarded(self, work: Callable[[], T]) -> T:
        import apsw  # only here: most applications have no database

        if self._unwanted:
            raise SqliteError("io", "the statement was cancelled")
        try:
            return work()
        except UnicodeDecodeError:
            raise SqliteError(
                "io", "the result has a text that is not UTF-8: read it by `CAST(… AS BLOB)`"
            ) from None
        except (apsw.Error, MemoryError, OSError) as error:
            raise SqliteError("io", str(error) or "out of memory") from None

    def _start(self, statement: str, parameters: Sequence[Value]) -> _Started:
        if self._sqlite is None:
            self._sqlite = self._opened()
        prepared = prepare(self._sqlite, statement)
        if prepared.parameters != len(parameters):
            counts = f"Got {len(parameters)}, needed {prepared.parameters}"
            raise SqliteError(
                "io", f"Wrong number of parameters passed to query. {counts}", prepared.columns
            )
        cursor = self._sqlite.cursor()
        try:
            cursor.execute(prepared.statement, parameters)
            rows, more = _fetch(cursor)
        except BaseException:
            cursor.close(force=True)
            raise
        return _Started(prepared.columns, rows, cursor if more else None)

    def _opened(self) -> apsw.Connection:
        import apsw

        path = self._database.path
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        apsw.hard_heap_limit(OWN_MEMORY)
        sqlite = apsw.Connection(":memory:" if path is None else str(path))
        sqlite.set_busy_handler(self._wait)
        sqlite.set_progress_handler(lambda: self._unwanted, OPERATIONS)
        sqlite.config(apsw.SQLITE_DBCONFIG_ENABLE_FKEY, 1)
        sqlite.limit(apsw.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
        sqlite.authorizer = self._authorized
        return sqlite

    def _close(self) -> None:
        sqlite, self._sqlite = self._sqlite, None
        if sqlite is not None:
            sqlite.close(force=True)

    def _wait(self, tries: int) -> bool:
        """Wait for a lock; whether to try again."""
        now = time.monotonic()
        if tries == 0:
            self._busy_since = now
        if self._unwanted or now - self._busy_since >= BUSY_SECONDS:
            return False
        time.sleep(min(0.1, 0.001 * 2 ** min(tries, 10)))
        return True

    def _authorized(
        self, action: int, first: str | None, second: str | None, *_where: str | None
    ) -> int:
        """Whether SQLite may do something.

        A file's name that is not written out is none that may be attached: it could be any.
        """
        import apsw

        if action == apsw.SQLITE_ATTACH and not self._database.allow_attach_file:
            return apsw.SQLITE_OK if first in _NO_FILE else apsw.SQLITE_DENY
        if action == apsw.SQLITE_PRAGMA and second is not None:
            shared = (first or "").lower() in _SHARED_SETTINGS
            return apsw.SQLITE_DENY if shared else apsw.SQLITE_OK
        return apsw.SQLITE_OK


class Prepared(NamedTuple):
    """What SQLite says of a statement before it is executed."""

    statement: str
    columns: tuple[str, ...]
    parameters: int


class _Started(NamedTuple):
    """A statement under way."""

    columns: tuple[str, ...]
    rows: list[Row]
    cursor: apsw.Cursor | None
    """What gives the rest; None if there is none."""


def prepare(sqlite: apsw.Connection, text: str) -> Prepared:
    """Look at the first statement of a text; raises `SqliteError`."""
    import apsw

    found: list[Prepared | None] = []

    def look(cursor: apsw.Cursor, statement: str, _bindings: Any) -> bool:
        if cursor.has_vdbe:
            names = tuple(column[0] for column in cursor.get_description())
            found.append(Prepared(statement, names, cursor.bindings_count))
        else:
            found.append(None)
        return False

    cursor = sqlite.cursor()
    cursor.exec_trace = look
    try:
        # Stands for any parameters; what takes a tuple wants to know how many before it looks.
        cursor.execute(text, apsw._null_bindings)  # type: ignore[attr-defined]
    except apsw.ExecTraceAbort:
        pass
    except apsw.SQLError as error:
        offset = getattr(error, "error_offset", -1)  # unknown to the library's types
        raise SqliteError("io", str(error), offset=None if offset < 0 else offset) from None
    finally:
        cursor.exec_trace = None
    if not found or found[0] is None:
        raise SqliteError("io", "bad parameter or other API misuse")
    return found[0]


async def _ended(doing: asyncio.Future[Any]) -> None:
    """Wait for the end of what nobody wants, which comes soon, however often told not to."""
    while not doing.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait((doing,))
    doing.exception()  # nobody is left to hear of it


def _fetch(cursor: apsw.Cursor) -> tuple[list[Row], bool]:
    """Some rows, and whether there may be more."""
    rows: list[Row] = []
    size = 0
    for row in cursor:
        rows.append(row)
        size += row_bytes(row)
        if size >= CHUNK_BYTES:
            return rows, True
    return rows, False
