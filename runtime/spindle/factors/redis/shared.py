"""Connections for callers that name an address at every call: one an address, closed when idle.

They are multiplexed, so one serves all callers at once. None may leave a trace on it that others
would see: no `SELECT`, no transaction, no subscription.
"""

from __future__ import annotations

import asyncio
from collections.abc import Container

from spindle.factors.redis.address import Address
from spindle.factors.redis.connecting import connect
from spindle.factors.redis.connection import RedisConnection

IDLE = 10.0
"""Seconds after which a connection that nobody uses is closed."""


class SharedConnections:
    """The connections that are open, and those being opened."""

    def __init__(self) -> None:
        self._kept: dict[Address, _Kept] = {}

    async def at(self, address: Address, blocked: Container[str]) -> RedisConnection:
        """A connection to a server, new or old; raises `RedisError`."""
        kept = self._kept.get(address)
        if kept is None or kept.useless:
            kept = self._kept[address] = _Kept(address, blocked)
        kept.used = True
        return await asyncio.shield(kept.opening)

    def close(self) -> None:
        """Close all."""
        for kept in self._kept.values():
            kept.close()
        self._kept.clear()


class _Kept:
    """One connection, perhaps still being opened."""

    def __init__(self, address: Address, blocked: Container[str]) -> None:
        self.used = True
        """Whether it was, since it was last looked at."""
        self.opening = asyncio.ensure_future(connect(address, blocked))
        self._look_later()

    @property
    def useless(self) -> bool:
        """Whether another must be opened: this one failed, or is closed."""
        done = self.opening.done()
        return done and (self._failed or not self.opening.result().open)

    @property
    def _failed(self) -> bool:
        return self.opening.cancelled() or self.opening.exception() is not None

    def close(self) -> None:
        """Close it, or let it not be opened."""
        self._timer.cancel()
        self.opening.cancel()
        if self.opening.done() and not self._failed:
            self.opening.result().close()

    def _look_later(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(IDLE, self._look)

    def _look(self) -> None:
        if self.used or not self.opening.done() or self._busy:
            self.used = False
            self._look_later()
        else:
            self.close()

    @property
    def _busy(self) -> bool:
        return not self._failed and self.opening.result().busy
