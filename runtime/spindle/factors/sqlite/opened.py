"""The connections one instance has open."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from spindle.factors.sqlite.database import Connection, SqliteError

MOST_OPEN = 256
"""Connections of one instance, as in Spin."""

_under_way: set[asyncio.Task[None]] = set()
"""Tasks nobody waits for: the event loop alone would not keep them."""


class Opened:
    """A connection as guests hold it: a resource, or a number in the unversioned interface."""

    __slots__ = ("_among", "connection", "label", "number")

    def __init__(
        self, among: OpenConnections, number: int, label: str, connection: Connection
    ) -> None:
        self._among = among
        self.number = number
        self.label = label
        self.connection = connection

    def close(self) -> None:
        """Let go of it; what it left uncommitted is rolled back."""
        self._among.discard(self.number)


class OpenConnections:
    """All of an instance."""

    def __init__(self) -> None:
        self._opened: dict[int, Opened] = {}

    def add(self, label: str, connection: Connection) -> Opened:
        """Give a connection a number; raises `SqliteError` if there are too many."""
        if len(self._opened) >= MOST_OPEN:
            raise SqliteError("io", "too many connections opened")
        number = next(n for n in range(MOST_OPEN) if n not in self._opened)
        opened = self._opened[number] = Opened(self, number, label, connection)
        return opened

    def get(self, number: int) -> Opened:
        """The one of a number; raises `SqliteError`."""
        if number not in self._opened:
            raise SqliteError("invalid-connection")
        return self._opened[number]

    def discard(self, number: int) -> None:
        """Close the one of a number, if there is one."""
        opened = self._opened.pop(number, None)
        if opened is not None:
            in_background(opened.connection.close())

    def close(self) -> None:
        """Close all of them."""
        for number in list(self._opened):
            self.discard(number)


def in_background(work: Coroutine[Any, Any, None]) -> None:
    """Do something that nobody waits for."""
    task = asyncio.get_running_loop().create_task(work)
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)


async def all_done() -> None:
    """Wait until all that goes on in the background is done."""
    while _under_way:
        await asyncio.wait(_under_way)
