"""Databases in files and in memory: what guests may do, what is kept, what is stopped."""

from __future__ import annotations

import asyncio
import math
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factors.calling import run
from tests.factors.sqlite.databases import (
    ENDLESS,
    ask,
    cancelled,
    connections,
    refusal,
    with_database,
)

from spindle.factors.sqlite import database as limits
from spindle.factors.sqlite import embedded
from spindle.factors.sqlite.database import Database, SqliteError, Value

VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(),
    st.binary(),
)


@given(st.lists(VALUES, min_size=1, max_size=20))
def test_values_come_back_as_they_went(values: list[Value]) -> None:
    async def test(database: Database) -> None:
        connection = database.connect()
        marks = ", ".join("?" * len(values))
        (row,) = await ask(connection, f"SELECT {marks}", *values)
        assert row == tuple(values)
        assert [type(value) for value in row] == [type(value) for value in values]
        await connection.close()

    with_database(test, None)


def test_what_is_no_number_is_null() -> None:
    async def test(database: Database) -> None:
        assert await ask(database.connect(), "SELECT ?, typeof(?1)", math.nan) == [(None, "null")]

    with_database(test, None)


def test_mistakes_are_told_apart() -> None:
    async def test(database: Database) -> None:
        connection = database.connect()
        for statement in ("", "  ", "-- nothing", ";", "/* */"):
            assert await refusal(connection, statement) == "bad parameter or other API misuse"
        with pytest.raises(SqliteError, match='near "SELEKT": syntax error') as raised:
            await ask(connection, "SELECT é; SELEKT".partition("; ")[2])
        assert (raised.value.offset, raised.value.columns) == (0, ())
        with pytest.raises(SqliteError, match="Got 1, needed 2") as raised:
            await ask(connection, "SELECT ?, ? AS b", 1)
        assert list(raised.value.columns) == ["?", "b"]
        assert await refusal(connection, "SELECT ?", 1, 2) == (
            "Wrong number of parameters passed to query. Got 2, needed 1"
        )
        assert "no such table: nope" in await refusal(connection, "SELECT * FROM nope")
        assert "not UTF-8" in await refusal(connection, "SELECT CAST(x'ff' AS TEXT)")
        assert await ask(connection, "SELECT 1") == [(1,)], "it goes on"

    with_database(test, None)


def test_parameters_go_by_position_whatever_they_are_called() -> None:
    async def test(database: Database) -> None:
        connection = database.connect()
        assert await ask(connection, "SELECT ?2, :a, ?1, @b", 1, 2, 3, 4) == [(2, 3, 1, 4)]

    with_database(test, None)


def test_a_second_statement_is_ignored(tmp_path: Path) -> None:
    async def test(database: Database) -> None:
        connection = database.connect()
        assert await ask(connection, "SELECT 1; SELECT 2") == [(1,)]
        assert await ask(connection, "CREATE TABLE t (a); DROP TABLE t; nonsense") == []
        assert await ask(connection, "SELECT ? ; SELECT ?", 1) == [(1,)]
        assert await ask(connection, "SELECT count(*) FROM t") == [(0,)]
        await connection.close()

    with_database(test, tmp_path / "a.db")


FORBIDDEN = (
    "ATTACH '{}/x.db' AS x",
    "ATTACH '{}/' || 'x.db' AS x",
    "ATTACH 'file:{}/x.db' AS x",
    "VACUUM INTO '{}/x.db'",
    "SELECT load_extension('x')",
    "PRAGMA hard_heap_limit = 1",
    "PRAGMA Soft_Heap_Limit(1)",
    "PRAGMA temp_store_directory = '{}'",
)


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_guests_reach_no_other_file_and_change_no_other_connection(
    statement: str, tmp_path: Path
) -> None:
    async def test(database: Database) -> None:
        connection = database.connect()
        assert "auth" in await refusal(connection, statement.format(tmp_path))
        assert "auth" in await refusal(connection, "ATTACH ? AS x", f"{tmp_path}/x.db")
        assert not (tmp_path / "x.db").exists()
        for free in ("ATTACH ':memory:' AS m", "ATTACH '' AS temporary", "VACUUM"):
            await ask(connection, free)
        await connection.close()

    with_database(test, tmp_path / "a.db")


def test_files_may_be_attached_where_the_configuration_lets_them(tmp_path: Path) -> None:
    async def test(database: Database) -> None:
        connection = database.connect()
        await ask(connection, "ATTACH ? AS x", f"{tmp_path}/x.db")
        await ask(connection, "CREATE TABLE x.t (a)")
        await connection.close()

    with_database(test, tmp_path / "a.db", allow_attach_file=True)
    assert (tmp_path / "x.db").exists()


