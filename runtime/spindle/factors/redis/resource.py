"""The resource `connection` of Redis' interfaces."""

from __future__ import annotations

from spindle.factors.connections import Permit
from spindle.factors.redis.connection import RedisConnection


class Connection:
    """A connection to a server, for as long as a guest holds it, and the right to it."""

    __slots__ = ("__weakref__", "_permit", "link")

    def __init__(self, link: RedisConnection, permit: Permit) -> None:
        self.link = link
        self._permit = permit

    @property
    def label(self) -> str:
        """What it is called in records."""
        return self.link.label

    def close(self) -> None:
        """Close it; a second time changes nothing."""
        self.link.close()
        self._permit.release()

    def __del__(self) -> None:
        self.close()
