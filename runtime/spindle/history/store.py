"""The database of exchanges of one application."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

from spindle.exchange import Exchange, Json, Summary, summary_of, summary_of_document
from spindle.exchange.filters import Filter
from spindle.exchange.packing import Packed, pack, pack_bare, pack_document, unpack
from spindle.history import schema
from spindle.history.database import (
    BROKEN,
    identity,
    opened,
    opened_to_read,
    set_aside,
    transaction,
)
from spindle.history.problems import AmbiguousId, OnTrouble, StoreError, is_corrupt, told
from spindle.history.retention import DEFAULT_BOUNDS, Bounds, make_room
from spindle.text import quoted_list

PAGE = 200
"""Documents that are looked into at a time."""


class Entry(NamedTuple):
    """An exchange as it is kept."""

    summary: Summary
    data: bytes
    """Its document, packed."""

    @classmethod
    def of(cls, exchange: Exchange) -> Entry:
        """A finished exchange."""
        return cls(summary_of(exchange), pack(exchange))

    @classmethod
    def bare(cls, exchange: Exchange) -> Entry:
        """A finished exchange without bodies and output."""
        return cls(summary_of(exchange), pack_bare(exchange))

    @classmethod
    def of_document(cls, document: Json) -> Entry:
        """A document; raises `LookupError`, `TypeError` or `ValueError` if it is none."""
        return cls(summary_of_document(document), pack_document(document))


class Store:
    """Exchanges by id, the last kept first. Its methods block; one thread at a time calls them.

    Several processes may have one file open, of which one writes at a time.
    """

    def __init__(self, path: Path | None, bounds: Bounds, on_trouble: OnTrouble) -> None:
        """Use `open` or `read`."""
        self.path = path
        self._bounds = bounds
        self._on_trouble = on_trouble
        self._connection: sqlite3.Connection
        self._identity: tuple[int, int] | None = None

    @classmethod
    def open(
        cls,
        path: Path | None,
        bounds: Bounds = DEFAULT_BOUNDS,
        on_trouble: OnTrouble = lambda _message, _hints: None,
    ) -> Store:
        """Open a database to read and write, in memory without a path; raises `StoreError`.

        One that is corrupt or of another version is set aside, and `on_trouble` told.
        """
        store = cls(path, bounds, on_trouble)
        store._open()
        return store

    @classmethod
    def read(cls, path: Path) -> Store:
        """Open a database that is there, to read; raises `StoreError`."""
        store = cls(path, DEFAULT_BOUNDS, lambda _message, _hints: None)
        store._connection = opened_to_read(path)
        store._identity = identity(path)
        return store

    @property
    def is_current(self) -> bool:
        """Whether its file is still the one at its path."""
        return self.path is None or identity(self.path) == self._identity

    def put_many(self, entries: Sequence[Entry]) -> None:
        """Keep exchanges, at the cost of the oldest; raises `StoreError`, and has kept none then.

        A file that turns out to be broken is set aside; one that was removed is made anew.
        """
        if not self.is_current:
            self._connection.close()
            self._open()
        with told(self.path, "written"):
            try:
                self._put(entries)
            except sqlite3.DatabaseError as error:
                if self.path is None or not is_corrupt(error):
                    raise
                self._connection.close()
                set_aside(self.path, *BROKEN, self._on_trouble)
                self._open()
                self._put(entries)
            except UnicodeEncodeError:
                self._put([_speakable(entry) for entry in entries])

    def get(self, id: str) -> Json | None:
        """The document of an exchange by its id or the beginning of it; raises `AmbiguousId`."""
        if not id:
            return None
        with told(self.path, "read"):
            rows = self._connection.execute(
                "SELECT id, data FROM exchanges JOIN documents USING (number)"
                " WHERE id >= ? AND id < ? ORDER BY id LIMIT 4",
                (id, id + "\U0010ffff"),
            ).fetchall()
        if not rows:
            return None
        if len(rows) > 1 and rows[0][0] != id:
            raise AmbiguousId(
                f"several exchanges have ids that begin with `{id}`",
                hints=(f"write more of it: {quoted_list(row[0] for row in rows)}",),
            )
        found, data = rows[0]
        with _said_of(found):
            return unpack(data)

    def count(self, filter: Filter | None = None) -> int:
        """How many a filter lets pass."""
        if filter is not None and filter.needs_document:
            return sum(1 for _ in self._looked_into(filter, "1", []))
        where, params = ("1", list[object]()) if filter is None else filter.to_sql()
        with told(self.path, "read"):
            (count,) = self._connection.execute(
                f"SELECT count(*) FROM exchanges WHERE {where}", params
            ).fetchone()
        return int(count)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _put(self, entries: Sequence[Entry]) -> None:
        connection = self._connection
        with transaction(connection):
            make_room(connection, self._bounds)
            (last,) = connection.execute("SELECT max(number) FROM documents").fetchone()
            rows = list(enumerate(entries, (last or 0) + 1))
            for at in range(0, len(rows), schema.TOGETHER):
                part = rows[at : at + schema.TOGETHER]
                summaries = [(number, *entry.summary) for number, entry in part]
                documents = [(number, entry.data) for number, entry in part]
                connection.execute(
                    schema.insert_exchanges(len(part)), list(chain.from_iterable(summaries))
                )
                connection.execute(
                    schema.insert_documents(len(part)), list(chain.from_iterable(documents))
                )

    def _open(self) -> None:
        self._connection = opened(self.path, self._on_trouble)
        self._identity = None if self.path is None else identity(self.path)

    def _looked_into(self, filter: Filter, where: str, params: list[object]) -> Iterator[Summary]:
        """Those that a filter lets pass which looks into documents, some at a time."""
        condition, more = filter.to_sql()
        # In this order what the summary says is asked first.
        statement = (
            f"SELECT number, data, {schema.COLUMNS}"
            " FROM exchanges CROSS JOIN documents USING (number)"
            f" WHERE {where} AND {condition} AND number < ? ORDER BY number DESC LIMIT {PAGE}"
        )
        number = 1 << 62
        while True:
            with told(self.path, "read"):
                rows = self._connection.execute(statement, [*params, *more, number]).fetchall()
            for _, data, *row in rows:
                summary = Summary._make(row)
                with _said_of(summary.id):
                    passes = filter.matches_unread(summary, Packed(data))
                if passes:
                    yield summary
            if len(rows) < PAGE:
                return
            number = rows[-1][0]

    def list(
        self,
        filter: Filter | None = None,
        *,
        before: str | None = None,
        after: str | None = None,
        limit: int | None = 100,
    ) -> list[Summary]:
        """Those that a filter lets pass, the last kept first; kept before or after one, by id."""
        where, params = _between(before, after)
        if filter is not None and filter.needs_document:
            return list(islice(self._looked_into(filter, where, params), limit))
        if filter is not None:
            condition, more = filter.to_sql()
            where, params = f"{where} AND {condition}", [*params, *more]
        with told(self.path, "read"):
            rows = self._connection.execute(
                f"SELECT {schema.COLUMNS} FROM exchanges"
                f" WHERE {where} ORDER BY number DESC LIMIT ?",
                [*params, -1 if limit is None else limit],
            ).fetchall()
        return [Summary._make(row) for row in rows]


@contextmanager
def _said_of(id: str) -> Iterator[None]:
    """Have it said which exchange is broken."""
    try:
        yield
    except ValueError as error:
        raise StoreError(f"the exchange `{id}` can't be read: {error}") from None


def _speakable(entry: Entry) -> Entry:
    """An exchange with texts that can be written as UTF-8."""
    return entry._replace(summary=Summary._make(map(_utf8, entry.summary)))


def _utf8(value: Any) -> Any:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _between(before: str | None, after: str | None) -> tuple[str, list[object]]:
    """A condition on numbers; an exchange that is gone was before all that are left."""
    where, params = "1", list[object]()
    if before is not None:
        where, params = f"{where} AND number < {schema.NUMBER_OF}", [*params, before]
    if after is not None:
        where, params = f"{where} AND number > ifnull({schema.NUMBER_OF}, 0)", [*params, after]
    return where, params