def test_foreign_keys_are_enforced() -> None:
    async def test(database: Database) -> None:
        connection = database.connect()
        await ask(connection, "CREATE TABLE a (id INTEGER PRIMARY KEY)")
        await ask(connection, "CREATE TABLE b (a REFERENCES a (id))")
        said = await refusal(connection, "INSERT INTO b VALUES (1)")
        assert said == "FOREIGN KEY constraint failed"

    with_database(test, None)


def test_each_connection_in_memory_has_its_own(tmp_path: Path) -> None:
    async def test(database: Database) -> None:
        await ask(database.connect(), "CREATE TABLE t (a)")
        assert "no such table" in await refusal(database.connect(), "SELECT * FROM t")

    with_database(test, None)


def test_what_is_not_committed_when_a_connection_closes_is_undone(tmp_path: Path) -> None:
    async def test(database: Database) -> None:
        first = database.connect()
        await ask(first, "CREATE TABLE t (a)")
        await ask(first, "BEGIN IMMEDIATE")
        await ask(first, "INSERT INTO t VALUES (1)")
        await first.close()
        second = database.connect()
        assert await ask(second, "SELECT count(*) FROM t") == [(0,)]
        await ask(second, "INSERT INTO t VALUES (2), (3)")
        assert (await second.changes(), await second.last_insert_rowid()) == (2, 2)
        await second.close()

    with_database(test, tmp_path / "a.db")


def test_changes_and_rowid_are_zero_before_anything() -> None:
    async def test(database: Database) -> None:
        connection = database.connect()
        assert (await connection.changes(), await connection.last_insert_rowid()) == (0, 0)

    with_database(test, None)


def test_a_result_comes_in_pieces_and_outlives_its_connection(tmp_path: Path) -> None:
    many = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 50000)"

    async def test(database: Database) -> None:
        connection = database.connect()
        rows = await connection.query(f"{many} SELECT x FROM c", ())
        first = await anext(rows.chunks)
        assert 0 < len(first) < 50_000
        assert await ask(connection, "SELECT 5") == [(5,)], "others go on meanwhile"
        await connection.close()
        rest = [row async for chunk in rows.chunks for row in chunk]
        assert [x for (x,) in first + rest] == list(range(1, 50_001))

    with_database(test, tmp_path / "a.db")


def test_results_that_are_too_large_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_BYTES", 1 << 20)
    many = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)"

    async def test(database: Database) -> None:
        connection = database.connect()
        said = await refusal(connection, f"{many} SELECT randomblob(1000) FROM c")
        assert said == "query result exceeds limit of 1048576 bytes"
        assert "exceeds limit" in await refusal(connection, "SELECT randomblob(2000000)")
        assert await ask(connection, "SELECT 1") == [(1,)]

    with_database(test, None)


def test_a_value_longer_than_can_be_read_is_not_made() -> None:
    async def test(database: Database) -> None:
        said = await refusal(database.connect(), f"SELECT zeroblob({embedded.LONGEST_VALUE + 1})")
        assert said == "string or blob too big"

    with_database(test, None)


def test_a_statement_nobody_waits_for_is_stopped(tmp_path: Path) -> None:
    async def test(database: Database) -> None:
        connection = database.connect()
        await ask(connection, "CREATE TABLE t (a)")
        for statement in (ENDLESS, ENDLESS.replace("SELECT count", "INSERT INTO t SELECT count")):
            endless = asyncio.ensure_future(ask(connection, statement))
            await asyncio.sleep(0.05)
            waiting = asyncio.ensure_future(ask(connection, "SELECT 2"))
            await asyncio.sleep(0)
            await cancelled(endless)
            assert await waiting == [(2,)]
        assert await ask(connection, "SELECT count(*) FROM t") == [(0,)]
        await connection.close()

    with_database(test, tmp_path / "a.db")


def test_a_result_nobody_reads_lets_go(tmp_path: Path) -> None:
    async def test(database: Database) -> None:
        reader, writer = database.connect(), database.connect()
        await ask(reader, "CREATE TABLE t (a)")
        await ask(
            reader,
            "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 20000) "
            "INSERT INTO t SELECT zeroblob(100) FROM c",
        )
        rows = await reader.query("SELECT * FROM t", ())
        await anext(rows.chunks)
        await rows.chunks.aclose()
        await ask(writer, "DELETE FROM t")
        await reader.close()
        await writer.close()

    with_database(test, tmp_path / "a.db")


