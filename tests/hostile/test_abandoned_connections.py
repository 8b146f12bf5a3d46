"""Connections that guests never let go of, or whose callers leave, do not stay open."""

import http.client
import socket
import struct
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest
from tests.labs import TIME_LIMIT, Laboratory, Labs

from spindle.dev.options import Bounds

REQUESTS = 30
MOST_KEPT = 10
"""Connections that pools may keep of those that were opened."""
REUSE = 5
"""Requests an instance serves: with more it would hold all sessions that a pool has, and wait."""
RESET = struct.pack("ii", 1, 0)
"""A socket with this for `SO_LINGER` is reset when it is closed."""

HOLDING = """
global held
held = [{open} for i in range(3)]
print("open", flush=True)
if {stay}:
    {wait}
"""
REDIS = "spin_redis_redis_3_0_0"
NOTHING = f"[{REDIS}.RedisParameter_Binary(b'nothing'), {REDIS}.RedisParameter_Int64(0)]"
OPEN = {
    "redis_server": REDIS + ".Connection.open({url!r})",
    "mariadb_server": "mysql.open({url!r})",
    "postgres_server": "spin_postgres_postgres_4_2_0.Connection.open_async({url!r})",
    "mosquitto_server": "spin_mqtt_mqtt_3_0_0.Connection.open({url!r} + str(i), '', '', 30)",
}
WAIT = {
    "redis_server": f"await held[0].execute('BLPOP', {NOTHING})",
    "mariadb_server": "await held[0].query('SELECT SLEEP(60)', [])",
    "postgres_server": "await held[0].execute_async('SELECT pg_sleep(60)', [])",
    "mosquitto_server": "import asyncio; await asyncio.sleep(60)",
}


@pytest.mark.parametrize("stay", [False, True], ids=["held", "cut short"])
@pytest.mark.parametrize("service", OPEN)
def test_none_stays_open(
    service: str,
    stay: bool,
    lab: Labs,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("spindle.factors.postgres.pool.IDLE_SECONDS", 0.1)
    monkeypatch.setattr("spindle.executor.guest.GRACE", 0.1)
    url = request.getfixturevalue(service).url
    options = {"max_instance_reuse_count": Bounds.exactly(REUSE)}
    host = lab(allowed_outbound_hosts=["*://127.0.0.1:*"], options=options)
    before = sockets()
    for number in range(REQUESTS):
        if service == "mosquitto_server":
            url = f"{url.partition('?')[0]}?client_id=held-{number}-"
        opening = "await " + OPEN[service].format(url=url)
        code = HOLDING.format(open=opening, stay=stay, wait=WAIT[service])
        if stay:
            leave(host, code, number + 1)
        else:
            host.run(code)
    until = time.monotonic() + TIME_LIMIT
    while (left := sockets() - before) > MOST_KEPT:
        assert time.monotonic() < until, f"{left} are left"
        time.sleep(0.1)
    assert host.run("return 1") == 1
    assert "Traceback" not in host.console.text


def leave(host: Laboratory, code: str, opened: int) -> None:
    """Post code, and hang up when it has opened its connections."""
    address = str(host.host.base_url).removeprefix("http://")
    until = time.monotonic() + TIME_LIMIT
    with closing(http.client.HTTPConnection(address, timeout=TIME_LIMIT)) as connection:
        connection.request("POST", f"/{host.guest}", code.encode())
        while host.output().count("open") < opened:
            assert time.monotonic() < until, host.console.text
            time.sleep(0.01)
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)


def sockets() -> int:
    """How many this process has."""
    count = 0
    for link in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            count += str(link.readlink()).startswith("socket:")
    return count
