"""MySQL: what it does in a real MariaDB, for guests of every interface."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.factors.calling import instance_of, run
from tests.factors.mysql_guests import WAYS, Way, failure, with_password
from tests.labs import LabError, Laboratory, Labs, laboratory
from tests.services.mariadb import MariaDb

from spindle.app import AppComponent, LocalSource
from spindle.factors import Factors, build
from spindle.factors.connections import Connections
from spindle.factors.mysql import MySqlFactor
from spindle.factors.wasi import WasiFactor
from spindle.outbound_hosts import OutboundHosts, parse_outbound_host

GUESTS = ("lab-python", "lab-python-2", "lab-javascript")


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory, mariadb_server: MariaDb) -> Iterator[Laboratory]:
    directory = tmp_path_factory.mktemp("mysql")
    allowed = [f"mysql://{mariadb_server.host}:{mariadb_server.port}"]
    with laboratory(directory, GUESTS, allowed_outbound_hosts=allowed) as host:
        yield host


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Way:
    return WAYS[request.param]


NUMBERS: list[tuple[str, str, Any]] = [
    ("TINYINT", "int8", -128),
    ("TINYINT UNSIGNED", "uint8", 255),
    ("BOOLEAN", "int8", 1),
    ("SMALLINT", "int16", -32768),
    ("SMALLINT UNSIGNED", "uint16", 65535),
    ("MEDIUMINT", "int32", -8388608),
    ("MEDIUMINT UNSIGNED", "uint32", 16777215),
    ("INT", "int32", -2147483648),
    ("INT UNSIGNED", "uint32", 4294967295),
    ("BIGINT", "int64", -9007199254740991),
    ("BIGINT UNSIGNED", "uint64", 9007199254740991),
    ("FLOAT", "floating32", 0.5),
    ("DOUBLE", "floating64", 0.1),
]
TEXTS: list[tuple[str, str, Any]] = [
    ("CHAR(5)", "str", "héé"),
    ("VARCHAR(20)", "str", "日本"),
    ("TEXT", "str", "🦀" * 100),
    ("LONGTEXT", "str", "x" * 70_000),
    ("ENUM('a', 'b')", "str", "b"),
    ("SET('a', 'b')", "str", "a,b"),
    ("VARCHAR(20) COLLATE utf8mb4_bin", "binary", b"compared as bytes"),
    ("JSON", "binary", b'{"a": 1}'),
    ("BINARY(3)", "binary", b"\x00\xff\x7f"),
    ("VARBINARY(9)", "binary", b"\x00\xff"),
    ("BLOB", "binary", b""),
    ("LONGBLOB", "binary", bytes(range(256))),
]


def given(kind: str, value: Any) -> tuple[str, Any]:
    return kind if type(value) is not bytes else "binary", value


def test_values_go_there_and_back(host: Laboratory, mariadb_server: MariaDb, way: Way) -> None:
    columns = ", ".join(f"c{i} {sql}" for i, (sql, *_) in enumerate(NUMBERS + TEXTS))
    table = f"there_and_back_{list(WAYS.values()).index(way)}"
    url = mariadb_server.url
    way.ask(host, url, f"CREATE OR REPLACE TABLE {table} ({columns}) CHARACTER SET utf8mb4")
    values = [given(kind, value) for _, kind, value in NUMBERS + TEXTS]
    marks = ", ".join("?" * len(values))
    for row in (values, [("db-null", None)] * len(values)):
        assert way.ask(host, url, f"INSERT INTO {table} VALUES ({marks})", row) == ([], [])
    kinds, rows = way.ask(host, url, f"SELECT * FROM {table}")
    assert kinds == [(f"c{i}", kind) for i, (_, kind, _) in enumerate(NUMBERS + TEXTS)]
    assert rows == [values, [("db-null", None)] * len(values)]


LACKING = [
    ("DATE", "'2024-02-29'"),
    ("DATE", "'0000-00-00'"),
    ("TIME", "'-838:59:59'"),
    ("DATETIME", "'2024-02-29 12:00:00'"),
    ("TIMESTAMP", "'2024-02-29 12:00:00'"),
    ("DECIMAL", "1.5"),
    ("YEAR", "2024"),
    ("BIT", "65"),
]
TYPES = {"DECIMAL": "DECIMAL(5, 2)", "BIT": "BIT(7)", "TIMESTAMP": "TIMESTAMP NULL"}


@pytest.mark.parametrize(("kind", "text"), LACKING, ids=[f"{k}-{t}" for k, t in LACKING])
def test_what_the_interface_has_no_type_for_is_an_error(
    host: Laboratory, mariadb_server: MariaDb, kind: str, text: str
) -> None:
    way, table = WAYS["spin:mysql@3.0.0 python"], f"lacking_{LACKING.index((kind, text))}"
    url = mariadb_server.url
    way.ask(host, url, f"CREATE OR REPLACE TABLE {table} (it {TYPES.get(kind, kind)})")
    assert way.ask(host, url, f"SELECT it FROM {table}") == ([("it", "other")], [])
    way.ask(host, url, f"INSERT INTO {table} VALUES ({text})")
    with pytest.raises(LabError) as raised:
        way.ask(host, url, f"SELECT it FROM {table}")
    case, reason = failure(raised.value.value)
    assert case == "value-conversion-failed"
    assert f"column `it` is of type {kind}" in reason
    assert "CAST(it AS CHAR)" in reason
    kinds, rows = way.ask(host, url, f"SELECT CAST(it AS CHAR) AS it FROM {table}")
    assert (kinds, len(rows)) == ([("it", "str")], 1)


MISTAKES = [
    ("SELECT FROM", [], "query-failed", "ERROR 1064 (42000): You have an error in your SQL"),
    ("SELECT * FROM nowhere", [], "query-failed", "ERROR 1146 (42S02)"),
    ("SELECT 1; SELECT 2", [], "query-failed", "ERROR 1064"),
    ("SELECT ?", [], "query-failed", "the statement takes 1 parameters, not 0"),
    ("SELECT 1", [("int32", 1)], "query-failed", "the statement takes 0 parameters, not 1"),
    ("SELECT NOW() AS n", [], "value-conversion-failed", "column `n` is of type DATETIME"),
]


@pytest.mark.parametrize(("statement", "parameters", "case", "reason"), MISTAKES)
def test_a_mistake_is_an_error_of_the_interface(
    host: Laboratory,
    mariadb_server: MariaDb,
    way: Way,
    statement: str,
    parameters: list[tuple[str, Any]],
    case: str,
    reason: str,
) -> None:
    with pytest.raises(LabError) as raised:
        way.ask(host, mariadb_server.url, statement, parameters)
    assert failure(raised.value.value)[0] == case
    assert reason in failure(raised.value.value)[1]


def test_who_is_not_let_in_is_told_why(host: Laboratory, mariadb_server: MariaDb, way: Way) -> None:
    with pytest.raises(LabError) as raised:
        way.ask(host, with_password(mariadb_server.url, "wrong"), "SELECT 1")
    case, reason = failure(raised.value.value)
    assert case == "connection-failed"
    assert "ERROR 1045 (28000): Access denied" in reason


def test_what_a_manifest_does_not_allow_is_not_connected_to(
    host: Laboratory, mariadb_server: MariaDb, way: Way
) -> None:
    for url in ("mysql://user:secret@elsewhere/db", "mysql://inside:3306?@127.0.0.1/", "nonsense"):
        with pytest.raises(LabError) as raised:
            way.ask(host, url, "SELECT 1")
        case, reason = failure(raised.value.value)
        assert case == "connection-failed"
        assert reason.endswith("is not permitted")
        assert "secret" not in reason
    assert "may not connect to `mysql://elsewhere`" in host.console.text


def test_an_address_may_have_options_and_must_be_one(
    host: Laboratory, mariadb_server: MariaDb
) -> None:
    way = WAYS["spin:mysql@3.0.0 python"]
    url = mariadb_server.url
    assert way.ask(host, f"{url}?ssl-mode=DISABLED&pool_max=3", "SELECT 1 AS n")[1]
    for bad, why in [
        (f"{url}?colour=red", "there is no option `colour`"),
        (url.replace("mysql:", "http:"), "is not permitted"),
        (f"{url}?sslMode=REQUIRED", "SSL"),
    ]:
        with pytest.raises(LabError) as raised:
            way.ask(host, bad, "SELECT 1")
        case, reason = failure(raised.value.value)
        assert case == "connection-failed"
        assert why in reason
        assert mariadb_server.password not in reason


def test_a_result_may_be_too_large(host: Laboratory, mariadb_server: MariaDb) -> None:
    statement = "SELECT REPEAT('x', 1000000) FROM seq_1_to_140"
    with pytest.raises(LabError) as raised:
        host.run(TOO_LARGE.format(url=mariadb_server.url, statement=statement))
    assert failure(raised.value.value) == (
        "other",
        "query result exceeds limit of 134217728 bytes",
    )


TOO_LARGE = """
with await mysql.open({url!r}) as connection:
    _, rows, outcome = await connection.query({statement!r}, [])
    with rows, outcome:
        while not rows.writer_dropped:
            await rows.read(1)
        end = await outcome.read()
    await connection.execute("DO 1", [])
    if isinstance(end, Err):
        raise end
