"""Guests of every version of the interface, in Python and JavaScript, and within another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest
from tests.factors.sqlite.databases import ENDLESS
from tests.factors.sqlite.dialects import ASYNC, DIALECTS, GUESTS, execute
from tests.labs import LabError, Laboratory, Labs, laboratory

from spindle.dev.options import Bounds
from spindle.events import EventKind, Subscription
from spindle.exchange import Exchange
from spindle.factors.sqlite.opened import all_done

OTHER = '[sqlite_database.other]\ntype = "spin"\n'
ROW = "SELECT 9223372036854775807 AS i, 1.5, 'é', x'00ff', NULL"
ANSWER = [
    ["i", "1.5", "'é'", "x'00ff'", "NULL"],
    [[["integer", 2**63 - 1], ["real", 1.5], ["text", "é"], ["blob", b"\0\xff"], ["null", None]]],
]


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    directory = tmp_path_factory.mktemp("sqlite")
    config = OTHER + '[sqlite_database.denied]\ntype = "spin"\n'
    with laboratory(
        directory, GUESTS, runtime_config=config, sqlite_databases=["default", "other"]
    ) as host:
        yield host


@pytest.mark.parametrize("dialect", DIALECTS)
def test_values_and_changes(host: Laboratory, dialect: str) -> None:
    table = f"t{list(DIALECTS).index(dialect)}"
    values = [
        ("integer", -(2**63)),
        ("real", 0.1),
        ("text", "日本\0"),
        ("blob", b"\xff"),
        ("null", None),
    ]
    answers = execute(
        host,
        dialect,
        ROW,
        f"CREATE TABLE {table} (a, b, c, d, e)",
        (f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?)", values),
        f"INSERT INTO {table} (a) VALUES (1), (2)",
        f"SELECT * FROM {table} WHERE b IS NOT NULL",
    )
    assert answers[0] == ANSWER
    assert answers[1:4] == [[[], []]] * 3
    assert answers[4] == [["a", "b", "c", "d", "e"], [[list(value) for value in values]]]
    assert answers[5:] == ([2, 3] if DIALECTS[dialect].counts else [])


@pytest.mark.parametrize("dialect", DIALECTS)
def test_mistakes(host: Laboratory, dialect: str) -> None:
    io = "Io" if "Python" in dialect else "io"
    *answers, again = execute(
        host,
        dialect,
        "SELEKT 1",
        "SELECT * FROM nope",
        ("SELECT ?, ?", [("integer", 1)]),
        "ATTACH DATABASE 'x.db' AS x",
        "SELECT CAST(x'ff' AS TEXT)",
        "",
        "SELECT 1; SELECT 2",
    )[:7]
    assert [answer["error"] for answer in answers] == [
        [io, 'near "SELEKT": syntax error in SELEKT 1 at offset 0'],
        [io, "no such table: nope"],
        [io, "Wrong number of parameters passed to query. Got 1, needed 2"],
        [io, "not authorized"],
        [io, "the result has a text that is not UTF-8: read it by `CAST(… AS BLOB)`"],
        [io, "bad parameter or other API misuse"],
    ]
    assert again == [["1"], [[["integer", 1]]]]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_databases_that_are_not_granted(host: Laboratory, dialect: str) -> None:
    with pytest.raises(LabError) as raised:
        execute(host, dialect, "SELECT 1", database="denied")
    assert raised.value.value in ({"Error_AccessDenied": None}, {"tag": "access-denied"})
    assert execute(host, dialect, "SELECT 1", database="other")[0] == [["1"], [[["integer", 1]]]]


def test_a_denial_names_the_line_that_allows_it(host: Laboratory) -> None:
    with pytest.raises(LabError):
        execute(host, ASYNC, "SELECT 1", database="missing")
    assert "may not open the SQLite database `missing`" in host.console.text
    assert '`sqlite_databases = ["default", "other", "missing"]`' in host.console.text


OPEN_MANY = {
    "lab-python": """
        kept["many"] = []
        for n in range(300):
            kept["many"].append(await spin_sqlite_sqlite_3_1_0.Connection.open_async("other"))
    """,
    "lab-javascript": """
        kept.many = [];
        for (let n = 0; n < 300; n++) kept.many.push(imported["fermyon:spin/sqlite"].open("other"));
    """,
}


@pytest.mark.parametrize("guest", OPEN_MANY)
def test_an_instance_has_so_many_connections(lab: Labs, guest: str) -> None:
    host = lab([guest], sqlite_databases=["other"], runtime_config=OTHER)
    with pytest.raises(LabError) as raised:
        host.run(OPEN_MANY[guest], guest)
    assert "too many connections opened" in str(raised.value.value)


def test_numbers_of_connections_are_checked(host: Laboratory) -> None:
    code = """
        const sqlite = imported["fermyon:spin/sqlite"];
        const one = sqlite.open("other"), two = sqlite.open("other");
        sqlite.close(one); sqlite.close(one); sqlite.close(77);
        const again = sqlite.open("other");
        try { sqlite.execute(again + two + 5, "SELECT 1", []); } catch (error) {
            return [one, two, again, (error.payload ?? error).tag];
        }
    """
    assert host.run(code, "lab-javascript") == [0, 1, 0, "invalid-connection"]


MANY = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT {}) SELECT x FROM c"


def test_many_rows_are_streamed(host: Laboratory) -> None:
    code = f"""
        connection = await sqlite.Connection.open("other")
        columns, rows, end = await connection.execute("{MANY.format(100_000)}", [])
        total = count = 0
        with rows, end:
            while not rows.writer_dropped:
                some = await rows.read(5000)
                count += len(some)
                total += sum(row.values[0].value for row in some)
            return count, total, await end.read()
    """
    assert host.run(code) == [100_000, 5_000_050_000, {"Ok": None}]


def test_a_stream_may_be_left_and_its_connection_used(host: Laboratory) -> None:
    code = f"""
        connection = await sqlite.Connection.open("other")
        columns, rows, end = await connection.execute("{MANY.format(10_000_000)}", [])
        with rows:
            first = await rows.read(1)
        with end:
            ended = await end.read()
        columns, rows, end = await connection.execute("SELECT 7", [])
        with rows, end:
            return first[0].values[0].value, ended, (await rows.read(1))[0].values[0].value
    """
    assert host.run(code) == [1, {"Ok": None}, 7]


def test_a_stream_outlives_its_connection(host: Laboratory) -> None:
    code = f"""
        async def begun():
            with await spin_sqlite_sqlite_3_1_0.Connection.open_async("other") as connection:
                return await connection.execute_async("{MANY.format(30_000)}", [])
        columns, rows, end = await begun()
        count = 0
        with rows, end:
            while not rows.writer_dropped:
                count += len(await rows.read(1000))
            return count, await end.read()
    """
    assert host.run(code) == [30_000, {"Ok": None}]


STUCK = {
    "lab-python": f"""
        connection = await sqlite.Connection.open("default")
        await connection.execute("{ENDLESS}", [])
    """,
    "lab-python-2": f'return sqlite.open("default").execute("{ENDLESS}", [])',
    "lab-javascript": f"""
        const {{ Connection }} = imported["fermyon:spin/sqlite@2.0.0"];
        return Connection.open("default").execute("{ENDLESS}", []);
    """,
}


def test_an_endless_statement_ends_with_its_request(lab: Labs) -> None:
    options = {"request_timeout": Bounds.exactly(5.0)}
    host = lab(GUESTS, sqlite_databases=["default"], options=options)
    for guest, code in STUCK.items():
        with pytest.raises(AssertionError):
            host.run(code, guest)
    assert execute(host, ASYNC, "CREATE TABLE t (a)", "INSERT INTO t VALUES (1)")[2:] == [1, 1]
    host.do(all_done())


def test_a_transaction_left_open_is_undone(lab: Labs) -> None:
    """By a guest that forgets it, and by one that fails."""
    host = lab(["lab-python-2"], sqlite_databases=["default"])
    begin = """
        connection = kept.setdefault("c", sqlite.open("default"))
        connection.execute("CREATE TABLE IF NOT EXISTS t (a)", [])
        connection.execute("BEGIN", [])
        connection.execute("INSERT INTO t VALUES (1)", [])
        {}
    """
    host.run(begin.format("return 1"))
    count = 'return sqlite.open("default").execute("SELECT count(*) FROM t", []).rows[0].values'
    assert host.run(count) == [{"Value_Integer": 0}]
    with pytest.raises(AssertionError):
        host.run(begin.format("os._exit(1)"))
    assert host.run(count) == [{"Value_Integer": 0}]


@pytest.mark.parametrize("inherited", [True, ["sqlite_databases"]])
def test_a_dependency_has_the_databases_it_inherits(lab: Labs, inherited: Any) -> None:
    host = lab(composed=inherited, sqlite_databases=["default"])
    assert execute(host, ASYNC, ROW)[0] == ANSWER


@pytest.mark.parametrize("inherited", [False, ["key_value_stores"]])
def test_a_dependency_has_no_others(lab: Labs, inherited: Any) -> None:
    host = lab(composed=inherited, sqlite_databases=["default"])
    with pytest.raises(LabError) as raised:
        execute(host, ASYNC, "SELECT 1")
    assert raised.value.value == {"Error_AccessDenied": None}


def test_the_file_is_spins(lab: Labs) -> None:
    host = lab(sqlite_databases=["default"])
    path = host.directory / "state" / "sqlite_db.db"
    assert f'Storing default SQLite data to "{path}".' in host.console.text
    execute(host, ASYNC, "CREATE TABLE t (a)", "INSERT INTO t VALUES (1)")
    database = apsw.Connection(str(path))
    assert database.execute("SELECT * FROM t").fetchall() == [(1,)]
    pragmas = {"user_version": 0, "application_id": 0, "journal_mode": "delete", "page_size": 4096}
    assert {name: database.pragma(name) for name in pragmas} == pragmas
    database.close()


def test_no_file_is_made_before_the_first_statement(lab: Labs) -> None:
    host = lab(sqlite_databases=["default"])
    host.run('await sqlite.Connection.open("default")')
    assert not (host.directory / "state" / "sqlite_db.db").exists()


def test_statements_are_executed_before_serving(lab: Labs, tmp_path: Path) -> None:
    file = tmp_path / "seed.sql"
    file.write_text("CREATE TABLE seed (x);\nINSERT INTO seed VALUES (1);\n-- the end\n")
    config = f'[sqlite_database.other]\ntype = "spin"\npath = "{tmp_path}/deep/other.db"'
    host = lab(
        sqlite_databases=["default", "other"],
        runtime_config=config,
        options={"sqlite": ("CREATE TABLE a (y); INSERT INTO a VALUES (2)", f"@{file}:other")},
    )
    assert execute(host, ASYNC, "SELECT * FROM a")[0] == [["y"], [[["integer", 2]]]]
    found = execute(host, ASYNC, "SELECT * FROM seed", database="other")[0]
    assert found == [["x"], [[["integer", 1]]]]


def test_what_is_recorded(lab: Labs) -> None:
    host = lab(sqlite_databases=["default"])
    listening = host.host.bus.subscribe([EventKind.EXCHANGE_FINISHED])
    long = ("SELECT ?, x'00' AS b", [("text", "x" * 10_000)])
    execute(host, ASYNC, long, MANY.format(50), "SELEKT")
    exchange = host.do(_next(listening))
    calls = [call for call in exchange.calls if call.interface == "spin:sqlite/sqlite@3.1.0"]
    assert [call.func for call in calls] == [
        "open-async",
        *["execute-async"] * 3,
        "changes-async",
        "last-insert-rowid-async",
    ]
    kept = json.loads(json.dumps([[call.args, call.result] for call in calls], default=_json))
    assert kept[0] == [["default"], "default"]
    assert kept[1][0][:2] == ["default", long[0]]
    assert kept[1][0][2][0]["size"] == 10_000
    assert len(kept[1][0][2][0]["data"]) < 10_000
    assert kept[2][1]["count"] == 50
    assert kept[2][1]["rows"] == [[n] for n in range(1, 11)]
    assert "syntax error" in kept[3][1]["error"][1]


async def _next(listening: Subscription) -> Exchange:
    async for event in listening:
        assert isinstance(event.data, Exchange)
        return event.data
    raise AssertionError("the host ended")


def _json(value: Any) -> Any:
    return value.to_json()
