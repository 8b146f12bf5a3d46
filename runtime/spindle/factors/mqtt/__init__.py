"""MQTT for guests: connections to the brokers that a manifest allows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakSet

from spindle.app import AppComponent
from spindle.component.host import HostInterface
from spindle.factors.connections import Connections
from spindle.factors.factor import Factor
from spindle.factors.mqtt.address import parse_address
from spindle.factors.mqtt.connecting import connect
from spindle.factors.mqtt.errors import ConnectionFailed, MqttError
from spindle.factors.mqtt.interfaces import INTERFACES
from spindle.factors.mqtt.resource import Connection
from spindle.factors.outbound_url import may_connect, without_password
from spindle.factors.state import InstanceState

if TYPE_CHECKING:
    from spindle.factors.mqtt.connection import MqttConnection

MOST_HELD = 1024
"""Connections that one instance may hold, as in Spin."""
_HELD = "mqtt.held"
LEAVE = 1.0
"""Seconds in which a broker must take what was published, when the host ends."""

OnTrouble = Callable[[InstanceState, str], None]
"""Told what is wrong with a broker: the rest of a sentence that the component begins."""


class MqttFactor(Factor):
    """Connections of all components, as many as there is room for.

    `largest_payload` is in bytes; None is any size.
    """

    def __init__(
        self, connections: Connections, on_trouble: OnTrouble, largest_payload: int | None = None
    ) -> None:
        self._connections = connections
        self._on_trouble = on_trouble
        self._largest_payload = largest_payload
        self._links: WeakSet[MqttConnection] = WeakSet()

    def init(self) -> Mapping[str, HostInterface]:
        """All interfaces MQTT is reached by."""
        return INTERFACES

    def prepare(self, component: AppComponent, state: InstanceState) -> None:
        """What opens connections; where to, the state itself says."""
        state.factors["mqtt"] = self

    async def open(
        self, state: InstanceState, text: str, user: str, password: str, keep_alive: int
    ) -> Connection:
        """A guest's means to publish; raises `MqttError`."""
        if not may_connect(state, text, "mqtt"):
            raise ConnectionFailed(f"address {without_password(text)} is not permitted")
        address = parse_address(text)
        held: WeakSet[Connection] = state.factors.setdefault(_HELD, WeakSet())
        if len(held) >= MOST_HELD or self._connections.none_at_all:
            raise MqttError("too-many-connections")
        permit = await self._connections.acquire()
        opening = partial(
            connect,
            address,
            user=user,
            password=password,
            keep_alive=keep_alive,
            blocked=state.blocked_networks,
        )
        connection = Connection(address, permit, opening)
        held.add(connection)
        return connection

    async def publish(
        self, state: InstanceState, connection: Connection, topic: str, payload: bytes, qos: int
    ) -> None:
        """Publish; returns when it is sent (QoS 0), acknowledged (1) or completed (2)."""
        most = self._largest_payload
        if most is not None and len(payload) > most:
            raise MqttError(
                "other",
                f"payload size {len(payload)} exceeds the maximum allowed size of {most} bytes",
            )
        connection.check_size(topic, payload, qos)
        try:
            link = await connection.link()
        except ConnectionFailed as error:
            self._on_trouble(state, str(error))
            raise
        self._links.add(link)
        try:
            await link.publish(topic, payload, qos)
        except ConnectionFailed as error:
            self._on_trouble(state, f"lost its connection to `{link.label}`: {error}")
            raise

    async def close(self) -> None:
        """Take leave of every broker, when it has what was published."""
        await asyncio.gather(*(link.end(LEAVE) for link in self._links))


__all__ = ["MqttFactor"]