"""


STREAMING = """
connection = await mysql.open({url!r})
_, rows, outcome = await connection.query("SELECT seq FROM seq_1_to_100000", [])
with rows, outcome:
    first = await rows.read(2)
_, rows, outcome = await connection.query("SELECT seq FROM seq_1_to_100000", [])
seen = 0
with rows, outcome:
    while not rows.writer_dropped:
        seen += len(await rows.read(500))
    end = await outcome.read()
await connection.execute("SELECT seq FROM seq_1_to_1000", [])
return [len(first) > 0, seen, end]
"""


def test_a_stream_may_be_left_and_another_read(host: Laboratory, mariadb_server: MariaDb) -> None:
    answer = host.run(STREAMING.format(url=mariadb_server.url))
    assert answer == [True, 100_000, {"Ok": None}]


PROCEDURE = """
connection = mysql.open({url!r})
connection.execute("CREATE OR REPLACE PROCEDURE two() BEGIN SELECT 1; SELECT 2, 3; END", [])
first = connection.query("CALL two()", [])
connection.execute("CALL two()", [])
return [len(first.rows), len(connection.query("SELECT 4", []).rows[0])]
"""


def test_of_several_results_guests_have_the_first(
    host: Laboratory, mariadb_server: MariaDb
) -> None:
    assert host.run(PROCEDURE.format(url=mariadb_server.url), "lab-python-2") == [1, 1]


SESSION = """
connection = mysql.open({url!r})
was = connection.query("SELECT @mine IS NULL AND @@in_transaction = 0", []).rows
connection.execute("SET @mine = 'something'", [])
connection.execute("START TRANSACTION", [])
return [was, connection.query("SELECT CONNECTION_ID()", []).rows]
"""


def test_a_kept_connection_has_forgotten_its_last_user(
    host: Laboratory, mariadb_server: MariaDb
) -> None:
    code = SESSION.format(url=mariadb_server.url + "?pool_max=1")
    (was, first), (now, second) = (host.run(code, "lab-python-2") for _ in range(2))
    assert was == now == [[{"DbValue_Int32": 1}]]
    assert first == second


def test_a_dependency_connects_if_it_inherits(lab: Labs, mariadb_server: MariaDb) -> None:
    way, allowed = WAYS["spin:mysql@3.0.0 python"], ["mysql://127.0.0.1:*"]
    host = lab(composed=["allowed_outbound_hosts"], allowed_outbound_hosts=allowed)
    assert way.ask(host, mariadb_server.url, "SELECT 1 AS n")[1] == [[("int32", 1)]]
    host = lab(composed=False, allowed_outbound_hosts=allowed)
    with pytest.raises(LabError) as raised:
        way.ask(host, mariadb_server.url, "SELECT 1 AS n")
    assert failure(raised.value.value)[0] == "connection-failed"


LIMITED = """
first = await mysql.open({url!r})
waiting = asyncio.create_task(mysql.open({url!r}))
for _ in range(20):
    await asyncio.sleep(0)
