"""A guest's hold on a connection: the resource `connection`."""

from __future__ import annotations

from spindle.factors.connections import Permit
from spindle.factors.mysql.connection import Connection
from spindle.factors.mysql.pool import Pool


class Session:
    """A connection of the pool, and the right to have it, until `release`."""

    def __init__(self, connection: Connection, permit: Permit, pool: Pool) -> None:
        self.connection = connection
        self._permit = permit
        self._pool: Pool | None = pool

    @property
    def label(self) -> str:
        """What it is called in records."""
        return self.connection.label

    def release(self) -> None:
        """Give both back; a second time changes nothing."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.give(self.connection)
            self._permit.release()

    def __del__(self) -> None:
        self.release()
