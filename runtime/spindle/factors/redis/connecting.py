"""Opening a connection to a Redis server: reaching it, and introducing oneself."""

from __future__ import annotations

from collections.abc import Container, Iterator

from spindle.factors.dialling import Unreachable, dial, reach, tls_context
from spindle.factors.redis.address import Address
from spindle.factors.redis.connection import RedisConnection
from spindle.factors.redis.errors import RedisError


async def connect(address: Address, blocked: Container[str] = ()) -> RedisConnection:
    """A connection to a server that has let us in; raises `RedisError`."""
    label = str(address)
    dialling = dial(
        lambda: RedisConnection(label),
        address.host,
        address.port,
        tls=tls_context(verify=address.verify) if address.tls else None,
        blocked=blocked,
    )

    async def introduce(connection: RedisConnection) -> None:
        for command in _introduction(address):
            await connection.call(*command)

    try:
        return await reach(label, dialling, introduce)
    except Unreachable as error:
        raise RedisError("other", str(error)) from error


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
