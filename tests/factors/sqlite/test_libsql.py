"""Databases on a server: values, transactions, and what can go wrong on the way.

`SPINDLE_SQLD`, the URL of a running `sqld` without authentication, has the first tests ask that
as well.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factors.calling import run
from tests.factors.sqlite.databases import ask, refusal
from tests.factors.sqlite.dialects import DIALECTS, GUESTS, execute
from tests.labs import LabError, Labs
from tests.services.hrana import TOKEN, HranaServer, hrana_server

from spindle.factors.sqlite import hrana
from spindle.factors.sqlite.database import Database, SqliteError, Value
from spindle.factors.sqlite.libsql import LibSqlDatabase
from spindle.factors.sqlite.opened import all_done

REAL = os.environ.get("SPINDLE_SQLD")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[HranaServer]:
    with hrana_server(tmp_path) as server:
        yield server


@pytest.fixture(params=["ours", *(["sqld"] if REAL else [])])
def url(request: pytest.FixtureRequest, server: HranaServer) -> str:
    return server.url if request.param == "ours" else str(REAL)


def on(url: str, test: Callable[[Database], Awaitable[None]], token: str = TOKEN) -> None:
    """Run an asynchronous test of the database at a URL."""

    async def work() -> None:
        database = LibSqlDatabase(url, token)
        try:
            await test(database)
            await all_done()
        finally:
            await database.close()

    run(work)


def test_values_and_transactions(url: str) -> None:
    values: tuple[Value, ...] = (2**63 - 1, 0.1, "日本", b"\0\xff\1", None)

    async def test(database: Database) -> None:
        one, two = database.connect(), database.connect()
        await ask(one, "DROP TABLE IF EXISTS t")
        await ask(one, "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b, c, d, e)")
        await ask(one, "INSERT INTO t (a, b, c, d, e) VALUES (?, ?, ?, ?, ?)", *values)
        assert (await one.changes(), await one.last_insert_rowid()) == (1, 1)
        rows = await one.query("SELECT a, b, c, d, e FROM t", ())
        assert list(rows.columns) == ["a", "b", "c", "d", "e"]
        assert [row async for chunk in rows.chunks for row in chunk] == [values]

        await ask(one, "BEGIN")
        await ask(one, "INSERT INTO t (a) VALUES (2)")
        assert "no such table" in await refusal(one, "INSERT INTO nope VALUES (1)")
        assert "SELEKT" in await refusal(one, "SELEKT 1")
        assert await ask(one, "SELECT count(*) FROM t") == [(2,)], "mistakes end no transaction"
        assert await ask(two, "SELECT count(*) FROM t") == [(1,)]
        await ask(one, "COMMIT")
        assert await ask(two, "SELECT count(*) FROM t") == [(2,)]

        await ask(one, "BEGIN")
        await ask(one, "DELETE FROM t")
        await one.close()
        assert await ask(two, "SELECT count(*) FROM t") == [(2,)]
        assert "SELEKT" in await refusal(two, "SELEKT 1")
        assert await ask(two, "SELECT 5") == [(5,)]

    on(url, test)


def test_rows_come_in_pieces(url: str) -> None:
    many = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 20000)"

    async def test(database: Database) -> None:
        connection = database.connect()
        rows = await connection.query(f"{many} SELECT x FROM c", ())
        first = await anext(rows.chunks)
        assert 0 < len(first) < 20_000
        assert await ask(connection, "SELECT 5") == [(5,)], "others go on meanwhile"
        rest = [row async for chunk in rows.chunks for row in chunk]
        assert [x for (x,) in first + rest] == list(range(1, 20_001))

        rows = await connection.query(f"{many} SELECT x FROM c", ())
        await anext(rows.chunks)
        await rows.chunks.aclose()

    on(url, test)


def test_streams_are_ended(server: HranaServer) -> None:
    async def test(database: Database) -> None:
        connection = database.connect()
        await ask(connection, "SELECT 1")
        await ask(connection, "BEGIN")
        await refusal(connection, "SELECT * FROM nope")
        await all_done()
        assert len(server.streams) == 1
        await connection.close()

    on(server.url, test)
    assert server.streams == {}


def test_a_transaction_the_server_forgot_is_told(server: HranaServer) -> None:
    async def test(database: Database) -> None:
        connection = database.connect()
        await ask(connection, "BEGIN")
        server.forget()
        assert "answered 400: the stream is expired" in await refusal(connection, "SELECT 1")
        assert "no transaction is active" in await refusal(connection, "COMMIT")
        assert await ask(connection, "SELECT 1") == [(1,)]

    on(server.url, test)


def test_a_wrong_token_and_a_server_that_is_gone(server: HranaServer) -> None:
    async def refused(database: Database) -> None:
        said = await refusal(database.connect(), "SELECT 1")
        assert said == f"libSQL at {server.url} answered 401: Authentication failed"

    on(server.url, refused, "guessed")

    async def gone(database: Database) -> None:
        connection = database.connect()
        await ask(connection, "SELECT 1")
        server.hang_up()
        said = await refusal(connection, "SELECT 1")
        assert said.startswith(f"libSQL at {server.url} can't be reached: ")

    on(server.url, gone)


async def _pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def _read(pieces: AsyncIterator[bytes]) -> None:
    result = hrana.Result([])
    async for entry in hrana.cursor_answer(pieces):
        if entry:
            result.take(entry)


BROKEN = (
    b"<html>no</html>",
    b"[]\n",
    b'{}\n{"type": "row", "row": [{}]}\n{"type": "step_begin"}\n',
    b'{}\n{"type": "step_begin", "step": 0, "cols": 5}\n',
    b'{}\n{"no": "type"}\n',
)


@pytest.mark.parametrize("body", BROKEN)
def test_what_is_no_hrana_is_told(body: bytes) -> None:
    with pytest.raises(SqliteError, match="is not Hrana 3"):
        run(lambda: _read(_pieces(body)))


def test_an_answer_that_breaks_off_is_told() -> None:
    with pytest.raises(SqliteError, match="broke off"):
        hrana.Result([]).check()


@given(st.binary(), st.integers(1, 7))
def test_any_answer_is_read_or_refused(body: bytes, size: int) -> None:
    pieces = _pieces(*(body[at : at + size] for at in range(0, len(body), size)))
    with suppress(SqliteError):
        run(lambda: _read(pieces))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_guests_reach_a_server(lab: Labs, server: HranaServer, dialect: str) -> None:
    config = f'[sqlite_database.far]\ntype = "libsql"\nurl = "{server.url}"\ntoken = "{TOKEN}"\n'
    host = lab([DIALECTS[dialect].guest], sqlite_databases=["far"], runtime_config=config)
    answers = execute(
        host,
        dialect,
        "CREATE TABLE t (a, b)",
        ("INSERT INTO t VALUES (?, ?)", [("integer", 7), ("blob", b"\0")]),
        "SELECT * FROM t",
        "SELECT * FROM nope",
        database="far",
    )
    assert answers[2] == [["a", "b"], [[["integer", 7], ["blob", b"\0"]]]]
    assert "no such table: nope" in answers[3]["error"][1]
    assert TOKEN not in host.console.text


def test_guests_never_see_the_token(lab: Labs, server: HranaServer) -> None:
    config = f'[sqlite_database.far]\ntype = "libsql"\nurl = "{server.url}"\ntoken = "guessed"\n'
    host = lab(GUESTS, sqlite_databases=["far"], runtime_config=config)
    with pytest.raises(LabError) as raised:
        host.run(
            'spin_sqlite_sqlite.Connection.open("far").execute("SELECT 1", [])', "lab-python-2"
        )
    assert "answered 401" in str(raised.value.value)
    assert "guessed" not in str(raised.value)
