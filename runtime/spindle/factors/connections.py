"""How many connections guests may have open: those of one kind, and all together."""

from __future__ import annotations

import asyncio
from collections import deque


class Room:
    """Room for a number of connections; None is room for any number.

    Waiters are served in their order. Lives on one event loop.
    """

    __slots__ = ("_free", "_waiting")

    def __init__(self, most: int | None = None) -> None:
        self._free = most
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def take(self) -> None:
        """Take a place, waiting for one if need be."""
        if self.take_nowait():
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.leave()
            raise

    def take_nowait(self) -> bool:
        """Take a place if there is one."""
        if self._free is None:
            return True
        if self._free == 0:
            return False
        self._free -= 1
        return True

    def leave(self) -> None:
        """Give a place back, to who has waited longest."""
        if self._free is None:
            return
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                return
        self._free += 1


class Permit:
    """The right to one connection, for as long as it lives and is not released."""

    __slots__ = ("_rooms",)

    def __init__(self, rooms: tuple[Room, ...]) -> None:
        self._rooms = rooms

    def release(self) -> None:
        """Give it back; a second time changes nothing."""
        rooms, self._rooms = self._rooms, ()
        for room in rooms:
            room.leave()

    def __del__(self) -> None:
        self.release()


class Connections:
    """Room for connections of one kind, which also take part of what there is for all kinds.

    Of what there is for all, nothing is held while waiting for what there is for one kind.
    """

    def __init__(self, most: int | None = None, total: Room | None = None) -> None:
        self.none_at_all = most == 0
        """Whether waiting is in vain."""
        self._rooms = tuple(room for room in (Room(most), total) if room is not None)

    def acquire_nowait(self) -> Permit | None:
        """The right to one connection, if there is room."""
        taken: list[Room] = []
        for room in self._rooms:
            if not room.take_nowait():
                for other in taken:
                    other.leave()
                return None
            taken.append(room)
        return Permit(self._rooms)

    async def acquire(self) -> Permit:
        """The right to one connection, waiting until there is room."""
        taken: list[Room] = []
        try:
            for room in self._rooms:
                await room.take()
                taken.append(room)
        except asyncio.CancelledError:
            for room in taken:
                room.leave()
            raise
        return Permit(self._rooms)
