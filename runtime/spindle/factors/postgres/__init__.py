"""PostgreSQL for guests: connections to the servers that a manifest allows."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from functools import partial

from spindle.app import AppComponent
from spindle.component.host import HostInterface
from spindle.factors.connections import Connections, Permit
from spindle.factors.factor import Factor
from spindle.factors.outbound_url import may_connect
from spindle.factors.postgres.address import Address, InvalidAddress, Server, parse_address
from spindle.factors.postgres.connecting import connect_any
from spindle.factors.postgres.failures import connection_failed
from spindle.factors.postgres.interfaces import INTERFACES
from spindle.factors.postgres.pool import Background, Pool
from spindle.factors.postgres.session import Session
from spindle.factors.postgres.trust import Trust
from spindle.factors.rdbms import not_permitted
from spindle.factors.state import InstanceState

MOST_POOLS = 16
"""Of one component, as in Spin: beyond that, sessions of the address used least recently end."""

SCHEME = "postgres"
Key = tuple[str, str]
"""An address, and a certificate that it is trusted by besides the system's."""


class Connection:
    """The resource `connection`."""

    def __init__(
        self, session: Session, pool: Pool, permit: Permit, background: Background
    ) -> None:
        self.session = session
        self._pool: Pool | None = pool
        self._permit = permit
        self._background = background

    label = "connection"

    def release(self) -> None:
        """Give the session back, when what it still does is done; a second time changes nothing."""
        pool, self._pool = self._pool, None
        if pool is not None:
            self._background.spawn(self._give(pool))

    async def _give(self, pool: Pool) -> None:
        try:
            await pool.give(self.session)
        finally:
            self._permit.release()


class PostgresFactor(Factor):
    """Connections of all components, as many as there is room for."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._pools: dict[str, OrderedDict[Key, Pool]] = {}
        self._trust = Trust()
        self._background = Background()

    def init(self) -> Mapping[str, HostInterface]:
        """All interfaces PostgreSQL is reached by."""
        return INTERFACES

    def prepare(self, component: AppComponent, state: InstanceState) -> None:
        """What opens connections; where to, the state itself says."""
        state.factors["postgres"] = self

    async def open(self, state: InstanceState, text: str, certificate: str = "") -> Connection:
        """Connect an instance to an address; raises `DatabaseError`."""
        address = _allowed(state, text)
        if self._connections.none_at_all:
            raise connection_failed("too many connections")
        permit = await self._connections.acquire()
        try:
            pool = self._pool(state, address, (text, certificate))
            return Connection(await pool.take(), pool, permit, self._background)
        except BaseException:
            permit.release()
            raise

    async def close(self) -> None:
        """Close all connections."""
        for pools in self._pools.values():
            for pool in pools.values():
                pool.close()
        await self._background.close()
        self._trust.close()

    def _pool(self, state: InstanceState, address: Address, key: Key) -> Pool:
        pools = self._pools.setdefault(state.component_id, OrderedDict())
        if key not in pools:
            roots = partial(self._trust.roots, key[1])
            connect = partial(connect_any, address, roots, state.blocked_networks)
            pools[key] = Pool(connect, self._background)
            if len(pools) > MOST_POOLS:
                pools.popitem(last=False)[1].close()
        pools.move_to_end(key)
        return pools[key]


def _allowed(state: InstanceState, text: str) -> Address:
    """An address whose every server an instance may connect to; raises `DatabaseError`."""
    try:
        address = parse_address(text)
    except InvalidAddress as error:
        raise connection_failed(f"invalid connection string: {error}") from None
    for server in address.servers:
        for where in {server, Server(server.via or server.host, server.port)}:
            if not may_connect(state, where.authority, SCHEME):
                raise not_permitted(f"{SCHEME}://{where.authority}")
    return address


__all__ = ["Connection", "PostgresFactor"]
