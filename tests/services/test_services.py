"""The servers start, end, come back with what they held, and can be hindered."""

import socket
import struct
import subprocess
from collections.abc import Callable

import pytest
from tests.services.mariadb import MariaDb
from tests.services.mosquitto import Mosquitto
from tests.services.postgres import Postgres
from tests.services.process import Server
from tests.services.programs import program
from tests.services.redis import GuardedRedis, Redis


@pytest.mark.parametrize("kind", [Redis, GuardedRedis, Postgres, MariaDb, Mosquitto])
def test_it_stops_and_comes_back(
    kind: type[Server], own_server: Callable[[type[Server]], Server]
) -> None:
    server = own_server(kind)
    for end in (server.stop, server.kill):
        server.check()
        end()
        with pytest.raises(ConnectionError):
            server.check()
        server.start()


def test_postgres_knows_its_owner(postgres_server: Postgres) -> None:
    psql = [program("psql", "postgresql"), postgres_server.url, "-Atc", "SELECT current_user"]
    assert subprocess.check_output(psql, text=True) == "spindle\n"


def test_mariadb_knows_its_user(mariadb_server: MariaDb) -> None:
    server = mariadb_server
    where = [f"--host={server.host}", f"--port={server.port}", "--protocol=TCP"]
    who = [f"--user={server.user}", f"--password={server.password}"]
    client = [program("mariadb", "mariadb-server"), *where, *who, server.database]
    query = [*client, "--batch", "--skip-column-names", "--execute=SELECT DATABASE()"]
    assert subprocess.check_output(query, text=True) == "spindle\n"


def test_mosquitto_asks_for_a_password(mosquitto_server: Mosquitto) -> None:
    server = mosquitto_server
    accepted, refused = 0, 5
    assert connack(server.host, server.port, 0) == accepted
    assert connack(server.host, server.guarded_port, 0) == refused
    known = connack(server.host, server.guarded_port, 0xC0, server.user, server.password)
    assert known == accepted


def connack(host: str, port: int, flags: int, *credentials: str) -> int:
    """The code with which a broker of MQTT 3.1.1 answers a client's first packet."""
    texts = ("a client", *credentials)
    payload = b"".join(struct.pack("!H", len(text)) + text.encode() for text in texts)
    content = b"\0\4MQTT\4" + bytes([flags | 2]) + b"\0\0" + payload
    with socket.create_connection((host, port), timeout=5) as connection:
        connection.sendall(bytes([0x10, len(content)]) + content)
        return connection.recv(4)[3]
