"""Redis for guests: connections to the servers that a manifest allows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from weakref import WeakSet

from spindle.app import AppComponent
from spindle.component.host import HostInterface
from spindle.factors.connections import Connections
from spindle.factors.factor import Factor
from spindle.factors.outbound_url import may_connect
from spindle.factors.redis.address import Address, parse_address
from spindle.factors.redis.connecting import connect
from spindle.factors.redis.connection import RedisConnection
from spindle.factors.redis.errors import ConnectionLost, RedisError
from spindle.factors.redis.interfaces import INTERFACES
from spindle.factors.redis.operations import Operation, execute
from spindle.factors.redis.resource import Connection
from spindle.factors.redis.shared import SharedConnections
from spindle.factors.state import InstanceState

MOST_HELD = 1024
"""Connections that one instance may hold, as in Spin."""
_HELD = "redis.held"

OnTrouble = Callable[[InstanceState, str], None]
"""Told what is wrong with a server: the rest of a sentence that the component begins."""


class RedisFactor(Factor):
    """Connections of all components, as many as there is room for.

    `keep` says that connections may be kept for callers to come, which is for where nobody counts.
    """

    def __init__(self, connections: Connections, on_trouble: OnTrouble, *, keep: bool) -> None:
        self._connections = connections
        self._on_trouble = on_trouble
        self._shared = SharedConnections() if keep else None

    def init(self) -> Mapping[str, HostInterface]:
        """All interfaces Redis is reached by."""
        return INTERFACES

    def prepare(self, component: AppComponent, state: InstanceState) -> None:
        """What opens connections; where to, the state itself says."""
        state.factors["redis"] = self

    async def open(self, state: InstanceState, text: str) -> Connection:
        """A connection of a guest's own; raises `RedisError`."""
        address = _allowed(state, text)
        held: WeakSet[Connection] = state.factors.setdefault(_HELD, WeakSet())
        if len(held) >= MOST_HELD:
            raise RedisError("too-many-connections")
        connection = await self._own(state, address)
        held.add(connection)
        return connection

    async def use(
        self, state: InstanceState, link: RedisConnection, operation: Operation, *args: Any
    ) -> Any:
        """Do something over a connection; raises `RedisError`."""
        was_open = link.open
        try:
            return await operation(link, *args)
        except ConnectionLost as lost:
            if was_open:
                self._on_trouble(state, f"lost its connection to `{link.label}`: {lost}")
            raise

    async def use_once(
        self, state: InstanceState, text: str, operation: Operation, *args: Any
    ) -> Any:
        """Do something with a server at an address; raises `RedisError`.

        What may change a connection for those who use it next has one of its own.
        """
        address = _allowed(state, text)
        shared = self._shared
        if operation is not execute and shared is not None and shared.has_room_for(address):
            link = await self._reached(state, shared.at(address, state.blocked_networks))
            return await self.use(state, link, operation, *args)
        connection = await self._own(state, address)
        try:
            return await self.use(state, connection.link, operation, *args)
        finally:
            connection.close()

    async def close(self) -> None:
        """Close the connections that are kept."""
        if self._shared is not None:
            self._shared.close()

    async def _own(self, state: InstanceState, address: Address) -> Connection:
        if self._connections.none_at_all:
            raise RedisError("too-many-connections")
        permit = await self._connections.acquire()
        try:
            link = await self._reached(state, connect(address, state.blocked_networks))
        except BaseException:
            permit.release()
            raise
        return Connection(link, permit)

    async def _reached(
        self, state: InstanceState, opening: Awaitable[RedisConnection]
    ) -> RedisConnection:
        try:
            return await opening
        except RedisError as error:
            self._on_trouble(state, str(error))
            raise


def _allowed(state: InstanceState, text: str) -> Address:
    if not may_connect(state, text, "redis"):
        raise RedisError("invalid-address")
    return parse_address(text)


__all__ = ["RedisFactor"]
