"""Connections that callers share: one an address, opened anew when lost, closed when idle."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from tests.factors.calling import run
from tests.services.redis import Redis

from spindle.factors.redis import shared
from spindle.factors.redis.address import parse_address
from spindle.factors.redis.errors import RedisError
from spindle.factors.redis.shared import SharedConnections

OwnServer = Callable[[type[Redis]], Redis]


def test_callers_share_one(redis_server: Redis) -> None:
    async def test() -> None:
        connections, address = SharedConnections(), parse_address(redis_server.url)
        links = await asyncio.gather(*(connections.at(address, ()) for _ in range(10)))
        assert len(set(links)) == 1
        other = await connections.at(parse_address(f"{redis_server.url}/1"), ())
        assert other is not links[0]
        connections.close()
        assert not other.open
        assert not links[0].open

    run(test)


def test_one_that_was_lost_is_opened_anew(own_server: OwnServer) -> None:
    server = own_server(Redis)

    async def test() -> None:
        connections, address = SharedConnections(), parse_address(server.url)
        link = await connections.at(address, ())
        server.kill()
        await link.lost
        for _ in range(2):
            with pytest.raises(RedisError, match="Connection refused"):
                await connections.at(address, ())
        server.start()
        assert await (await connections.at(address, ())).call(b"PING") == "PONG"
        connections.close()

    run(test)


def test_who_gives_up_leaves_it_to_the_others(redis_server: Redis) -> None:
    async def test() -> None:
        connections, address = SharedConnections(), parse_address(redis_server.url)
        first, second = (asyncio.ensure_future(connections.at(address, ())) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        assert await (await second).call(b"PING") == "PONG"
        connections.close()

    run(test)


def test_idle_ones_are_closed(redis_server: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "IDLE", 0.05)
    monkeypatch.setattr(shared, "MOST_KEPT", 1)

    async def test() -> None:
        connections, address = SharedConnections(), parse_address(redis_server.url)
        other = parse_address(f"{redis_server.url}/1")
        link = await connections.at(address, ())
        blocked = asyncio.ensure_future(link.call(b"BLPOP", b"shared:nothing", b"0.5"))
        assert connections.has_room_for(address)
        assert not connections.has_room_for(other)
        assert await blocked is None
        await link.lost
        assert connections.has_room_for(other)
        connections.close()

    run(test)
