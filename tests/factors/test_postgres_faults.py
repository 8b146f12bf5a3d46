"""PostgreSQL servers that are down, die, hang, or speak nonsense: guests are told."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
import trustme
from tests.factors.postgres_guests import WAYS, failure
from tests.labs import LabError, Laboratory, Labs, laboratory
from tests.services.postgres import Postgres
from tests.services.process import free_port, running

from spindle.dev.options import Bounds

ANYWHERE: dict[str, Any] = {
    "allowed_outbound_hosts": ["postgres://127.0.0.1:*", "postgres://localhost:*"]
}
ONE = "[outbound_pg]\nmax_connections = 1\n"
STREAMING, SYNC, OLD = (
    WAYS[name] for name in ("4.2 python, streaming", "4.2 python", "2.0 python")
)
MODULE = "spin_postgres_postgres_4_2_0"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    with laboratory(tmp_path_factory.mktemp("faults"), runtime_config=ONE, **ANYWHERE) as host:
        yield host


def told(host: Laboratory, url: str, statement: str = "SELECT 1", way: Any = SYNC) -> Any:
    with pytest.raises(LabError) as raised:
        way.ask(host, url, statement)
    return failure(raised.value.value)


def others(server: Postgres, query: str = "true") -> int:
    """Sessions that guests have with a server."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' "
            f"AND pid <> pg_backend_pid() AND {query}"
        ).fetchone()
    assert row is not None
    return int(row[0])


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that must come."""
    limit = threading.Event()
    for _ in range(600):
        if condition():
            return
        limit.wait(0.05)
    raise AssertionError("it does not come")


@pytest.mark.parametrize("way", [STREAMING, SYNC, OLD], ids=["streaming", "sync", "old"])
def test_a_server_that_is_down(host: Laboratory, way: Any) -> None:
    case, reason = told(host, f"postgres://u:secret@127.0.0.1:{free_port()}/db", way=way)
    assert case == "connection-failed"
    assert "Connection refused" in reason


@pytest.mark.parametrize("way", [STREAMING, SYNC, OLD], ids=["streaming", "sync", "old"])
def test_a_wrong_password(host: Laboratory, postgres_server: Postgres, way: Any) -> None:
    url = postgres_server.url.replace(":open%20sesame", ":wrong")
    case, reason = told(host, url, way=way)
    assert case == "connection-failed"
    assert 'password authentication failed for user "spindle"' in reason


def test_no_such_host(host: Laboratory) -> None:
    case, _ = told(host, "postgres://localhost:1,127.0.0.1:2/db")
    assert case == "connection-failed"


def test_a_server_that_speaks_something_else(host: Laboratory) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def answer() -> None:
            for _ in range(2):
                connection, _ = listener.accept()
                connection.recv(100)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                connection.close()

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        port = listener.getsockname()[1]
        assert told(host, f"postgres://u@127.0.0.1:{port}/db")[0] == "connection-failed"
        assert (
            told(host, f"host=127.0.0.1 user=u port={port} sslmode=disable")[0]
            == "connection-failed"
        )
        thread.join()


def test_a_server_that_says_nothing(host: Laboratory) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
        case, reason = told(host, f"postgres://u@127.0.0.1:{port}/db?connect_timeout=1")
        assert (case, reason) == ("connection-failed", f"127.0.0.1:{port}: no answer for 1 seconds")


@pytest.mark.parametrize("way", [STREAMING, SYNC, OLD], ids=["streaming", "sync", "old"])
def test_a_session_that_dies(host: Laboratory, postgres_server: Postgres, way: Any) -> None:
    case, payload = told(
        host, postgres_server.url, "SELECT pg_terminate_backend(pg_backend_pid())", way=way
    )
    assert case in ("db-error", "query-failed", "text")
    assert "terminating connection" in str(payload)
    assert way.ask(host, postgres_server.url, "SELECT 1")[1] == [[("int32", 1)]]


def test_a_server_that_dies_and_comes_back(host: Laboratory) -> None:
    with running(Postgres) as server:
        said: list[Any] = []
        thread = threading.Thread(
            target=lambda: said.append(told(host, server.url, "SELECT pg_sleep(60)"))
        )
        thread.start()
        until(lambda: others(server, "query LIKE '%pg_sleep%'") == 1)
        server.kill()
        thread.join()
        assert said[0][0] in ("text", "db-error")
        assert told(host, server.url)[0] == "connection-failed"
        server.start()
        assert SYNC.ask(host, server.url, "SELECT 1")[1]


def test_a_connection_that_has_died_says_so_each_time(
    host: Laboratory, postgres_server: Postgres
) -> None:
    code = f"""
        told = []
        with {MODULE}.Connection.open({postgres_server.url!r}) as connection:
            for statement in ("SELECT pg_terminate_backend(pg_backend_pid())", "SELECT 1", "x"):
                try:
                    connection.query(statement, [])
                except Err as error:
                    told.append(error.value.value.value)
        return told
    """
    first, *later = host.run(code)
    assert "terminating" in str(first)
    assert later == ["the connection to the server is closed"] * 2


def test_a_guest_that_is_cut_off(lab: Labs, postgres_server: Postgres) -> None:
    """Its statement is stopped, and its connection is another's."""
    host = lab(runtime_config=ONE, options={"request_timeout": Bounds.exactly(5.0)}, **ANYWHERE)
    for way in (STREAMING, SYNC):
        with pytest.raises(AssertionError):
            way.ask(host, postgres_server.url, "SELECT pg_sleep(600)")
        until(
            lambda: (
                others(postgres_server, "query LIKE '%pg_sleep(600)%' AND state = 'active'") == 0
            )
        )
        assert way.ask(host, postgres_server.url, "SELECT 1")[1] == [[("int32", 1)]]


