"""What the interfaces of relational databases share: rows, how many bytes of them, and errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from spindle.factors.answering import Failure, Seen, Work, seen

MOST_BYTES = 128 << 20
"""Bytes of one result that the host holds for a guest, or lets stream by, as in Spin."""
VALUE_BYTES = 24
"""What a value counts for besides its text or bytes."""
SIZED = frozenset(("str", "binary"))
"""Data types whose values have a length."""


class DatabaseError(Failure):
    """Why the database, or the host before it, did not do what was asked.

    `case` is that of Spin's present interfaces: `connection-failed`, `bad-parameter`,
    `query-failed`, `value-conversion-failed` or `other`. `detail` is what the newest of Postgres
    have besides the sentence.
    """

    def __init__(self, case: str, reason: str, detail: Any = None) -> None:
        super().__init__(reason)
        self.case = case
        self.reason = reason
        self.detail = detail


class Column(NamedTuple):
    """The record `column` of `rdbms-types`."""

    name: str
    data_type: str


def spelled(error: DatabaseError) -> tuple[str, str]:
    """The `error` of versions 2 and 3."""
    return error.case, error.reason


def spelled_unversioned(error: DatabaseError) -> tuple[str, str]:
    """The `mysql-error` and `pg-error` of the unversioned interfaces."""
    return "other-error" if error.case == "other" else error.case, error.reason


def not_permitted(shown_address: str) -> DatabaseError:
    """A manifest does not allow an address; its password is not told."""
    return DatabaseError("connection-failed", f"address {shown_address} is not permitted")


class ResultSize:
    """Counts the bytes of a result's rows as they come."""

    __slots__ = ("_left", "_texts", "_width")

    def __init__(self, columns: Sequence[Column], most: int = MOST_BYTES) -> None:
        self._left = most
        self._width = VALUE_BYTES * len(columns)
        self._texts = [i for i, column in enumerate(columns) if column.data_type in SIZED]

    def count(self, rows: Sequence[Sequence[Any]]) -> None:
        """Count rows of Python values; raises `DatabaseError` for those that are too many."""
        self._left -= self._width * len(rows)
        for i in self._texts:
            self._left -= sum([len(text) for row in rows if (text := row[i]) is not None])
        if self._left < 0:
            raise DatabaseError("other", f"query result exceeds limit of {MOST_BYTES} bytes")


def row_set(columns: Sequence[Column], rows: list[Any]) -> tuple[Sequence[Column], list[Any]]:
    """The record `row-set` of `rdbms-types`."""
    return columns, rows


def once(open_: Work, work: Work) -> Work:
    """The same work on a connection that is opened for it and released."""

    async def on_its_own(task: Any, address: str, *args: Any) -> Any:
        connection = await open_(task, address)
        try:
            return await work(task, connection, *args)
        finally:
            connection.release()

    return on_its_own


def seen_address(shown: Callable[[str], str]) -> Seen:
    """How arguments are recorded that begin with an address."""
    return lambda args: seen((shown(args[0]), *args[1:]))


def seen_rows(result: Any) -> object:
    """Columns and rows as they are recorded, without the future beside a stream of them."""
    return seen(result[:2])
