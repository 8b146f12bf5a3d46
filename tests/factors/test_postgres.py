"""PostgreSQL: what it does in a real server, for guests of every interface."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.factors.calling import run
from tests.factors.postgres_guests import WAYS, Value, Way, failure
from tests.labs import LabError, Laboratory, Labs, laboratory
from tests.services.postgres import Postgres

from spindle.app import AppComponent, LocalSource
from spindle.component.values import Err
from spindle.factors import InstanceState
from spindle.factors.connections import Connections
from spindle.factors.postgres import PostgresFactor
from spindle.outbound_hosts import OutboundHosts, parse_outbound_host

GUESTS = ("lab-python", "lab-python-2", "lab-javascript")
OLD = {"boolean", "int16", "int32", "int64", "floating32", "floating64", "str", "binary"}
KNOWN = {1: OLD, 2: OLD, 3: OLD | {"date", "time", "datetime"}}
"""The cases that old versions have for results."""

TYPES: list[tuple[str, str, Any]] = [
    ("true", "boolean", True),
    ("(-32768)::int2", "int16", -32768),
    ("2147483647::int4", "int32", 2147483647),
    ("9007199254740991::int8", "int64", 9007199254740991),
    ("0.5::float4", "floating32", 0.5),
    ("0.1::float8", "floating64", 0.1),
    ("'héé 日本 🦀'::text", "str", "héé 日本 🦀"),
    ("'abc'::varchar(9)", "str", "abc"),
    ("'ab'::char(4)", "str", "ab  "),
    ("''::text", "str", ""),
    (r"'\x00ff7f'::bytea", "binary", b"\x00\xff\x7f"),
    ("'2525-12-25'::date", "date", [2525, 12, 25]),
    ("'4713-01-01 BC'::date", "date", [-4712, 1, 1]),
    ("'5874897-12-31'::date", "date", [5874897, 12, 31]),
    ("'04:05:06.789'::time", "time", [4, 5, 6, 789_000_000]),
    ("'24:00'::time", "time", [0, 0, 0, 0]),
    ("'1989-11-24 01:02:03.000004'::timestamp", "datetime", [1989, 11, 24, 1, 2, 3, 4000]),
    ("'0044-03-15 12:00:00 BC'::timestamp", "datetime", [-43, 3, 15, 12, 0, 0, 0]),
    ("'2000-01-01 02:00+02'::timestamptz", "datetime", [2000, 1, 1, 0, 0, 0, 0]),
    (
        "'12345678-1234-1234-1234-123456789ABC'::uuid",
        "uuid",
        "12345678-1234-1234-1234-123456789abc",
    ),
    ("""'{"a": [1, 2.50, null]}'::jsonb""", "jsonb", b'{"a": [1, 2.50, null]}'),
    ("-123456789.1234567890", "decimal", "-123456789.1234567890"),
    ("1e40::numeric", "decimal", "1" + 40 * "0"),
    ("1e-40::numeric", "decimal", "0." + 39 * "0" + "1"),
    ("0.0001::numeric", "decimal", "0.0001"),
    ("0::numeric", "decimal", "0"),
    ("'NaN'::numeric", "decimal", "NaN"),
    ("'-infinity'::numeric", "decimal", "-Infinity"),
    ("'(1,40]'::int4range", "range-int32", [[2, "inclusive"], [41, "exclusive"]]),
    ("'[5,)'::int8range", "range-int64", [[5, "inclusive"], None]),
    ("'(,1.50]'::numrange", "range-decimal", [None, ["1.50", "inclusive"]]),
    ("'empty'::int4range", "range-int32", [None, None]),
    ("ARRAY[1, NULL, -3]", "array-int32", [1, None, -3]),
    ("ARRAY[]::int4[]", "array-int32", []),
    ("ARRAY[1, NULL]::int8[]", "array-int64", [1, None]),
    ("ARRAY[1.50, NULL]", "array-decimal", ["1.50", None]),
    ("ARRAY['a', NULL, '']", "array-str", ["a", None, ""]),
    ("ARRAY['a']::varchar[]", "array-str", ["a"]),
    ("'1 year 2 mons 3 days 04:05:06.7'::interval", "interval", [14_706_700_000, 3, 14]),
    ("NULL::int4", "db-null", None),
    ("NULL::point", "db-null", None),
    ("NULL::numeric", "db-null", None),
]
OTHERS = {
    "'{\"b\": 1}'::json": ("json", b'{"b": 1}'),
    "'x'::name": ("name", b"x"),
    "'q'::\"char\"": ("char", b"q"),
    "ARRAY[true]": ("_bool", None),
    "'sad'::mood": ("mood", b"sad"),
    "'10.0.0.1'::inet": ("inet", b"\x02\x20\x00\x04\x0a\x00\x00\x01"),
    "ROW(1)": ("record", None),
}
"""What only version 4 tells the names and bytes of."""
PARAMETERS: list[tuple[str, str, Any]] = [
    ("bool", "boolean", False),
    ('"char"', "int8", 65),
    ("int2", "int16", -7),
    ("int4", "int32", 7),
    ("int8", "int64", -9007199254740991),
    ("float4", "floating32", -0.25),
    ("float8", "floating64", 1e300),
    ("text", "str", "é'\"; DROP TABLE"),
    ("varchar", "str", ""),
    ("bpchar", "str", "x "),
    ("bytea", "binary", b"\x00\xff"),
    ("text", "db-null", None),
    ("inet", "db-null", None),
]
PARAMETERS_3: list[tuple[str, str, Any]] = [
    ("date", "date", [1901, 1, 2]),
    ("time", "time", [14, 15, 16, 17_000_000]),
    ("timestamp", "datetime", [1999, 7, 12, 4, 3, 2, 1_000_000]),
    ("timestamptz", "datetime", [1999, 7, 12, 4, 3, 2, 0]),
]
PARAMETERS_4: list[tuple[str, str, Any]] = [
    ("uuid", "uuid", "fedcba98-fedc-fedc-fedc-fedcba987654"),
    ("jsonb", "jsonb", b'{"n": 234, "s": "world"}'),
    ("numeric", "decimal", "123456789.1234567890"),
    ("numeric", "decimal", "-0.00010"),
    ("int4range", "range-int32", [[31, "inclusive"], [12341234, "exclusive"]]),
    ("int8range", "range-int64", [[123123123123, "inclusive"], None]),
    ("numrange", "range-decimal", [["1234.56", "exclusive"], ["4567.0", "inclusive"]]),
    ("int4[]", "array-int32", [1, None, 3]),
    ("int4[]", "array-int32", []),
    ("int8[]", "array-int64", [None, 5]),
    ("numeric[]", "array-decimal", ["1.5", None]),
    ("text[]", "array-str", ["a", None, "é"]),
    ("interval", "interval", [123456, 10, 200]),
]


@pytest.fixture(scope="module")
def url(postgres_server: Postgres) -> str:
    return postgres_server.url


@pytest.fixture(scope="module")
def host(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: Postgres
) -> Iterator[Laboratory]:
    directory = tmp_path_factory.mktemp("postgres")
    allowed = [f"postgres://{postgres_server.host}:{postgres_server.port}"]
    with laboratory(directory, GUESTS, allowed_outbound_hosts=allowed) as host:
        mood = "DO $$ BEGIN CREATE TYPE mood AS ENUM ('sad'); EXCEPTION WHEN OTHERS THEN END $$"
        WAYS["4.2 python"].change(host, postgres_server.url, mood)
        yield host


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Way:
    return WAYS[request.param]


def expected(way: Way, case: str, payload: Any) -> Value:
    if case in KNOWN.get(way.version, {case}) or case == "db-null":
        return case, payload
    return "unsupported", None


def test_every_type(host: Laboratory, url: str, way: Way) -> None:
    query = "SELECT " + ", ".join(expression for expression, *_ in TYPES)
    columns, rows = way.ask(host, url, query)
    assert rows == [[expected(way, case, payload) for _, case, payload in TYPES]]
    for (_, kind), (_, case, _) in zip(columns, TYPES, strict=True):
        if case != "db-null":
            told = expected(way, case, None)[0]
            assert kind == ("other" if told == "unsupported" else told)


def test_types_the_interface_lacks(host: Laboratory, url: str, way: Way) -> None:
    columns, (row,) = way.ask(host, url, "SELECT " + ", ".join(OTHERS))
    for (_, kind), told, (name, raw) in zip(columns, row, OTHERS.values(), strict=True):
        assert kind == (("other", name) if way.version == 4 else "other")
        assert told[0] == "unsupported"
        if way.version == 4 and raw is not None:
            assert told[1] == raw


def test_parameters(host: Laboratory, url: str, way: Way) -> None:
    given = [*PARAMETERS, *PARAMETERS_3 * (way.version > 2), *PARAMETERS_4 * (way.version > 3)]
    query = ", ".join(f"${number}::{type}" for number, (type, *_) in enumerate(given, 1))
    values = [(case, payload) for _, case, payload in given]
    _, (row,) = way.ask(host, url, f"SELECT {query}", values)
    for sent, received in zip(values, row, strict=True):
        if sent[0] == "int8":
            assert received[0] == "unsupported"
        else:
            assert received == sent


def test_statements_tell_how_many_rows_they_touch(host: Laboratory, url: str, way: Way) -> None:
    table = f"touched_{uuid.uuid4().hex}"
    assert way.change(host, url, f"CREATE TABLE {table} (id int4, name text)") == 0
    insert = f"INSERT INTO {table} SELECT i, $1 FROM generate_series(1, 5) i"
    assert way.change(host, url, insert, [("str", "x")]) == 5
    assert way.change(host, url, f"DELETE FROM {table} WHERE id > $1", [("int32", 3)]) == 2
    assert way.change(host, url, f"SELECT * FROM {table}") == 3
    assert way.ask(host, url, f"SELECT name FROM {table} WHERE id = 1")[1] == [[("str", "x")]]
    assert way.ask(host, url, f"SELECT * FROM {table} WHERE false") == ([], [])
    assert way.change(host, url, f"DROP TABLE {table}") == 0


def told(way: Way, host: Laboratory, url: str, *asked: Any, verb: str = "query") -> tuple[str, Any]:
    with pytest.raises(LabError) as raised:
        (way.change if verb == "execute" else way.ask)(host, url, *asked)
    return failure(raised.value.value)


def test_errors_have_their_parts(host: Laboratory, url: str, way: Way) -> None:
    query = "SELECT nothing FROM (SELECT 1 AS not_ing) t"
    for verb in ("query", "execute"):
        case, payload = told(way, host, url, query, verb=verb)
        if way.version < 4:
            assert case == "query-failed"
            assert payload.startswith('ERROR: column "nothing" does not exist (42703)')
            continue
        assert case == "db-error"
        assert payload["severity"] == "ERROR"
        assert payload["code"] == "42703"
        assert payload["message"] == 'column "nothing" does not exist'
        assert payload.get("as_text", payload.get("asText")).startswith("ERROR: column")
        assert {"routine", "file", "line"} <= {name for name, _ in payload["extras"]}


def test_a_parameter_of_another_type(host: Laboratory, url: str, way: Way) -> None:
    case, reason = told(way, host, url, "SELECT $1::int8", [("int32", 1)])
    assert case == ("text" if way.version == 4 else "query-failed")
    assert reason == (
        "parameter $1 has the type `int8` in the statement, but `int32` was given; "
        "give `int64`, or cast it: `$1::int4`"
    )
    case, reason = told(way, host, url, "SELECT $1::mood", [("str", "sad")])
    assert "`mood`" in reason
    assert way.ask(host, url, "SELECT $1::text::mood", [("str", "sad")])[1]


def test_too_few_parameters(host: Laboratory, url: str, way: Way) -> None:
    _, reason = told(way, host, url, "SELECT $1::int4, $2::int4", [("int32", 1)])
    assert reason == "the statement has 2 parameters, 1 are given"


def test_several_statements_at_once_are_refused(host: Laboratory, url: str, way: Way) -> None:
    _, payload = told(way, host, url, "SELECT 1; SELECT 2", verb="execute")
    text = payload if isinstance(payload, str) else payload["message"]
    assert "cannot insert multiple commands into a prepared statement" in text


@pytest.mark.parametrize("way", [way for way in WAYS.values() if way.version < 3])
def test_there_are_no_unsigned_integers(host: Laboratory, url: str, way: Way) -> None:
    assert told(way, host, url, "SELECT $1::int4", [("uint32", 1)]) == (
        "value-conversion-failed",
        "Postgres does not support unsigned integers",
    )


@pytest.mark.parametrize("name", ["4.2 python", "4.0 javascript"])
def test_parameters_that_are_no_values(host: Laboratory, url: str, name: str) -> None:
    way = WAYS[name]
    for value, reason in (
        (("date", [2023, 2, 29]), "invalid date y=2023, m=2, d=29"),
        (("time", [24, 0, 0, 0]), "invalid time 24:0:0:0"),
        (("uuid", "x"), "invalid UUID `x`"),
        (("decimal", "1e5"), "invalid decimal `1e5`"),
        (("array-decimal", ["1", "one"]), "invalid decimal `one`"),
    ):
        assert told(way, host, url, "SELECT $1", [value]) == ("bad-parameter", reason)
        case, _ = told(way, host, url, "SELECT $1", [value], verb="execute")
        assert case == "value-conversion-failed"
    case, reason = told(way, host, url, "SELECT $1", [("jsonb", b"{")])
    assert (case, reason[:13]) == ("bad-parameter", "invalid JSON:")


def test_what_has_no_value(host: Laboratory, url: str) -> None:
    for expression in ("'infinity'::timestamp", "'-infinity'::date", "ARRAY[ARRAY[1]]"):
        case, _ = told(WAYS["4.0 javascript"], host, url, f"SELECT {expression}")
        assert case == "text"
    infinite = "the timestamp `infinity` has no value in this interface"
    assert told(WAYS["3.0 javascript"], host, url, "SELECT 'infinity'::timestamp")[1] == infinite


def test_other_addresses_are_denied(host: Laboratory, way: Way) -> None:
    for address in (
        "postgres://u:secret@elsewhere.test/db",
        "host=elsewhere.test user=u password=secret",
    ):
        assert told(way, host, address, "SELECT 1")[0] == "connection-failed"
        assert "secret" not in str(told(way, host, address, "SELECT 1"))


def test_hosts_are_all_asked_about(host: Laboratory, postgres_server: Postgres) -> None:
    way, port = WAYS["4.0 javascript"], postgres_server.port
    for address in (
        f"host=127.0.0.1,10.0.0.1 port={port}",
        f"host=10.0.0.1 hostaddr=127.0.0.1 port={port}",
        f"host=127.0.0.1 hostaddr=10.0.0.1 port={port}",
    ):
        reason = told(way, host, address, "SELECT 1")[1]
        assert reason == f"address postgres://10.0.0.1:{port} is not permitted"
    assert "Unix sockets" in told(way, host, "host=/tmp user=x", "SELECT 1")[1]
    assert "names no host" in told(way, host, "user=x", "SELECT 1")[1]
    assert "unknown option" in told(way, host, "host=127.0.0.1 service=x", "SELECT 1")[1]


def test_pairs_are_an_address_too(host: Laboratory, postgres_server: Postgres, way: Way) -> None:
    address = (
        f"host=127.0.0.1 port={postgres_server.port} user={postgres_server.user} "
        f"password='{postgres_server.password}' dbname={postgres_server.database} sslmode=disable"
    )
    assert way.ask(host, address, "SELECT 1")[1] == [[("int32", 1)]]


@pytest.mark.parametrize("grants", [True, False])
def test_a_dependency_has_what_it_inherits(
    lab: Labs, postgres_server: Postgres, grants: bool
) -> None:
    allowed = [f"postgres://{postgres_server.host}:{postgres_server.port}"]
    host = lab(composed=grants, allowed_outbound_hosts=allowed)
    way = WAYS["4.2 python, streaming"]
    if grants:
        assert way.ask(host, postgres_server.url, "SELECT 1")[1] == [[("int32", 1)]]
    else:
        assert told(way, host, postgres_server.url, "SELECT 1")[0] == "connection-failed"


def test_rows_stream_past_any_size(host: Laboratory, url: str) -> None:
    code = f"""
        connection = await spin_postgres_postgres_4_2_0.Connection.open_async({url!r})
        columns, rows, outcome = await connection.query_async(
            "SELECT i, repeat('x', 10000) FROM generate_series(1, 20000) i", [])
        del connection
        count = 0
        with rows:
            while not rows.writer_dropped:
                count += len(await rows.read(1000))
        return [count, await outcome.read()]
    """
    assert host.run(code) == [20000, {"Ok": None}]


def test_a_result_is_bounded(host: Laboratory, url: str, way: Way) -> None:
    if way is WAYS["4.2 python, streaming"]:
        return
    query = "SELECT repeat('x', 1000000) FROM generate_series(1, 200)"
    reason = told(way, host, url, query)[1]
    assert reason == f"query result exceeds limit of {128 << 20} bytes"


def test_an_error_behind_rows_is_told_by_the_future(host: Laboratory, url: str) -> None:
    code = f"""
        connection = await spin_postgres_postgres_4_2_0.Connection.open_async({url!r})
        columns, rows, outcome = await connection.query_async(
            "SELECT 1 / (1000 - i) FROM generate_series(1, 2000) i", [])
        count = 0
        with rows:
            while not rows.writer_dropped:
                count += len(await rows.read(1000))
        return [count, await outcome.read()]
    """
    count, outcome = host.run(code)
    assert 0 < count < 1000
    assert failure(outcome["Err"])[1]["message"] == "division by zero"


def test_calls_on_one_connection_take_turns(host: Laboratory, url: str) -> None:
    code = f"""
        module = spin_postgres_postgres_4_2_0
        connection = await module.Connection.open_async({url!r})
        statement = "SELECT $1::int4 + i FROM generate_series(0, 999) i"
        columns, rows, outcome = await connection.query_async(
            statement, [module.ParameterValue_Int32(0)])
        counted = await connection.execute_async("SELECT 1", [])
        left = await util.collect((rows, outcome))
        return [counted, len(left), left[999][0].value]
    """
    assert host.run(code) == [1, 1000, 999]


def test_sessions_are_as_new(host: Laboratory, url: str) -> None:
    table = f"left_{uuid.uuid4().hex}"
    way = WAYS["2.0 javascript"]
    way.change(host, url, f"CREATE TABLE {table} (id int4)")
    leave = f"""
        const {{ Connection }} = imported["fermyon:spin/postgres@2.0.0"];
        const connection = Connection.open("{url}");
        connection.execute("SET application_name = 'left'", []);
        connection.execute("BEGIN", []);
        connection.execute("INSERT INTO {table} VALUES (1)", []);
        connection.execute("LISTEN something", []);
        connection.execute("CREATE TEMP TABLE mine (id int4)", []);
        return 1;
    """
    for _ in range(3):
        host.run(leave, "lab-javascript")
        query = (
            f"SELECT current_setting('application_name'), (SELECT count(*) FROM {table}), "
            "to_regclass('mine') IS NULL, (SELECT count(*) FROM pg_listening_channels())"
        )
        assert way.ask(host, url, query)[1] == [
            [("str", ""), ("int64", 0), ("boolean", True), ("int64", 0)]
        ]
    way.change(host, url, f"DROP TABLE {table}")


def test_a_statement_whose_types_have_changed(host: Laboratory, url: str) -> None:
    table, way = f"changing_{uuid.uuid4().hex}", WAYS["4.0 javascript"]
    way.change(host, url, f"CREATE TABLE {table} (a int4)")
    query = f"SELECT a FROM {table}"
    way.change(host, url, f"INSERT INTO {table} VALUES (1)")
    assert way.ask(host, url, query)[1] == [[("int32", 1)]]
    way.change(host, url, f"ALTER TABLE {table} ALTER a TYPE text")
    assert way.ask(host, url, query) == ([("a", "str")], [[("str", "1")]])
    way.change(host, url, f"DROP TABLE {table}")


def test_what_is_recorded(postgres_server: Postgres) -> None:
    """Addresses without passwords, and of results the beginning."""
    address = f"host=elsewhere.test port=1 user=u password={postgres_server.password!r}"
    calls: list[tuple[Any, ...]] = []

    async def test() -> None:
        factor = PostgresFactor(Connections())
        state = InstanceState(component_id="c")
        allowed = parse_outbound_host("postgres://127.0.0.1:*")
        state.outbound_hosts = OutboundHosts((allowed,))
        factor.prepare(AppComponent("c", LocalSource(Path("c.wasm"))), state)
        scope = SimpleNamespace(call=lambda *call: calls.append(call))
        task = SimpleNamespace(scope=scope, inst=SimpleNamespace(state=state))
        functions = factor.init()["spin:postgres/postgres@4.2.0"].functions
        assert isinstance(await functions["[static]connection.open"](task, address), Err)
        opened = await functions["[static]connection.open"](task, postgres_server.url)
        query = "SELECT i, 'é', '\\xff'::bytea FROM generate_series(1, 500) i WHERE i < $1"
        values = [("int32", 400)]
        await functions["[method]connection.query"](task, opened.value, query, values)
        stream = functions["[method]connection.query-async"]
        _, elements, _ = (await stream(task, opened.value, query, values)).value
        elements.hurry()
        await elements.producer
        await factor.close()

    run(test)
    assert postgres_server.password not in repr(calls)
    assert "%20" not in repr(calls)
    rows = calls[2][3]
    assert len(rows[1]) == 101
    assert rows[1][-1] == "… and 299 more"
    assert rows[1][0][:2] == [["int32", 1], ["str", "é"]]
