"""Sessions with one database between one user and the next."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from spindle.factors.connections import Room
from spindle.factors.postgres.session import Knowledge, Session
from spindle.factors.postgres.wire import Wire

MOST_SESSIONS = 64
"""Of one pool, as in Spin: who wants more waits."""

Connect = Callable[[], Awaitable[Wire]]


class Background:
    """Tasks that go on when nobody waits for them."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something to its end."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Stop what is still under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class Pool:
    """Sessions that one component has with one address; who takes one finds nothing of others."""

    def __init__(self, connect: Connect, background: Background) -> None:
        self._connect = connect
        self._background = background
        self._room = Room(MOST_SESSIONS)
        self._idle: list[Session] = []
        self._knowledge = Knowledge()
        self._closed = False

    async def take(self) -> Session:
        """A session that was kept, or a new one; raises `DatabaseError`."""
        await self._room.take()
        try:
            while self._idle:
                session = self._idle.pop()
                if session.is_fresh:
                    return session
                session.close()  # the server has ended it
            return Session(await self._connect(), self._knowledge, self._background.spawn)
        except BaseException:
            self._room.leave()
            raise

    async def give(self, session: Session) -> None:
        """Take a session back; it is kept once it is as new."""
        try:
            await session.reset()
        except BaseException:
            session.close()
            raise
        finally:
            if self._closed or not session.is_fresh:
                session.close()
            else:
                self._idle.append(session)
            self._room.leave()

    def close(self) -> None:
        """Close what is kept, and keep nothing more."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()
