"""Databases on libSQL servers.

A statement outside a transaction has a stream of the server's to itself, so that several may be
under way. A transaction is a stream that is kept; results within are read whole, since a stream
takes one statement at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from spindle.factors.outbound_url import without_password
from spindle.factors.sqlite import hrana
from spindle.factors.sqlite.database import (
    CHUNK_BYTES,
    Row,
    Rows,
    SqliteError,
    Value,
    all_rows,
    chunks_of,
    row_bytes,
)
from spindle.factors.sqlite.opened import in_background

if TYPE_CHECKING:
    import aiohttp

CONNECT_SECONDS = 15.0
REFUSAL_BYTES = 4096
"""Bytes read of the body that comes with a refusal."""


class LibSqlDatabase:
    """A database on a server."""

    path: Path | None = None
    lasting = True

    def __init__(self, url: str, token: str) -> None:
        self.url = url.rstrip("/")
        self.summary = f"libSQL at {without_password(url)}"
        self._token = token
        self._session: aiohttp.ClientSession | None = None

    def connect(self) -> LibSqlConnection:
        """A connection; the server hears of it by its first statement."""
        return LibSqlConnection(self)

    async def close(self) -> None:
        """Close what leads to the server."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def post(self, base: str, endpoint: str, body: object) -> aiohttp.ClientResponse:
        """The answer to a request; raises `SqliteError`, also for a refusal."""
        import aiohttp  # only here: it takes long to import

        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)
            self._session = aiohttp.ClientSession(timeout=timeout)
        with self.reaching():
            response = await self._session.post(
                f"{base}/v3/{endpoint}",
                json=body,
                headers={"authorization": f"Bearer {self._token}"},
                allow_redirects=False,
            )
            if response.status == 200:
                return response
            refusal = hrana.said(await response.content.read(REFUSAL_BYTES))
            response.close()
        raise SqliteError("io", f"{self.summary} answered {response.status}: {refusal}")

    @contextmanager
    def reaching(self) -> Iterator[None]:
        """Failures to talk to the server become `SqliteError`."""
        import aiohttp

        try:
            yield
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            why = str(error) or "it takes too long"
            raise SqliteError("io", f"{self.summary} can't be reached: {why}") from None


class _Stream(NamedTuple):
    """What a server knows a stream by, and where it is."""

    baton: str | None
    base: str


class LibSqlConnection:
    """Statements that follow one another, in a transaction or not."""

    def __init__(self, database: LibSqlDatabase) -> None:
        self._database = database
        self._turn = asyncio.Lock()
        self._transaction: _Stream | None = None
        self._changes = 0
        self._last_insert_rowid = 0

    async def query(self, statement: str, parameters: Sequence[Value]) -> Rows:
        """Execute a statement; parameters go by position."""
        if self._transaction is None:
            return await self._execute(None, statement, parameters)
        async with self._turn:
            stream, self._transaction = self._transaction, None  # lost, if this is cut short
            rows = await self._execute(stream, statement, parameters)
            return Rows(rows.columns, chunks_of(await all_rows(rows)))

    async def changes(self) -> int:
        """How many rows the last statement has changed."""
        return self._changes

    async def last_insert_rowid(self) -> int:
        """The id of the row that was inserted last."""
        return self._last_insert_rowid

    async def close(self) -> None:
        """Give up the transaction, if there is one."""
        async with self._turn:
            stream, self._transaction = self._transaction, None
            if stream is not None:
                await self._end(stream)

    async def _execute(
        self, stream: _Stream | None, statement: str, parameters: Sequence[Value]
    ) -> Rows:
        """Execute a statement; on return its end has been read, or rows have."""
        post = self._database.post
        if stream is None or stream.baton is None:
            base = self._database.url
            response = await post(base, "cursor", hrana.cursor_request(statement, parameters))
            answer = hrana.cursor_answer(response.content.iter_any())
        else:
            base = stream.base
            request = hrana.batch_request(stream.baton, statement, parameters)
            response = await post(base, "pipeline", request)
            answer = hrana.batch_answer(response.content.iter_any())
        columns: list[str] = []
        chunks = self._read(response, base, answer, columns)
        first: list[Row] = await anext(chunks, [])
        return Rows(columns, chunks_of(first, chunks))

    async def _read(
        self, response: aiohttp.ClientResponse, base: str, answer: hrana.Answer, columns: list[str]
    ) -> AsyncGenerator[list[Row], None]:
        """Rows, some at a time; fills in the columns before the first."""
        stream: _Stream | None = None
        kept = False
        try:
            with self._database.reaching():
                head: dict[str, Any] = await anext(answer, {})
                stream = _Stream(head.get("baton"), (head.get("base_url") or base).rstrip("/"))
                result = hrana.Result(columns)
                rows: list[Row] = []
                size = 0
                async for entry in answer:
                    row = result.take(entry)
                    if row is None:
                        continue
                    rows.append(row)
                    size += row_bytes(row)
                    if size >= CHUNK_BYTES:
                        yield rows
                        rows, size = [], 0
            kept = result.in_transaction
            self._ended(result, stream if kept else None)
            if rows:
                yield rows
            result.check()
        finally:
            response.close()
            if stream is not None and not kept:
                in_background(self._end(stream))

    def _ended(self, result: hrana.Result, transaction: _Stream | None) -> None:
        self._transaction = transaction
        self._changes = result.changes
        self._last_insert_rowid = result.last_insert_rowid or self._last_insert_rowid

    async def _end(self, stream: _Stream) -> None:
        if stream.baton is not None:
            with suppress(SqliteError):  # the server ends it by itself, only later
                request = hrana.close_request(stream.baton)
                (await self._database.post(stream.base, "pipeline", request)).release()