early = waiting.done()
first.__exit__(None, None, None)
await waiting
return early
"""


def test_connections_are_limited(lab: Labs, mariadb_server: MariaDb) -> None:
    limit = "[outbound_mysql]\nmax_connections = {}\n"
    allowed = ["mysql://127.0.0.1:*"]
    host = lab(runtime_config=limit.format(0), allowed_outbound_hosts=allowed)
    with pytest.raises(LabError) as raised:
        host.run(f"await mysql.open({mariadb_server.url!r})")
    assert failure(raised.value.value) == ("connection-failed", "too many connections")
    host = lab(runtime_config=limit.format(1), allowed_outbound_hosts=allowed)
    assert host.run(LIMITED.format(url=mariadb_server.url)) is False
    way = WAYS["spin:mysql@3.0.0 python"]
    for _ in range(3):  # each instance that ends gives its connection back
        assert way.ask(host, mariadb_server.url, "SELECT 1")[1]


def test_calls_are_recorded_without_the_password(
    guest: Callable[[str], Path], mariadb_server: MariaDb
) -> None:
    way, url = WAYS["spin:mysql@3.0.0 python"], mariadb_server.url
    component = AppComponent("c", LocalSource(Path("c.wasm")))
    factors = Factors([WasiFactor(), MySqlFactor(Connections())])
    state = build(factors.prepare(component))
    state.outbound_hosts = OutboundHosts((parse_outbound_host("mysql://*:*"),))

    async def test() -> None:
        async with instance_of(guest("lab-python"), state, factors) as called:
            code = way.code(url, "SELECT seq, ? FROM seq_1_to_1000", [("binary", b"\0")])
            status, _ = await called.ask("/", code.encode(), "POST")
            assert status == 200
            calls: dict[str, tuple[Any, Any]] = {
                func: (args, result) for _, func, args, result in called.scope.calls
            }
            shown = url.replace("open%20sesame", "***")
            assert calls["open"] == ([shown], shown)
            args, result = calls["query"]
            assert args[:2] == [shown, "SELECT seq, ? FROM seq_1_to_1000"]
            (first, second), rows = result
            assert (first, second) == (["seq", "uint64"], ["?", "binary"])
            assert rows[4][0] == ["uint64", 5]
            assert len(rows) == 100
            assert "sesame" not in repr(called.scope.calls)
        await factors.close()

    run(test)
