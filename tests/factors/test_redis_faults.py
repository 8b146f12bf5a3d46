"""Guests whose Redis is down, dies, is slow or full: they are told, people are, the host stays."""

from __future__ import annotations

import socket
import textwrap
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.executor.harness import vanish
from tests.labs import LabError, Laboratory, Labs
from tests.services.redis import GuardedRedis, Redis

from spindle.executor import guest

OwnServer = Callable[[type[Redis]], Redis]
ANYWHERE = ["redis://*:*"]
TIME_LIMIT = 60.0
UNVERSIONED = """
    const redis = imported["fermyon:spin/redis"];
    return await (async () => {{ {} }})();
"""


def failing(host: Laboratory, code: str, guest: str | None = None) -> str:
    """The text of the interface's error that code ends with."""
    with pytest.raises(LabError) as raised:
        host.run(code, guest)
    value = raised.value.value
    return str(value.get("Error_Other", value)) if isinstance(value, dict) else str(value)


def test_a_server_that_is_down_comes_up_dies_and_returns(lab: Labs, own_server: OwnServer) -> None:
    server = own_server(Redis)
    host = lab(["lab-python", "lab-javascript"], allowed_outbound_hosts=ANYWHERE)
    get = f'c = await redis.open({server.url!r})\nreturn await c.get("a")'
    get_unversioned = UNVERSIONED.format(f'return redis.get({server.url!r}, "a")')
    server.kill()
    for _ in range(2):
        assert "Connection refused" in failing(host, get)
        assert failing(host, get_unversioned, "lab-javascript") == "error"
    for component in ("lab-python", "lab-javascript"):
        sentence = f"component `{component}` can't connect to `{server.url}`: Connection refused"
        assert host.console.text.count(sentence) == 1
    for _ in range(2):
        server.start()
        assert host.run(get) is None
        assert host.run(get_unversioned, "lab-javascript") == b""
        server.kill()
        assert "Connection refused" in failing(host, get)
    server.start()
    assert host.run(get) is None
    assert host.run(get_unversioned, "lab-javascript") == b""


def test_a_server_that_dies_amid_a_command(lab: Labs, own_server: OwnServer) -> None:
    server = own_server(Redis)
    host = lab(allowed_outbound_hosts=ANYWHERE)
    blocking = f"""
        c = await redis.open({server.url!r})
        await c.execute("BLPOP", [
            spin_redis_redis_3_0_0.RedisParameter_Binary(b"nothing"),
            spin_redis_redis_3_0_0.RedisParameter_Int64(0),
        ])
    """
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(failing, host, blocking)
        wait_for_client(server, b"cmd=blpop")
        server.kill()
        assert waiting.result()
    assert f"component `lab-python` lost its connection to `{server.url}`" in host.console.text
    server.start()
    assert host.run("return 1") == 1


def wait_for_client(server: Redis, what: bytes, there: bool = True) -> None:
    """Return once the server's clients include such a one, or no longer do."""
    until = time.monotonic() + TIME_LIMIT
    with socket.create_connection((server.host, server.port)) as connection:
        while time.monotonic() < until:
            connection.sendall(b"CLIENT LIST\r\n")
            if (what in connection.recv(1 << 16)) == there:
                return
    raise AssertionError(f"`{what!r}` is still {'not ' * there}among the clients")


def test_a_connection_that_was_lost_stays_so(lab: Labs, own_server: OwnServer) -> None:
    server = own_server(Redis)
    host = lab(allowed_outbound_hosts=ANYWHERE)
    answers = host.run(f"""
        c = await redis.open({server.url!r})
        killer = await redis.open({server.url!r})
        kill = [b"KILL", b"TYPE", b"normal", b"SKIPME", b"yes"]
        await killer.execute(
            "CLIENT", [spin_redis_redis_3_0_0.RedisParameter_Binary(word) for word in kill]
        )
        answers = []
        for _ in range(2):
            try:
                await c.get("a")
            except Err as error:
                answers.append(str(error.value))
        again = await redis.open({server.url!r})
        return [*answers, await again.get("a"), await killer.get("a")]
    """)
    assert ["the server closed the connection" in (answer or "") for answer in answers] == [
        True,
        True,
        False,
        False,
    ]


def test_the_password_is_wrong(lab: Labs, own_server: OwnServer) -> None:
    server = own_server(GuardedRedis)
    host = lab(allowed_outbound_hosts=ANYWHERE)
    wrong = server.url.replace("open", "shut")
    assert "WRONGPASS" in failing(host, f"await redis.open({wrong!r})")
    shown = f"redis://{server.host}:{server.port}"
    assert f"component `lab-python` can't connect to `{shown}`: WRONGPASS" in host.console.text
    assert "sesame" not in host.console.text
    without = f"c = await redis.open({shown!r})\nawait c.get('a')"
    assert "NOAUTH" in failing(host, without)


def test_a_value_of_64_mb_goes_there_and_back(lab: Labs, redis_server: Redis) -> None:
    host = lab(allowed_outbound_hosts=[redis_server.url])
    assert host.run(f"""
        c = await redis.open({redis_server.url!r})
        await c.set("faults:large", b"spindle!" * (8 << 20))
        value = await c.get("faults:large")
        await c.del_(["faults:large"])
        return len(value), value[-8:]
    """) == [64 << 20, b"spindle!"]


