"""The channels of one Redis server, and what their messages ask of which components."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from spindle.exchange import Body
from spindle.executor import Firing
from spindle.factors.redis.address import Address
from spindle.factors.redis.connecting import connect
from spindle.factors.redis.connection import RedisConnection
from spindle.factors.redis.errors import ConnectionLost
from spindle.trigger.messages import Subscriber

PING_SECONDS = 30.0
"""How long a server may be silent before the connection is taken for lost."""


class RedisSubscriber(Subscriber):
    """All channels that are subscribed to on one server."""

    def __init__(self, address: Address, channels: Mapping[str, Sequence[str]]) -> None:
        """`channels` has the components of each channel."""
        super().__init__()
        # In version 3 a subscription is answered by pushes alone: nothing to wait for.
        self._address = address._replace(protocol=2)
        self._place = f"{address.host}:{address.port}"
        self.server = f"Redis at {self._place}"
        self.channels = channels
        self._heard = 0
        """How many messages and answers have come."""
        self._left = asyncio.Event()
        """Whether nothing is subscribed to any more."""

    async def connect(self) -> RedisConnection:
        """A connection to the server; raises `RedisError`."""
        return await connect(self._address)

    async def subscribe(self, connection: RedisConnection) -> None:
        """Have messages come; raises `RedisError`."""
        connection.on_push = self._take
        await connection.call(b"SUBSCRIBE", *(channel.encode() for channel in self.channels))

    async def last(self, connection: RedisConnection) -> None:
        """Ask the server now and then whether it is there, until it is not."""
        while not connection.lost.done():
            heard = self._heard
            connection.tell(b"PING")
            await asyncio.wait([connection.lost], timeout=PING_SECONDS)
            if self._heard == heard and not self.paused:
                connection.close(f"it was silent for {PING_SECONDS:.0f} seconds")
        self._left.set()
        raise ConnectionLost(connection.why)

    async def leave(self, connection: RedisConnection) -> None:
        """Unsubscribe from everything: the answer comes behind the last message."""
        self._left.clear()
        connection.tell(b"UNSUBSCRIBE")
        await self._left.wait()

    def greet(self, say: Callable[[str], None]) -> None:
        """Say what Spin says."""
        say(f"Active Channels on {self._place}:")
        for channel, components in self.channels.items():
            say(f"\t{self._place}/{channel}: [{','.join(components)}]")

    def firings(self, channel: str, payload: bytes) -> list[Firing]:
        """What a message asks of the components of its channel."""
        components = self.channels.get(channel, ())
        recorded = {"channel": channel, "payload": Body.of(payload)}
        return [Firing("redis", channel, id_, (payload,), recorded) for id_ in components]

    def _take(self, pushed: object) -> None:
        self._heard += 1
        match pushed:
            case [b"unsubscribe", _, 0]:
                self._left.set()
            case [b"message", bytes(channel), bytes(payload)]:
                for firing in self.firings(channel.decode("utf-8", "replace"), payload):
                    self.put(firing, len(payload))
