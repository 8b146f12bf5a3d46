"""What the tests of databases call things."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.factors.calling import run

from spindle.factors.sqlite.database import Connection, Database, Row, SqliteError, Value, all_rows
from spindle.factors.sqlite.embedded import EmbeddedDatabase
from spindle.factors.sqlite.threads import Threads

ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"


@asynccontextmanager
async def connections(path: Path | None, **options: Any) -> AsyncIterator[Database]:
    """A database, and threads for it."""
    threads = Threads()
    try:
        yield EmbeddedDatabase(path, threads, **options)
    finally:
        threads.close()


def with_database(
    test: Callable[[Database], Awaitable[None]], path: Path | None, **options: Any
) -> None:
    """Run an asynchronous test of a database."""

    async def work() -> None:
        async with connections(path, **options) as database:
            await test(database)

    run(work)


async def ask(connection: Connection, statement: str, *parameters: Value) -> list[Row]:
    """All rows a statement answers."""
    return await all_rows(await connection.query(statement, parameters))


async def refusal(connection: Connection, statement: str, *parameters: Value) -> str:
    """What is said of a statement that fails."""
    with pytest.raises(SqliteError) as raised:
        await ask(connection, statement, *parameters)
    assert raised.value.case == "io"
    return str(raised.value)


async def cancelled(task: asyncio.Future[Any]) -> None:
    """Cancel a task, and wait for its end."""
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
