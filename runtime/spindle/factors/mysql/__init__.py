"""MySQL for guests: connections to the servers that a manifest allows."""

from __future__ import annotations

from collections.abc import Mapping

from spindle.app import AppComponent
from spindle.component.host import HostInterface
from spindle.factors.connections import Connections
from spindle.factors.factor import Factor
from spindle.factors.mysql.interfaces import INTERFACES
from spindle.factors.mysql.pool import Pool
from spindle.factors.mysql.session import Session
from spindle.factors.outbound_url import may_connect, without_password
from spindle.factors.rdbms import DatabaseError, not_permitted
from spindle.factors.state import InstanceState


class MySqlFactor(Factor):
    """Connections of all components, as many as there is room for."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._pool = Pool()

    def init(self) -> Mapping[str, HostInterface]:
        """All interfaces MySQL is reached by."""
        return INTERFACES

    def prepare(self, component: AppComponent, state: InstanceState) -> None:
        """What opens connections; where to, the state itself says."""
        state.factors["mysql"] = self

    async def open(self, state: InstanceState, url: str) -> Session:
        """Connect an instance to an address; raises `DatabaseError`."""
        if not may_connect(state, url, "mysql"):
            raise not_permitted(without_password(url))
        if self._connections.none_at_all:
            raise DatabaseError("connection-failed", "too many connections")
        permit = await self._connections.acquire()
        try:
            connection = await self._pool.take(url, state.blocked_networks)
        except BaseException:
            permit.release()
            raise
        return Session(connection, permit, self._pool)

    async def close(self) -> None:
        """Close the connections that wait."""
        self._pool.close()


__all__ = ["MySqlFactor"]
