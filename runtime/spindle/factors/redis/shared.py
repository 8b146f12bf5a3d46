"""Connections for callers that name an address at every call: one an address, closed when idle.

They are multiplexed, so one serves all callers at once. None may leave a trace on it that others
would see: no `SELECT`, no transaction, no subscription.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container

from spindle.factors.redis.address import Address
from spindle.factors.redis.connecting import connect
from spindle.factors.redis.connection import RedisConnection

IDLE = 10.0
"""Seconds after which a connection that nobody uses is closed."""


MOST_KEPT = 64
"""Addresses to which a connection is kept."""


class SharedConnections:
    """The connections that are open, and those being opened."""

    def __init__(self) -> None:
        self._kept: dict[Address, _Kept] = {}

    def has_room_for(self, address: Address) -> bool:
        """Whether there is a connection to an address, or may be."""
        return address in self._kept or len(self._kept) < MOST_KEPT

    async def at(self, address: Address, blocked: Container[str]) -> RedisConnection:
        """A connection to a server, new or old; raises `RedisError`."""
        kept = self._kept.get(address)
        if kept is None or kept.useless:
            if kept is not None:
                kept.close()
            opening = asyncio.ensure_future(connect(address, blocked))
            kept = self._kept[address] = _Kept(opening, lambda: self._close(address))
        kept.used = True
        return await asyncio.shield(kept.opening)

    def close(self) -> None:
        """Close all."""
        for address in list(self._kept):
            self._close(address)

    def _close(self, address: Address) -> None:
        self._kept.pop(address).close()


class _Kept:
    """One connection, perhaps still being opened; `on_idle` is called when nobody uses it."""

    def __init__(
        self, opening: asyncio.Future[RedisConnection], on_idle: Callable[[], None]
    ) -> None:
        self.used = True
        """Whether it was, since it was last looked at."""
        self.opening = opening
        self._on_idle = on_idle
        self._look_later()

    @property
    def useless(self) -> bool:
        """Whether another must be opened: this one failed, or is closed."""
        link = self._link
        return self.opening.done() and (link is None or not link.open)

    @property
    def _link(self) -> RedisConnection | None:
        opening = self.opening
        if not opening.done() or opening.cancelled() or opening.exception() is not None:
            return None
        return opening.result()

    def close(self) -> None:
        """Close it, or let it not be opened."""
        self._timer.cancel()
        self.opening.cancel()
        if (link := self._link) is not None:
            link.close()

    def _look_later(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(IDLE, self._look)

    def _look(self) -> None:
        link = self._link
        busy = not self.opening.done() or (link is not None and link.busy)
        if self.used or busy:
            self.used = False
            self._look_later()
        else:
            self._on_idle()
