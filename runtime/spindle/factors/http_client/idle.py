"""Connections kept to be used again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable
from typing import Generic, Protocol, TypeVar

IDLE_SECONDS = 90.0
"""How long an idle connection is kept."""


class Abortable(Protocol):
    """What can be kept."""

    closed: bool

    def abort(self) -> None:
        """Close it at once."""


C = TypeVar("C", bound=Abortable)


class IdleConnections(Generic[C]):
    """Idle connections by where they lead; the longest idle go first when any must."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: dict[C, tuple[float, Hashable]] = {}
        """In the order in which they became idle."""
        self._by_origin: dict[Hashable, list[C]] = {}
        self._sweeping: asyncio.TimerHandle | None = None

    def add(self, origin: Hashable, connection: C) -> None:
        """Keep a connection, for `IDLE_SECONDS`."""
        self._since[connection] = (self._clock(), origin)
        self._by_origin.setdefault(origin, []).append(connection)
        if self._sweeping is None:
            loop = asyncio.get_running_loop()
            self._sweeping = loop.call_later(IDLE_SECONDS, self._sweep)

    def take(self, origin: Hashable) -> C | None:
        """A connection that leads there, the one used last."""
        while connections := self._by_origin.get(origin):
            connection = connections[-1]
            since, _ = self._since[connection]
            self.discard(connection)
            if not connection.closed and self._clock() - since < IDLE_SECONDS:
                return connection
            connection.abort()
        return None

    def drop_oldest(self) -> bool:
        """Close the connection that has been idle for longest; whether there was one."""
        connection = next(iter(self._since), None)
        if connection is None:
            return False
        self.discard(connection)
        connection.abort()
        return True

    def discard(self, connection: C) -> None:
        """Keep a connection no longer."""
        entry = self._since.pop(connection, None)
        if entry is None:
            return
        connections = self._by_origin[entry[1]]
        connections.remove(connection)
        if not connections:
            del self._by_origin[entry[1]]

    def _sweep(self) -> None:
        self._sweeping = None
        oldest = self._clock() - IDLE_SECONDS
        while self._since and next(iter(self._since.values()))[0] <= oldest:
            self.drop_oldest()
        if self._since:
            self._sweeping = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._sweep)

    def close(self) -> None:
        """Keep none."""
        while self.drop_oldest():
            pass
        if self._sweeping is not None:
            self._sweeping.cancel()
