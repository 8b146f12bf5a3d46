"""The resource `connection` of MQTT's interfaces."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from spindle.factors.connections import Permit
from spindle.factors.mqtt.address import LIMITS, Address
from spindle.factors.mqtt.errors import ConnectionFailed, MqttError

if TYPE_CHECKING:
    from spindle.factors.mqtt.connection import MqttConnection

Connect = Callable[[], Awaitable["MqttConnection"]]


class Connection:
    """What a guest publishes by: as in Spin it connects when something is published.

    A connection that was lost is made again for the next message.
    """

    __slots__ = ("__weakref__", "_connect", "_link", "_permit", "_turn", "address")

    def __init__(self, address: Address, permit: Permit, connect: Connect) -> None:
        self.address = address
        self._connect: Connect | None = connect
        self._permit = permit
        self._link: MqttConnection | None = None
        self._turn = asyncio.Lock()

    @property
    def label(self) -> str:
        """What it is called in records."""
        return str(self.address)

    async def link(self) -> MqttConnection:
        """The connection to the broker; raises `ConnectionFailed`."""
        async with self._turn:
            if self._link is None or not self._link.open:
                if self._connect is None:
                    raise ConnectionFailed("the connection is closed")
                self._link = await self._connect()
            return self._link

    def check_size(self, topic: str, payload: bytes, qos: int) -> None:
        """Raise `MqttError` for a message that Spin's client would not send."""
        rest = 2 + len(topic.encode()) + (2 if qos else 0) + len(payload)
        size = 1 + max(1, -(-rest.bit_length() // 7)) + rest
        most = self.address.largest_packet
        if size > most:
            raise MqttError(
                "connection-failed",
                f"a packet of {size} bytes is larger than the {most} that may be sent; the address "
                f"can allow more: `{LIMITS}`",
            )

    def close(self) -> None:
        """Take leave of the broker; a second time changes nothing."""
        self._connect = None
        if self._link is not None:
            self._link.close()
        self._permit.release()

    def __del__(self) -> None:
        self.close()
