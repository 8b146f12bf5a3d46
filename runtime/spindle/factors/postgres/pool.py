"""Sessions with one database between one user and the next."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from spindle.factors.connections import Room
from spindle.factors.postgres.session import Knowledge, Session
from spindle.factors.postgres.wire import Wire

MOST_SESSIONS = 64
"""Of one pool, as in Spin: who wants more waits."""

IDLE_SECONDS = 30.0
"""How long a session is kept that nobody takes."""

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
        self._idle: deque[tuple[float, Session]] = deque()
        """Since when, and which: who takes one has the last, so the first idle longest."""
        self._expiry: asyncio.TimerHandle | None = None
        self._knowledge = Knowledge()
        self._closed = False

    async def take(self) -> Session:
        """A session that was kept, or a new one; raises `DatabaseError`."""
        await self._room.take()
        try:
            while self._idle:
                _, session = self._idle.pop()
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
                self._keep(session)
            self._room.leave()

    def close(self) -> None:
        """Close what is kept, and keep nothing more."""
        self._closed = True
        if self._expiry is not None:
            self._expiry.cancel()
        while self._idle:
            self._idle.pop()[1].close()

    def _keep(self, session: Session) -> None:
        loop = asyncio.get_running_loop()
        self._idle.append((loop.time(), session))
        if self._expiry is None:
            self._expiry = loop.call_later(IDLE_SECONDS, self._expire)

    def _expire(self) -> None:
        """Close what nobody has taken for long; look again when the next may be due."""
        loop = asyncio.get_running_loop()
        self._expiry = None
        while self._idle and self._idle[0][0] + IDLE_SECONDS <= loop.time():
            self._idle.popleft()[1].close()
        if self._idle:
            self._expiry = loop.call_at(self._idle[0][0] + IDLE_SECONDS, self._expire)