def test_a_call_that_is_given_up(host: Laboratory, postgres_server: Postgres) -> None:
    code = f"""
        with await {MODULE}.Connection.open_async({postgres_server.url!r}) as connection:
            columns, rows, outcome = await connection.query_async(
                "SELECT repeat('x', 1000), pg_sleep(CASE WHEN i > 200 THEN 600 ELSE 0 END) "
                "FROM generate_series(1, 300) i", [])
            with rows:
                some = await rows.read(10)
            said = await outcome.read()
            columns, rows, outcome = await connection.query_async("SELECT 2", [])
            return [len(some) > 0, said, await util.collect((rows, outcome))]
    """
    assert host.run(code) == [True, {"Ok": None}, [[{"DbValue_Int32": 2}]]]


def test_no_more_connections_than_there_may_be(host: Laboratory, postgres_server: Postgres) -> None:
    """With room for one, guests wait for one another."""
    said: list[Any] = []
    threads = [
        threading.Thread(
            target=lambda: said.append(SYNC.ask(host, postgres_server.url, "SELECT pg_sleep(0.1)"))
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 4


def test_a_server_without_room(host: Laboratory, tmp_path: Path) -> None:
    class Small(Postgres):
        def command(self) -> list[str]:
            return [*super().command(), "--max_connections=3", "--superuser_reserved_connections=1"]

    with running(Small) as server, psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE ROLE guest LOGIN PASSWORD 'x'")
        url = f"postgres://guest:x@{server.host}:{server.port}/postgres"
        with psycopg.connect(url):
            case, reason = told(host, url)
            assert case == "connection-failed"
            assert "connection" in reason


def test_notices_and_rubbish_are_survived(host: Laboratory, postgres_server: Postgres) -> None:
    for statement in ("COPY (SELECT 1) TO STDOUT", "COPY pg_class FROM STDIN"):
        assert "`COPY`" in told(host, postgres_server.url, statement)[1]
    assert SYNC.change(host, postgres_server.url, "DO $$ BEGIN RAISE NOTICE 'hear'; END $$") == 0
    assert SYNC.ask(host, postgres_server.url, "") == ([], [])
    assert SYNC.ask(host, postgres_server.url, "SELECT") == ([], [[]])


class Secured(Postgres):
    """A server with TLS, of an authority that only tests trust."""

    authority = trustme.CA()
    name = "localhost"

    def prepare(self) -> None:
        super().prepare()
        certificate = self.authority.issue_cert(self.name)
        data = self.directory / "data"
        owner = data.stat()
        for name, blob in (
            ("server.key", certificate.private_key_pem),
            ("server.crt", certificate.cert_chain_pems[0]),
        ):
            blob.write_to_path(data / name)
            (data / name).chmod(0o600)
            os.chown(data / name, owner.st_uid, owner.st_gid)

    def command(self) -> list[str]:
        return [*super().command(), "--ssl=on"]

    @property
    def root(self) -> str:
        return self.authority.cert_pem.bytes().decode()


@pytest.fixture(scope="module")
def secured() -> Iterator[Secured]:
    with running(Secured) as server:
        yield server


BUILDING = """
    builder = {module}.ConnectionBuilder({url!r})
    builder.set_ca_root({root!r})
    connection = {build}
    query = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    return connection.query(query, []).rows[0][0].value
"""


@pytest.mark.parametrize("build", ["builder.build()", "await builder.build_async()"])
def test_a_certificate_to_trust(host: Laboratory, secured: Secured, build: str) -> None:
    for mode in ("", "?sslmode=prefer", "?sslmode=require"):
        url = secured.url.replace("127.0.0.1", "localhost") + mode
        assert (
            host.run(BUILDING.format(module=MODULE, url=url, root=secured.root, build=build))
            is True
        )


def test_a_certificate_nobody_trusts(host: Laboratory, secured: Secured) -> None:
    for mode in ("prefer", "require"):
        case, reason = told(host, f"{secured.url.replace('127.0.0.1', 'localhost')}?sslmode={mode}")
        assert case == "connection-failed"
        assert "certificate verify failed" in reason
    url = f"{secured.url}?sslmode=disable"
    assert SYNC.ask(host, url, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")[1] == [
        [("boolean", False)]
    ]


def test_a_certificate_of_another_name(host: Laboratory, secured: Secured) -> None:
    code = BUILDING.format(
        module=MODULE, url=secured.url, root=secured.root, build="builder.build()"
    )
    with pytest.raises(LabError) as raised:
        host.run(code)
    assert failure(raised.value.value)[0] == "connection-failed"


def test_a_certificate_that_is_none(host: Laboratory) -> None:
    for root in ("", "-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n"):
        code = BUILDING.format(module=MODULE, url="postgres://x", root=root, build="None")
        with pytest.raises(LabError) as raised:
            host.run(code)
        case, reason = failure(raised.value.value)
        assert case == "other"
        assert reason.startswith("invalid root certificate: ")


def test_builders_ask_for_leave_too(host: Laboratory) -> None:
    for build in ("builder.build()", "await builder.build_async()"):
        code = f"""
            builder = {MODULE}.ConnectionBuilder("postgres://elsewhere.test/x")
            return {build}
        """
        with pytest.raises(LabError) as raised:
            host.run(code)
        reason = "address postgres://elsewhere.test:5432 is not permitted"
        assert failure(raised.value.value) == ("connection-failed", reason)


def test_blocked_networks(lab: Labs, postgres_server: Postgres) -> None:
    host = lab(runtime_config='[outbound_networking]\nblock_networks = ["private"]\n', **ANYWHERE)
    case, reason = told(host, postgres_server.url)
    assert case == "connection-failed"
    assert "blocked network" in reason


def test_what_is_the_persons_is_not_the_guests(
    lab: Labs, postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No password of the person's environment or files is used for a guest."""
    passwords = tmp_path / "pgpass"
    passwords.write_text(f"*:*:*:*:{postgres_server.password}\n")
    passwords.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(passwords))
    monkeypatch.setenv("PGPASSWORD", postgres_server.password)
    url = postgres_server.url.replace(":open%20sesame", "")
    assert "password" in told(lab(**ANYWHERE), url)[1]


def test_nothing_is_left_behind(tmp_path: Path, postgres_server: Postgres) -> None:
    with laboratory(tmp_path, **ANYWHERE) as host:
        url = f"{postgres_server.url}?application_name=leaving"
        for way in (STREAMING, SYNC, OLD):
            way.ask(host, url, "SELECT 1")
        assert others(postgres_server, "application_name = 'leaving'")
    until(lambda: others(postgres_server, "application_name = 'leaving'") == 0)
