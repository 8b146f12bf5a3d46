"""An SQLite file that is read at once and written on a thread of its own.

Reading doesn't wait for the disk as a rule, so it is done on the event loop's thread. Where it
would wait, for a lock on the file or for a large value, it is done on the writing thread as well.
Writing waits for the disk: all writes that have come meanwhile go into one transaction, and each
is answered once that is committed.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

if TYPE_CHECKING:
    import sqlite3

T = TypeVar("T")
Work = Callable[["sqlite3.Connection"], T]
"""What is done with a connection; may raise anything, and may be done again after that."""

BUSY_SECONDS = 5.0
"""How long the thread waits for another process's lock, as in Spin."""
MOST_TOGETHER = 256
"""Writes in one transaction."""
_BUSY = 5


class _Job(NamedTuple):
    work: Work[Any]
    writes: bool
    answer: asyncio.Future[Any]


class _Failed(NamedTuple):
    error: Exception


class SqliteFile:
    """One database; without a path in memory. Used from one event loop.

    Its methods raise `sqlite3.Error`, `OSError` and what the work raises.
    """

    def __init__(self, path: Path | None, schema: str) -> None:
        self.path = path
        self._schema = schema
        self._reader: sqlite3.Connection | None = None
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    async def open(self) -> None:
        """Make the file and its table unless they are there."""
        if self._reader is None:
            await self._do(lambda _connection: None, writes=False)
            self._reader = self._reader or _connected(self.path, 0)

    async def read(self, work: Work[T]) -> T:
        """Do something that only reads."""
        assert self._reader is not None, "the file is open"
        try:
            return work(self._reader)
        except Exception as error:
            if not _is_busy(error):
                raise
        return await self.read_later(work)

    async def read_later(self, work: Work[T]) -> T:
        """Do something that only reads, and takes a while."""
        return await self._do(work, writes=False)

    async def write(self, work: Work[T]) -> T:
        """Do something that writes, all or nothing; it is done when this returns."""
        return await self._do(work, writes=True)

    async def close(self) -> None:
        """Close the file once what was begun is written."""
        if self._thread is not None:
            self._jobs.put(None)
            await asyncio.to_thread(self._thread.join)
            self._thread = None
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    async def _do(self, work: Work[T], *, writes: bool) -> T:
        if self.path is None:
            self._reader = self._reader or _opened(None, self._schema)
            return cast(T, _result(_outcomes(self._reader, [work], writes=writes)[0]))
        loop = asyncio.get_running_loop()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, args=(loop,), daemon=True)
            self._thread.start()
        answer: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(work, writes, answer))
        return await answer

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        """The thread: until it is told to end, and has done what it was told before."""
        connection: sqlite3.Connection | None = None
        while jobs := self._next_jobs():
            try:
                connection = connection or _opened(self.path, self._schema)
                works, writes = [job.work for job in jobs], any(job.writes for job in jobs)
                outcomes = _outcomes(connection, works, writes=writes)
            except Exception as error:
                outcomes = [_Failed(error)] * len(jobs)
            with suppress(RuntimeError):  # the loop has ended: nobody waits any more
                loop.call_soon_threadsafe(_deliver, jobs, outcomes)
        if connection is not None:
            connection.close()

    def _next_jobs(self) -> list[_Job]:
        """Those that can be done together, at least one; none at the end."""
        jobs: list[_Job] = []
        with suppress(Empty):
            job = self._jobs.get()
            while job is not None:
                jobs.append(job)
                if len(jobs) == MOST_TOGETHER:
                    return jobs
                job = self._jobs.get_nowait()
            if jobs:
                self._jobs.put(None)
        return jobs


def _outcomes(connection: sqlite3.Connection, works: list[Work[Any]], *, writes: bool) -> list[Any]:
    """What some works answer, or `_Failed`, in one transaction; raises if that as a whole fails."""
    if not writes:
        return [_tried(connection, work) for work in works]
    connection.execute("BEGIN IMMEDIATE")
    try:
        outcomes = [_apart(connection, work) for work in works]
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return outcomes


def _apart(connection: sqlite3.Connection, work: Work[Any]) -> Any:
    """Do a work so that its failure leaves no trace, and those beside it alone."""
    connection.execute("SAVEPOINT work")
    outcome = _tried(connection, work)
    if type(outcome) is _Failed:
        if not connection.in_transaction:  # which SQLite ends when the disk is full, say
            raise outcome.error
        connection.execute("ROLLBACK TO work")
    connection.execute("RELEASE work")
    return outcome


def _tried(connection: sqlite3.Connection, work: Work[Any]) -> Any:
    try:
        return work(connection)
    except Exception as error:
        return _Failed(error)


def _result(outcome: Any) -> Any:
    if type(outcome) is _Failed:
        raise outcome.error
    return outcome


def _deliver(jobs: list[_Job], outcomes: list[Any]) -> None:
    for job, outcome in zip(jobs, outcomes, strict=True):
        if job.answer.done():
            continue
        if type(outcome) is _Failed:
            job.answer.set_exception(outcome.error)
        else:
            job.answer.set_result(outcome)


def _opened(path: Path | None, schema: str) -> sqlite3.Connection:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    connection = _connected(path, BUSY_SECONDS)
    try:
        connection.execute(schema)
    except BaseException:
        connection.close()
        raise
    return connection


def _connected(path: Path | None, timeout: float) -> sqlite3.Connection:
    import sqlite3  # only here: most applications keep nothing

    return sqlite3.connect(path or ":memory:", timeout=timeout, isolation_level=None)


def _is_busy(error: Exception) -> bool:
    """Whether someone else has locked the file."""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) == _BUSY
