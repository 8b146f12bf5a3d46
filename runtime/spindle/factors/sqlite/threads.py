"""Threads for work that waits for the disk or for locks, without the cost of an executor's queue.

A thread is used for one piece of work at a time and kept for the next. What there is no thread
for waits its turn.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, NamedTuple

MOST_THREADS = 128


class _Job(NamedTuple):
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    work: Callable[[], Any]


_Inbox = SimpleQueue["_Job | None"]


class Threads:
    """Some threads that work for one event loop."""

    def __init__(self, most: int = MOST_THREADS) -> None:
        self._free = most
        """How many more may be started."""
        self._idle: list[_Inbox] = []
        self._waiting: deque[_Job] = deque()

    def run(self, work: Callable[[], Any]) -> asyncio.Future[Any]:
        """Do work on a thread; to cancel the future does not stop the work."""
        loop = asyncio.get_running_loop()
        job = _Job(loop, loop.create_future(), work)
        if self._idle:
            self._idle.pop().put(job)
        elif self._free > 0:
            self._free -= 1
            inbox: _Inbox = SimpleQueue()
            inbox.put(job)
            threading.Thread(
                target=self._serve, args=(inbox,), name="spindle-sqlite", daemon=True
            ).start()
        else:
            self._waiting.append(job)
        return job.future

    def close(self) -> None:
        """End the threads that have nothing to do."""
        while self._idle:
            self._idle.pop().put(None)

    def _serve(self, inbox: _Inbox) -> None:
        while (job := inbox.get()) is not None:
            loop, future, work = job
            del job
            result, error = None, None
            try:
                result = work()
            except BaseException as raised:  # whoever waits for the work hears of it
                error = raised
            try:
                loop.call_soon_threadsafe(self._done, inbox, future, result, error)
            except RuntimeError:  # the loop is closed: nobody waits
                return
            del future, work, result, error

    def _done(
        self,
        inbox: _Inbox,
        future: asyncio.Future[Any],
        result: Any,
        error: BaseException | None,
    ) -> None:
        if self._waiting:
            inbox.put(self._waiting.popleft())
        else:
            self._idle.append(inbox)
        if future.cancelled():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
