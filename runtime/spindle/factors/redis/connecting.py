"""Opening a connection to a Redis server: reaching it, and introducing oneself."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Iterator

from spindle.factors.dialling import PATIENCE, dial, no_answer, reason, tls_context
from spindle.factors.redis.address import Address
from spindle.factors.redis.connection import RedisConnection
from spindle.factors.redis.errors import RedisError


async def connect(address: Address, blocked: Container[str] = ()) -> RedisConnection:
    """A connection to a server that has let us in; raises `RedisError`."""
    label = str(address)
    tls = tls_context(verify=address.verify) if address.tls else None
    try:
        connection = await dial(
            lambda: RedisConnection(label), address.host, address.port, tls=tls, blocked=blocked
        )
    except OSError as error:
        raise _failed(label, reason(error)) from error
    try:
        async with asyncio.timeout(PATIENCE):
            for command in _introduction(address):
                await connection.call(*command)
    except BaseException as error:
        connection.close()
        match error:
            case TimeoutError():
                raise _failed(label, no_answer()) from None
            case RedisError():
                raise _failed(label, error) from None
        raise
    return connection


def _failed(label: str, why: object) -> RedisError:
    return RedisError("other", f"can't connect to `{label}`: {why}")


def _introduction(address: Address) -> Iterator[tuple[bytes, ...]]:
    """Commands that say who we are and which database we mean."""
    auth: tuple[bytes, ...] = ()
    if address.password is not None:
        user = address.user or ("default" if address.protocol == 3 else None)
        auth = (b"AUTH", *([user.encode()] if user else []), address.password.encode())
    if address.protocol == 3:
        yield (b"HELLO", b"3", *auth)
    elif auth:
        yield auth
    if address.database:
        yield (b"SELECT", b"%d" % address.database)
