"""One connection to a real Redis, with the server at its best and at its worst."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.factors.calling import run
from tests.services.process import free_port
from tests.services.redis import GuardedRedis, Redis
from tests.services.redis_tls import TlsRedis

from spindle.factors import dialling
from spindle.factors.blocked_networks import BlockedNetworks
from spindle.factors.redis.address import parse_address
from spindle.factors.redis.connecting import connect
from spindle.factors.redis.connection import RedisConnection
from spindle.factors.redis.errors import ConnectionLost, RedisError, ServerError
from spindle.factors.redis.resp import Map, Push, Status

OwnServer = Callable[[type[Redis]], Redis]


async def connected(url: str) -> RedisConnection:
    return await connect(parse_address(url))


def test_commands_at_once_have_their_own_replies(redis_server: Redis) -> None:
    async def test() -> None:
        link = await connected(redis_server.url)
        replies = await asyncio.gather(*(link.call(b"ECHO", b"%d" % n) for n in range(500)))
        assert replies == [b"%d" % n for n in range(500)]
        link.close()

    run(test)


def test_who_gives_up_takes_nobody_elses_reply(redis_server: Redis) -> None:
    async def test() -> None:
        link = await connected(redis_server.url)
        given_up = [asyncio.ensure_future(link.call(b"ECHO", b"old")) for _ in range(20)]
        await asyncio.sleep(0)
        for call in given_up[::2]:
            call.cancel()
        assert await link.call(b"ECHO", b"new") == b"new"
        assert await asyncio.gather(*given_up[1::2]) == [b"old"] * 10
        link.close()

    run(test)


def test_a_value_of_64_mb(redis_server: Redis) -> None:
    async def test() -> None:
        value = bytes(range(256)) * (1 << 18)
        link = await connected(redis_server.url)
        assert await link.call(b"SET", b"connection:large", value) == "OK"
        assert await link.call(b"GET", b"connection:large") == value
        assert await link.call(b"DEL", b"connection:large") == 1
        link.close()

    run(test)


def test_who_writes_too_fast_waits(own_server: OwnServer) -> None:
    server = own_server(Redis)

    async def test() -> None:
        link = await connected(server.url)
        server.pause()
        value = bytes(1 << 20)
        calls = [asyncio.ensure_future(link.call(b"SET", b"k", value)) for _ in range(32)]
        await asyncio.sleep(0)
        last = asyncio.ensure_future(link.call(b"STRLEN", b"k"))
        server.resume()
        assert await asyncio.gather(*calls) == ["OK"] * 32
        assert await last == 1 << 20
        link.close()

    run(test)


def test_a_slow_server_is_waited_for(own_server: OwnServer) -> None:
    server = own_server(Redis)

    async def test() -> None:
        link = await connected(server.url)
        server.pause()
        impatient = asyncio.ensure_future(link.call(b"ECHO", b"a"))
        await asyncio.sleep(0)
        impatient.cancel()
        patient = asyncio.ensure_future(link.call(b"ECHO", b"b"))
        server.resume()
        assert await patient == b"b"
        link.close()

    run(test)


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_server_that_goes_away(own_server: OwnServer, how: str) -> None:
    server = own_server(Redis)

    async def test() -> None:
        link, other = await connected(server.url), await connected(server.url)
        waiting = asyncio.ensure_future(link.call(b"BLPOP", b"nothing", b"0"))
        while b"cmd=blpop" not in await other.call(b"CLIENT", b"LIST"):
            pass
        getattr(server, how)()
        with pytest.raises(ConnectionLost):
            await waiting
        assert not link.open
        with pytest.raises(ConnectionLost):
            await link.call(b"PING")
        with pytest.raises(RedisError, match="Connection refused"):
            await connected(server.url)
        other.close()

    run(test)


def test_who_is_let_in(own_server: OwnServer) -> None:
    server = own_server(GuardedRedis)
    where = f"{server.host}:{server.port}"

    async def test() -> None:
        link = await connected(f"{server.url}/5")
        assert b" db=5 " in await link.call(b"CLIENT", b"INFO")
        await link.call(b"ACL", b"SETUSER", b"me", b"on", b">secret", b"+@all", b"~*")
        link.close()
        me = await connected(f"redis://me:secret@{where}?protocol=resp3")
        assert await me.call(b"ACL", b"WHOAMI") == b"me"
        me.close()
        for wrong in ("me:wrong", ":wrong"):
            with pytest.raises(RedisError, match="WRONGPASS"):
                await connected(f"redis://{wrong}@{where}")
        unknown = await connected(f"redis://{where}")
        with pytest.raises(ServerError, match="NOAUTH"):
            await unknown.call(b"GET", b"a")
        unknown.close()
        with pytest.raises(RedisError, match="out of range"):
            await connected(f"{server.url}/99")

    run(test)


def test_a_server_that_is_full_says_so(own_server: OwnServer) -> None:
    server = own_server(Redis)

    async def test() -> None:
        link = await connected(server.url)
        await link.call(b"CONFIG", b"SET", b"maxclients", b"1")
        second = await connected(server.url)
        with pytest.raises(RedisError, match="max number of clients reached"):
            await second.call(b"PING")
        second.close()
        link.close()

    run(test)


def test_resp_3(redis_server: Redis) -> None:
    script = b"redis.setresp(3); return "

    async def test() -> None:
        link = await connected(f"{redis_server.url}?protocol=resp3")
        assert await link.call(b"EVAL", script + b"{double=2.5}", b"0") == 2.5
        assert await link.call(b"EVAL", script + b"true", b"0") is True
        reply = await link.call(b"EVAL", script + b"{map={a=1}}", b"0")
        assert (type(reply), reply) == (Map, [b"a", 1])
        assert await link.call(b"EVAL", script + b"{big_number='123'}", b"0") == b"123"
        assert await link.call(b"GET", b"connection:none") is None
        link.close()

    run(test)


@pytest.mark.parametrize("protocol", ["resp2", "resp3"])
def test_subscriptions(redis_server: Redis, protocol: str) -> None:
    async def test() -> None:
        link = await connected(f"{redis_server.url}?protocol={protocol}")
        pushed: asyncio.Queue[list[object]] = asyncio.Queue()
        link.on_push = pushed.put_nowait
        if protocol == "resp3":
            link.send(b"SUBSCRIBE", b"connection:channel").cancel()
        else:
            await link.call(b"SUBSCRIBE", b"connection:channel")
        other = await connected(redis_server.url)
        while await other.call(b"PUBLISH", b"connection:channel", b"hello") == 0:
            pass
        while (message := await pushed.get())[0] != b"message":
            assert isinstance(message, Push)
        assert message == [b"message", b"connection:channel", b"hello"]
        other.close()
        link.close()

    run(test)


def test_what_is_no_redis_is_left() -> None:
    async def test() -> None:
        async def greet(_reader: object, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 mail.example.com ready\r\n")
            writer.close()

        port = free_port()
        async with await asyncio.start_server(greet, "127.0.0.1", port):
            link = await connected(f"redis://127.0.0.1:{port}")
            with pytest.raises(ConnectionLost, match="can't be read"):
                await link.call(b"PING")

    run(test)


def test_who_does_not_answer_is_not_waited_for(
    own_server: OwnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = own_server(GuardedRedis)
    monkeypatch.setattr("spindle.factors.dialling.PATIENCE", 0.2)

    async def test() -> None:
        server.pause()
        with pytest.raises(RedisError, match="no answer for"):
            await connected(server.url)
        server.resume()

    run(test)


def test_blocked_networks(redis_server: Redis) -> None:
    async def test() -> None:
        address = parse_address(f"redis://localhost:{redis_server.port}")
        with pytest.raises(RedisError, match="blocked network"):
            await connect(address, BlockedNetworks.of(["private"]))
        (await connect(address, BlockedNetworks.of(["::1/128"]))).close()

    run(test)


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an authority that the system is made to trust."""
    file = tmp_path_factory.mktemp("roots") / "authority.pem"
    TlsRedis.authority.cert_pem.write_to_path(file)
    return file


def test_tls(own_server: OwnServer, trusted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = own_server(TlsRedis)

    async def answers(url: str) -> None:
        link = await connected(url)
        assert await link.call(b"PING") == Status("PONG")
        link.close()

    async def test() -> None:
        await answers(f"{server.url}#insecure")
        with pytest.raises(RedisError, match="its certificate is not trusted: self-signed"):
            await connected(server.url)
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        dialling.tls_context.cache_clear()
        await answers(server.url)
        with pytest.raises(RedisError, match=r"not trusted: .*127\.0\.0\.1"):
            await connected(server.url.replace("localhost", "127.0.0.1"))
        with pytest.raises((RedisError, ConnectionLost)):
            await answers(server.url.replace("rediss", "redis"))

    run(test)
    dialling.tls_context.cache_clear()
    assert isinstance(dialling.tls_context(), ssl.SSLContext)
