"""Key-value stores in Redis: a key is a key there, as Spin has it, whatever the store's label."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

from spindle.errors import UserError
from spindle.factors.key_value.store import (
    KeyValueError,
    OnTrouble,
    Page,
    bounded,
    bounded_pairs,
)
from spindle.factors.redis.address import parse_address
from spindle.factors.redis.connecting import connect
from spindle.factors.redis.connection import RedisConnection
from spindle.factors.redis.errors import ConnectionLost, RedisError

_SWAP = b"""local now = redis.call('GET', KEYS[1])
if now == (ARGV[2] or false) then return redis.call('SET', KEYS[1], ARGV[1]) end
return false"""
"""Sets a value if it is what was seen, which is not given if there was none."""
_PAGE_SIZE = b"1000"
_SPECIAL = b"\\*?["


class RedisStores:
    """All stores of one database, over one connection which is renewed when it is lost."""

    def __init__(self, url: str, on_trouble: OnTrouble = lambda _trouble: None) -> None:
        try:
            self._address = parse_address(url)
        except RedisError:
            raise UserError(
                "a key-value store's Redis address is not valid",
                hints=('write `url = "redis://host:port"`',),
            ) from None
        self._on_trouble = on_trouble
        self._connection: RedisConnection | None = None
        self._connecting = asyncio.Lock()

    @property
    def summary(self) -> str:
        """The server's address."""
        return f"Redis at {self._address.host}:{self._address.port}"

    async def open(self, label: str) -> RedisStore:
        """The store of a label; raises `KeyValueError` if the server can't be reached."""
        if self._connection is None:
            await self.call(b"PING")
        return RedisStore(self, label)

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def call(self, *parts: bytes) -> Any:
        """The server's reply to a command; raises `KeyValueError`."""
        try:
            return await (await self._connected()).call(*parts)
        except RedisError as error:
            if isinstance(error, ConnectionLost) or self._connection is None:
                self._on_trouble(f"{self.summary}: {error}")
            raise KeyValueError("other", str(error)) from error

    async def _connected(self) -> RedisConnection:
        connection = self._connection
        if connection is not None and connection.open:
            return connection
        async with self._connecting:
            if self._connection is None or not self._connection.open:
                self._connection = None
                # In a task, for connecting has its time: what asks may have begun without one.
                self._connection = await asyncio.ensure_future(connect(self._address))
            return self._connection


class RedisStore:
    """One store."""

    def __init__(self, stores: RedisStores, label: str) -> None:
        self._call = stores.call
        self.label = label

    async def get(self, key: str) -> bytes | None:
        """A key's value."""
        return bounded(await self._call(b"GET", key.encode()))

    async def set(self, key: str, value: bytes) -> None:
        """Set a key's value."""
        await self._call(b"SET", key.encode(), value)

    async def delete(self, key: str) -> None:
        """Remove a key."""
        await self._call(b"DEL", key.encode())

    async def exists(self, key: str) -> bool:
        """Whether a key has a value."""
        return bool(await self._call(b"EXISTS", key.encode()))

    async def page(self, prefix: str = "", cursor: str | None = None) -> Page:
        """Keys with a prefix that are texts, in no order; one may come twice."""
        match = (b"MATCH", _escaped(prefix.encode()) + b"*") if prefix else ()
        after, found = await self._call(
            b"SCAN", (cursor or "0").encode(), *match, b"COUNT", _PAGE_SIZE
        )
        return Page(list(_texts(found)), None if after == b"0" else after.decode())

    async def get_many(self, keys: Sequence[str]) -> list[tuple[str, bytes | None]]:
        """Those of the keys that have a value, with it."""
        keys = list(dict.fromkeys(keys))
        values = await self._call(b"MGET", *(key.encode() for key in keys))
        found = zip(keys, values, strict=True)
        return bounded_pairs([(key, value) for key, value in found if value is not None])

    async def set_many(self, items: Sequence[tuple[str, bytes]]) -> None:
        """Set all at once."""
        await self._call(b"MSET", *(part for key, value in items for part in (key.encode(), value)))

    async def delete_many(self, keys: Sequence[str]) -> None:
        """Remove all at once."""
        await self._call(b"DEL", *(key.encode() for key in keys))

    async def increment(self, key: str, delta: int) -> int:
        """Add to a number, kept as text."""
        number: int = await self._call(b"INCRBY", key.encode(), b"%d" % delta)
        return number

    async def current(self, key: str) -> tuple[bytes | None, Any]:
        """A key's value; `swap` knows it again."""
        value = await self.get(key)
        return value, value

    async def swap(self, key: str, seen: Any, value: bytes) -> bool:
        """Set a value if it is what was seen."""
        arguments = (value,) if seen is None else (value, seen)
        return await self._call(b"EVAL", _SWAP, b"1", key.encode(), *arguments) is not None


def _escaped(prefix: bytes) -> bytes:
    """A text as a pattern that stands for it."""
    return b"".join(b"\\%c" % byte if byte in _SPECIAL else b"%c" % byte for byte in prefix)


def _texts(keys: Sequence[bytes]) -> Iterator[str]:
    for key in keys:
        try:
            yield key.decode()
        except UnicodeDecodeError:  # somebody else's: no guest could ask for it
            continue
