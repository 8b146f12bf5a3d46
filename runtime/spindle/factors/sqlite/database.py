"""What an SQLite database is, wherever it is kept.

Values are Python's: `int`, `float`, `str`, `bytes` and None.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from spindle.factors.answering import Failure

Value = int | float | str | bytes | None
Row = tuple[Value, ...]

MOST_BYTES = 128 << 20
"""Bytes of one result that the host holds, or of one row that streams by, as in Spin."""
CHUNK_BYTES = 256 << 10
"""Bytes of rows that are fetched at a time."""
VALUE_BYTES = 32
"""What a value counts for besides its text or bytes."""


class SqliteError(Failure):
    """An operation failed; `case` is the `error` of the interfaces."""

    def __init__(
        self,
        case: str,
        reason: str | None = None,
        columns: Sequence[str] = (),
        offset: int | None = None,
    ) -> None:
        super().__init__(case if reason is None else reason)
        self.case = case
        self.reason = reason
        self.columns = columns
        """The columns there would have been, if so much was known."""
        self.offset = offset
        """Where in the statement the mistake is, in bytes of UTF-8; None if nowhere."""


class Rows(NamedTuple):
    """What a statement answers."""

    columns: Sequence[str]
    chunks: AsyncGenerator[list[Row], None]
    """Rows, some at a time; may raise `SqliteError`. To be closed if not read to the end."""


class Connection(Protocol):
    """One connection; every method may raise `SqliteError`."""

    async def query(self, statement: str, parameters: Sequence[Value]) -> Rows:
        """Execute the first statement of a text."""
        ...

    async def changes(self) -> int:
        """How many rows the last statement that changed some has changed."""
        ...

    async def last_insert_rowid(self) -> int:
        """The id of the row that was inserted last, 0 if there is none."""
        ...

    async def close(self) -> None:
        """Give up what is not committed; results being read are read to their ends."""
        ...


class Database(Protocol):
    """Where connections lead to."""

    @property
    def path(self) -> Path | None:
        """Its file, if it is one."""
        ...

    @property
    def summary(self) -> str:
        """Where it is if it is no file, as Spin says it."""
        ...

    @property
    def lasting(self) -> bool:
        """Whether connections see what others did."""
        ...

    def connect(self) -> Connection:
        """A new connection; nothing is opened before its first statement."""
        ...

    async def close(self) -> None:
        """Let go of what connections share."""
        ...


def row_bytes(row: Row) -> int:
    """How many bytes a row counts for; raises `SqliteError` if that is too many."""
    size = VALUE_BYTES * len(row)
    for value in row:
        if value.__class__ is str or value.__class__ is bytes:
            size += len(value)
    if size > MOST_BYTES:
        raise too_large()
    return size


def too_large() -> SqliteError:
    """A result is more than the host holds."""
    return SqliteError("io", f"query result exceeds limit of {MOST_BYTES} bytes")


async def chunks_of(
    first: list[Row], rest: AsyncGenerator[list[Row], None] | None = None
) -> AsyncGenerator[list[Row], None]:
    """Rows that are there already, before what comes after them."""
    try:
        if first:
            yield first
        if rest is not None:
            async for rows in rest:
                yield rows
    finally:
        if rest is not None:
            await rest.aclose()


async def all_rows(rows: Rows) -> list[Row]:
    """A whole result; raises `SqliteError`, also for one that is too large."""
    found: list[Row] = []
    size = 0
    async for chunk in rows.chunks:
        found += chunk
        size += sum(map(row_bytes, chunk))
        if size > MOST_BYTES:
            await rows.chunks.aclose()
            raise too_large()
    return found
