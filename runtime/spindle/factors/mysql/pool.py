"""Connections to MySQL servers between one user and the next."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Container

from spindle.factors.mysql.connecting import connect
from spindle.factors.mysql.connection import Connection
from spindle.factors.rdbms import DatabaseError

MOST_IDLE = 8
"""Connections of one address that are kept."""
IDLE_SECONDS = 30.0
"""How long one is kept."""


class Pool:
    """Connections by address, with user and password; who takes one finds nothing of others."""

    def __init__(self) -> None:
        self._idle: defaultdict[str, list[Connection]] = defaultdict(list)

    async def take(self, url: str, blocked: Container[str]) -> Connection:
        """A connection that was kept, or a new one; raises `DatabaseError`."""
        while idle := self._idle[url]:
            connection = idle.pop()
            try:
                await connection.reset()
            except DatabaseError:  # the server has ended it
                connection.close()
            except BaseException:
                connection.close()
                raise
            else:
                return connection
        return await connect(url, blocked)

    def give(self, connection: Connection) -> None:
        """Take back a connection that nobody uses any more; one that is busy ends by itself."""
        idle = self._idle[connection.url]
        if not connection.idle:
            connection.abandon()
        elif len(idle) >= MOST_IDLE:
            connection.close()
        else:
            idle.append(connection)
            asyncio.get_running_loop().call_later(IDLE_SECONDS, self._expire, connection)

    def close(self) -> None:
        """Close what is kept."""
        for idle in self._idle.values():
            while idle:
                idle.pop().close()

    def _expire(self, connection: Connection) -> None:
        idle = self._idle[connection.url]
        if connection in idle:
            idle.remove(connection)
            connection.close()
