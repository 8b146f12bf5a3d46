"""MySQL servers that are down, die, hang, or speak nonsense: guests are told, the host stays."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factors.calling import run
from tests.factors.mysql_guests import WAYS, failure
from tests.labs import LabError, Laboratory, laboratory
from tests.services.mariadb import MariaDb
from tests.services.process import free_port, running

from spindle.factors.mysql.connecting import connect
from spindle.factors.rdbms import DatabaseError

WAY = WAYS["spin:mysql@3.0.0 python"]
ANYWHERE: dict[str, Any] = {
    "allowed_outbound_hosts": ["mysql://127.0.0.1:*", "mysql://localhost:*"]
}
ONE = "[outbound_mysql]\nmax_connections = 1\n"


@pytest.fixture(scope="module")
def server() -> Iterator[MariaDb]:
    with running(MariaDb) as server:
        yield server


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    directory = tmp_path_factory.mktemp("faults")
    guests = ("lab-python", "lab-python-2")
    with laboratory(directory, guests, runtime_config=ONE, **ANYWHERE) as host:
        yield host


def told(host: Laboratory, url: str, statement: str, way: str) -> tuple[str, str]:
    with pytest.raises(LabError) as raised:
        WAYS[way].ask(host, url, statement)
    return failure(raised.value.value)


PYTHONS = ["spin:mysql@3.0.0 python", "fermyon:spin/mysql@2.0.0 python"]


def test_a_server_that_is_down(host: Laboratory) -> None:
    url = f"mysql://user:secret@127.0.0.1:{free_port()}/db"
    for way in PYTHONS:
        assert told(host, url, "SELECT 1", way) == ("connection-failed", "Connection refused")


def test_a_name_that_nobody_has(lab: Any) -> None:
    host = lab(allowed_outbound_hosts=["mysql://nowhere.invalid"])
    case, _ = told(host, "mysql://nowhere.invalid/", "SELECT 1", PYTHONS[0])
    assert case == "connection-failed"


@pytest.mark.parametrize("way", PYTHONS)
def test_a_server_that_dies_in_the_middle(host: Laboratory, server: MariaDb, way: str) -> None:
    assert WAYS[way].ask(host, server.url, "SELECT 1")[1]
    answers: list[tuple[str, str]] = []
    asking = threading.Thread(
        target=lambda: answers.append(told(host, server.url, "SELECT SLEEP(60)", way))
    )
    asking.start()
    wait_until_busy(server)
    server.kill()
    asking.join()
    server.start()
    ((case, reason),) = answers
    assert case == "query-failed"
    assert "Lost connection" in reason
    assert WAYS[way].ask(host, server.url, "SELECT 1")[1]


def wait_until_busy(server: MariaDb) -> None:
    """Until a statement is under way that takes its time."""

    async def asked() -> bool:
        connection = await connect(server.url, ())
        with closing(connection):
            _, rows = await connection.query(
                "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE ?",
                ["SELECT SLEEP%"],
            )
            return bool(rows[0][0][1])

    while not asyncio.run(asked()):
        pass


def test_a_connection_that_died_while_nobody_looked(host: Laboratory, server: MariaDb) -> None:
    assert WAY.ask(host, server.url, "SELECT 1")[1]
    server.stop()
    server.start()
    assert WAY.ask(host, server.url, "SELECT 1")[1]


@pytest.mark.parametrize("guest", ["lab-python", "lab-python-2"])
def test_a_server_that_hangs_ends_with_the_request(
    tmp_path: Path, server: MariaDb, guest: str
) -> None:
    way = next(way for way in WAYS.values() if way.guest == guest)
    options = {"limits": {"request_timeout": 5.0}}
    with laboratory(tmp_path, (guest,), ONE, options=options, **ANYWHERE) as host:
        assert way.ask(host, server.url, "SELECT 1")[1]
        server.pause()
        try:
            status, _ = host.post(f"/{guest}", way.code(server.url, "SELECT 1", ()).encode())
        finally:
            server.resume()
        assert status != 200
        assert way.ask(host, server.url, "SELECT 1")[1]


def test_a_certificate_must_be_the_hosts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_server: Callable[[Any], MariaDb]
) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    files = {"cert": tmp_path / "cert.pem", "key": tmp_path / "key.pem"}
    certificate.cert_chain_pems[0].write_to_path(str(files["cert"]))
    certificate.private_key_pem.write_to_path(str(files["key"]))
    for path in (*files.values(), tmp_path):
        path.chmod(0o755)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))

    class WithTls(MariaDb):
        def command(self) -> list[str]:
            return [*super().command(), *(f"--ssl-{name}={path}" for name, path in files.items())]

    server = own_server(WithTls)
    url = server.url + "?ssl-mode=REQUIRED"
    named = url.replace("127.0.0.1", "localhost")

    async def test() -> None:
        with pytest.raises(DatabaseError, match="certificate is not trusted"):
            await connect(named, ())
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        connection = await connect(named, ())
        _, rows = await connection.query("SHOW STATUS LIKE 'Ssl_cipher'", [])
        assert rows[0][1][1]
        connection.close()
        with pytest.raises(DatabaseError, match="certificate is not trusted"):
            await connect(url, ())

    run(test)


NONSENSE = {
    "nothing": b"",
    "another protocol": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "an error": b"\x17\0\0\0\xff\x10\x04Too many connections",
    "a packet cut short": b"\xff\xff\xff\0\x0a8.0",
    "zeros": bytes(200),
    "an old protocol": b"\x01\0\0\0\x09",
}


@pytest.mark.parametrize("greeting", NONSENSE.values(), ids=NONSENSE)
def test_a_greeting_that_makes_no_sense(greeting: bytes) -> None:
    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        writer.close()

    async def test() -> None:
        server = await asyncio.start_server(greet, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(DatabaseError) as raised:
                await connect(f"mysql://user@127.0.0.1:{port}/", ())
            assert raised.value.case == "connection-failed"

    run(test)


GREETING = (
    b"\x0a8.0.0\0" + bytes(4) + b"saltsalt\0" + b"\xff\xff\x21\x02\0\xff\xff\x15" + bytes(10)
    + b"saltsaltsalt\0mysql_native_password\0"
)  # fmt: skip


def packet(number: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "little") + bytes([number]) + payload


@pytest.mark.parametrize("way", ["mysql_clear_password", "mysql_old_password"])
def test_a_password_is_not_given_away(way: str) -> None:
    async def test() -> None:
        heard = asyncio.Queue[bytes]()

        async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(packet(0, GREETING))
            hello = await reader.read(4096)
            writer.write(packet(2, b"\xfe" + way.encode() + b"\0Password: "))
            heard.put_nowait(hello + await reader.read(4096))
            writer.close()

        async with await asyncio.start_server(ask, "127.0.0.1", 0) as server:
            url = f"mysql://user:secret@127.0.0.1:{server.sockets[0].getsockname()[1]}/"
            with pytest.raises(DatabaseError, match="wants the password as it is"):
                await connect(url, ())
            assert b"secret" not in await heard.get()
            with pytest.raises(DatabaseError):
                await connect(url + "?enable_cleartext_plugin=true", ())
            assert (b"secret" in await heard.get()) is (way == "mysql_clear_password")

    run(test)


class Meddler:
    """Passes on what client and server say to one another, up to a byte of the server's."""

    def __init__(self, to: MariaDb, at: int, instead: bytes) -> None:
        self.to = to
        self.left = at
        self.instead = instead
        self.done = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self.to.host, self.to.port)
        asking = asyncio.create_task(self._pass(reader, back))
        with suppress(ConnectionError):
            while self.left and (data := await there.read(self.left)):
                self.left -= len(data)
                writer.write(data)
            writer.write(self.instead)
            await writer.drain()
        writer.close()
        back.close()
        await asking
        self.done.set()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
        writer.close()


@settings(max_examples=60)
@given(at=st.integers(0, 400), instead=st.binary(max_size=40))
def test_a_server_that_ends_in_nonsense(server: MariaDb, at: int, instead: bytes) -> None:
    async def test() -> None:
        meddler = Meddler(server, at, instead)
        meddling = await asyncio.start_server(meddler.__call__, "127.0.0.1", 0)
        async with meddling:
            url = server.url.replace(str(server.port), str(meddling.sockets[0].getsockname()[1]))
            with suppress(DatabaseError):
                connection = await connect(url, ())
                with closing(connection):
                    await connection.query("SELECT 1 AS a, 'text' AS b, ? AS c", ["é" * 200])
                    await connection.execute("DO 1", [])
            await meddler.done.wait()

    run(test)