def test_a_lock_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.db"
    # Of the same library: two in one process don't see each other's locks.
    other = apsw.Connection(str(path))
    other.execute("CREATE TABLE t (a)")
    other.execute("BEGIN IMMEDIATE")

    async def test(database: Database) -> None:
        connection = database.connect()
        writing = asyncio.ensure_future(ask(connection, "INSERT INTO t VALUES (1)"))
        assert await ask(database.connect(), "SELECT 1") == [(1,)], "the host goes on"
        assert not writing.done()
        other.execute("COMMIT")
        assert await writing == []

        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.ensure_future(ask(connection, "INSERT INTO t VALUES (1)"))
        await asyncio.sleep(0.05)
        await cancelled(waiting)
        monkeypatch.setattr(embedded, "BUSY_SECONDS", 0.2)
        assert await refusal(connection, "INSERT INTO t VALUES (2)") == "database is locked"
        other.execute("COMMIT")
        await connection.close()

    with_database(test, path)
    assert other.execute("SELECT a FROM t").fetchall() == [(1,)]
    other.close()


def test_no_file_and_a_broken_one(tmp_path: Path) -> None:
    async def test(database: Database) -> None:
        assert (await refusal(database.connect(), "SELECT * FROM sqlite_schema")) in (
            "file is not a database",
            "unable to open database file",
            f"[Errno 20] Not a directory: '{tmp_path / 'broken.db'}'",
            f"[Errno 17] File exists: '{tmp_path / 'broken.db'}'",
        )

    (tmp_path / "broken.db").write_bytes(b"no database at all " * 200)
    for path in (tmp_path / "broken.db", tmp_path, tmp_path / "broken.db" / "a.db"):
        with_database(test, path)


def test_a_full_disk_is_told_and_harms_nothing(tmp_path: Path) -> None:
    async def test(database: Database) -> None:
        connection = database.connect()
        await ask(connection, "CREATE TABLE t (a)")
        await ask(connection, "PRAGMA max_page_count = 10")
        said = await refusal(connection, "INSERT INTO t VALUES (zeroblob(100000))")
        assert said == "database or disk is full"
        await ask(connection, "INSERT INTO t VALUES (1)")
        assert await ask(connection, "SELECT count(*) FROM t") == [(1,)]
        await connection.close()

    with_database(test, tmp_path / "a.db")


def test_more_statements_than_threads_all_get_their_turn(tmp_path: Path) -> None:
    async def test() -> None:
        async with connections(tmp_path / "a.db") as database:
            database.threads._free = 2  # type: ignore[attr-defined]
            one = database.connect()
            await ask(one, "CREATE TABLE t (a)")
            many = [database.connect() for _ in range(20)]
            await asyncio.gather(*(ask(each, "INSERT INTO t VALUES (1)") for each in many))
            assert await ask(one, "SELECT count(*) FROM t") == [(20,)]
            await asyncio.gather(*(each.close() for each in (one, *many)))

    run(test)


WRITER = """
import asyncio, sys
from pathlib import Path
from spindle.factors.sqlite.database import all_rows
from spindle.factors.sqlite.embedded import EmbeddedDatabase
from spindle.factors.sqlite.threads import Threads

async def main():
    database = EmbeddedDatabase(Path(sys.argv[1]), Threads())
    connection = database.connect()
    await all_rows(await connection.query("CREATE TABLE IF NOT EXISTS t (n INTEGER)", ()))
    for n in range(int(sys.argv[2]), int(sys.argv[3])):
        await all_rows(await connection.query("INSERT INTO t VALUES (?)", (n,)))
        print(n, flush=True)

asyncio.run(main())
"""


def writer(path: Path, start: int, end: int) -> subprocess.Popen[str]:
    """A process that writes numbers, and prints each when it is written."""
    command = [sys.executable, "-c", WRITER, str(path), str(start), str(end)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def test_nothing_acknowledged_is_lost_when_a_process_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    acknowledged: list[int] = []
    for start in (0, 1_000_000):
        process = writer(path, start, start + 1_000_000)
        assert process.stdout is not None
        acknowledged += [int(process.stdout.readline()) for _ in range(20)]
        process.send_signal(signal.SIGKILL)
        acknowledged += [int(line) for line in process.stdout if line.endswith("\n")]
        process.wait()
        process.stdout.close()
    database = sqlite3.connect(path)
    kept = [n for (n,) in database.execute("SELECT n FROM t ORDER BY rowid")]
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
    assert set(acknowledged) <= set(kept)
    assert len(kept) <= len(acknowledged) + 2, "at most one more each time"


def test_two_processes_may_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    other = sqlite3.connect(path, isolation_level=None, timeout=30)
    other.execute("CREATE TABLE t (n INTEGER)")
    with writer(path, 0, 50) as process:
        for n in range(100, 150):
            other.execute("INSERT INTO t VALUES (?)", (n,))
        assert process.wait() == 0
    kept = {n for (n,) in other.execute("SELECT n FROM t")}
    other.close()
    assert kept == {*range(50), *range(100, 150)}