def test_results_have_a_limit(
    lab: Labs, redis_server: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spindle.factors.redis.operations.MOST_BYTES", 1000)
    host = lab(allowed_outbound_hosts=[redis_server.url])
    large = f"""
        c = await redis.open({redis_server.url!r})
        await c.set("faults:limit", bytes(1001))
        """
    assert "exceeds limit of 1000 bytes" in failing(host, large + 'await c.get("faults:limit")')
    execute = """await c.execute("LRANGE", [
            spin_redis_redis_3_0_0.RedisParameter_Binary(b"faults:list"),
            spin_redis_redis_3_0_0.RedisParameter_Int64(0),
            spin_redis_redis_3_0_0.RedisParameter_Int64(-1)])"""
    fill = """for _ in range(40):
            await c.execute("RPUSH", [
                spin_redis_redis_3_0_0.RedisParameter_Binary(b"faults:list")] * 2)
        """
    assert "exceeds limit of 1000 bytes" in failing(host, large + fill + execute)


def test_a_request_whose_client_leaves_closes_its_connection(
    lab: Labs, own_server: OwnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guest, "GRACE", 0.2)
    server = own_server(Redis)
    host = lab(allowed_outbound_hosts=ANYWHERE)
    code = f"""
        c = await redis.open({server.url!r})
        await c.execute("BLPOP", [
            spin_redis_redis_3_0_0.RedisParameter_Binary(b"left"),
            spin_redis_redis_3_0_0.RedisParameter_Int64(0),
        ])
    """
    body = textwrap.dedent(code).encode()
    address = str(host.host.base_url).removeprefix("http://").split(":")
    client = socket.create_connection((address[0], int(address[1])))
    length = b"Content-Length: %d\r\n\r\n" % len(body)
    client.sendall(b"POST /lab-python HTTP/1.1\r\nHost: a\r\n" + length + body)
    wait_for_client(server, b"cmd=blpop")
    vanish(client)
    wait_for_client(server, b"cmd=blpop", there=False)
    assert host.run(f'c = await redis.open({server.url!r})\nreturn await c.incr("n")') == 1


def test_an_instance_that_ends_lets_go_of_its_connections(lab: Labs, own_server: OwnServer) -> None:
    server = own_server(Redis)
    host = lab(allowed_outbound_hosts=ANYWHERE)
    host.run(f"""
        kept["c"] = await redis.open({server.url!r})
        await kept["c"].execute("CLIENT", [
            spin_redis_redis_3_0_0.RedisParameter_Binary(b"SETNAME"),
            spin_redis_redis_3_0_0.RedisParameter_Binary(b"forgotten"),
        ])
    """)
    wait_for_client(server, b"name=forgotten")
    with pytest.raises(AssertionError, match="500"):
        host.run("import os\nos.abort()")
    wait_for_client(server, b"name=forgotten", there=False)


@pytest.mark.parametrize("table", ["outbound_redis", "outbound_networking"])
def test_no_more_connections_than_there_is_room_for(
    lab: Labs, own_server: OwnServer, table: str
) -> None:
    server = own_server(Redis)
    key = "max_connections" if table == "outbound_redis" else "max_total_connections"
    host = lab(
        ["lab-python", "lab-javascript"],
        allowed_outbound_hosts=ANYWHERE,
        runtime_config=f"[{table}]\n{key} = 2\n",
    )
    counted = f"""
        c = await redis.open({server.url!r})
        clients = (await c.execute("CLIENT", [
            spin_redis_redis_3_0_0.RedisParameter_Binary(b"LIST")]))[0].value
        return clients.count(b"cmd=")
    """
    once = UNVERSIONED.format(f'redis.incr({server.url!r}, "n"); return 1')
    with ThreadPoolExecutor(8) as pool:
        many = [pool.submit(host.run, counted) for _ in range(12)]
        some = [pool.submit(host.run, once, "lab-javascript") for _ in range(12)]
        assert max(count.result() for count in many) <= 2
        assert [count.result() for count in some] == [1] * 12


def test_one_instance_may_not_hold_any_number(
    lab: Labs, redis_server: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spindle.factors.redis.MOST_HELD", 3)
    host = lab(allowed_outbound_hosts=[redis_server.url])
    code = f"""
        held = [await redis.open({redis_server.url!r}) for _ in range(3)]
        held.pop().__exit__(None, None, None)
        held.append(await redis.open({redis_server.url!r}))
        await redis.open({redis_server.url!r})
    """
    with pytest.raises(LabError) as raised:
        host.run(code)
    assert raised.value.value == {"Error_TooManyConnections": None}


def test_what_a_guest_executes_leaves_no_trace_for_others(lab: Labs, redis_server: Redis) -> None:
    url = redis_server.url
    host = lab(["lab-javascript"], allowed_outbound_hosts=[url])
    answers = host.run(
        UNVERSIONED.format(f"""
            const bytes = (text) => ({{ tag: "binary", val: new TextEncoder().encode(text) }});
            redis.set({url!r}, "faults:trace", new Uint8Array([1]));
            const answers = [];
            for (const words of [["MULTI"], ["SELECT", "9"], ["SUBSCRIBE", "x"], ["HELLO", "3"]]) {{
                try {{
                    redis.execute({url!r}, words[0], words.slice(1).map(bytes));
                }} catch (_) {{}}
                answers.push(redis.get({url!r}, "faults:trace"));
            }}
            return answers;
        """)
    )
    assert answers == [b"\1"] * 4
