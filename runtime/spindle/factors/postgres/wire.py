"""One connection to a PostgreSQL server, as libpq has it, driven by the event loop.

psycopg's `pq` is libpq's functions and no more. What it sends and receives is bytes in the server's
binary formats; nothing here knows what they mean.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn

from spindle.factors.postgres.failures import closed, from_result, query_failed
from spindle.factors.rdbms import DatabaseError

if TYPE_CHECKING:
    from psycopg.pq.abc import PGcancelConn, PGconn, PGresult

CHUNK = 128
"""Rows received at a time."""
_BINARY = 1
_FATAL, _SYNC, _ABORTED = 7, 10, 11
_COPYING = frozenset({3, 4, 8})
_OK, _BAD = 0, 1
_READING, _WRITING, _MADE = 1, 2, 3
_IDLE, _ACTIVE = 0, 1
_IN_TRANSACTION = frozenset({2, 3})


def _psycopg_error() -> type[Exception]:
    from psycopg import Error

    return Error


async def ready(descriptor: int, *, writing: bool) -> bool:
    """Wait until a socket can be read, or written to if asked for; whether it can be read."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[bool] = loop.create_future()

    def found(readable: bool) -> None:
        if not done.done():
            done.set_result(readable)

    loop.add_reader(descriptor, found, True)
    if writing:
        loop.add_writer(descriptor, found, False)
    try:
        return await done
    finally:
        loop.remove_reader(descriptor)
        if writing:
            loop.remove_writer(descriptor)


async def _poll(connection: PGconn | PGcancelConn, poll: str) -> None:
    """Take the steps a connection asks for until it is made, or failed."""
    while (step := getattr(connection, poll)()) in (_READING, _WRITING):
        if step == _WRITING:
            await _writable(connection.socket)
        else:
            await ready(connection.socket, writing=False)


async def _writable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    done = asyncio.Event()
    loop.add_writer(descriptor, done.set)
    try:
        await done.wait()
    finally:
        loop.remove_writer(descriptor)


async def connect(options: dict[str, str]) -> Wire:
    """Connect as libpq's options say; raises `ConnectionError` with libpq's words."""
    from psycopg.conninfo import make_conninfo
    from psycopg.pq import PGconn

    made = PGconn.connect_start(make_conninfo("", **options).encode())
    try:
        if made.status != _BAD:
            await _poll(made, "connect_poll")
        if made.status != _OK:
            raise ConnectionError(made.get_error_message("utf-8").strip())
    except BaseException:
        made.finish()
        raise
    made.nonblocking = 1
    return Wire(made)


class Wire:
    """A connection that one caller uses at a time."""

    def __init__(self, connection: PGconn) -> None:
        self._connection = connection
        self._pipelining = False
        self._unsent = 0

    @property
    def is_busy(self) -> bool:
        """Whether the server is, or was when the connection was lost, doing something for us."""
        return bool(self._connection.transaction_status == _ACTIVE)

    @property
    def is_in_transaction(self) -> bool:
        """Whether a transaction is open, be it a failed one."""
        return self._connection.transaction_status in _IN_TRANSACTION

    @property
    def is_fresh(self) -> bool:
        """Whether somebody may begin to use it, as far as one can see without asking the server."""
        connection = self._connection
        return bool(
            connection.status == _OK and self._consume() and connection.transaction_status == _IDLE
        )

    def close(self) -> None:
        """Hang up; a second time changes nothing."""
        self._connection.finish()

    async def simple(self, statements: str) -> None:
        """Run statements one after another, without results; raises `DatabaseError`."""
        with self._sending() as connection:
            connection.send_query(statements.encode())
        async for _ in self._results():
            pass

    async def describe(self, statement: bytes) -> tuple[list[int], list[int]]:
        """The types of a statement's parameters and columns; raises `DatabaseError`.

        In one round trip.
        """
        self._pipelining = True
        with self._sending() as connection:
            connection.enter_pipeline_mode()
            connection.send_prepare(b"", statement)
            connection.send_describe_prepared(b"")
            connection.pipeline_sync()
        described = await self._pipelined()
        with self._sending() as connection:
            connection.exit_pipeline_mode()
        self._pipelining = False
        if isinstance(described, DatabaseError):
            raise described
        parameters = [described.param_type(i) for i in range(described.nparams)]
        return parameters, [described.ftype(i) for i in range(described.nfields)]

    async def run(
        self, statement: bytes, values: Sequence[bytes | None], types: Sequence[int]
    ) -> AsyncGenerator[PGresult, None]:
        """Run one statement; its results as they come, the last without rows.

        Raises `DatabaseError`. To be gone through to its end, or followed by `settle`.
        """
        with self._sending() as connection:
            formats = [_BINARY] * len(values)
            connection.send_query_params(statement, values, types, formats, _BINARY)
            connection.set_chunked_rows_mode(CHUNK)
        async for result in self._results():
            yield result

    async def settle(self) -> None:
        """Have the server give up what it does for us, and read what it says to the end.

        Hangs up where that is not possible.
        """
        if self._connection.status != _OK or self._pipelining:
            self.close()
            return
        cancelling = self._connection.cancel_conn()
        try:
            cancelling.start()
            await _poll(cancelling, "poll")
            while await self._next() is not None:
                pass
        finally:
            cancelling.finish()

    async def _pipelined(self) -> PGresult | DatabaseError:
        """The last of a pipeline's results before its end, or how it failed."""
        last: PGresult | DatabaseError = closed()
        while True:
            result = await self._next()
            if result is None:
                if self._connection.status != _OK:
                    raise last if isinstance(last, DatabaseError) else closed()
            elif result.status == _SYNC:
                return last
            elif result.status == _FATAL:
                last = from_result(result)
            elif result.status != _ABORTED:
                last = result

    async def _results(self) -> AsyncGenerator[PGresult, None]:
        failure = None
        while (result := await self._next()) is not None:
            if result.status == _FATAL:
                failure = failure or result
            elif result.status in _COPYING:
                self._refuse_copying()
            elif failure is None:
                yield result
        if failure is not None:
            raise from_result(failure)

    async def _next(self) -> PGresult | None:
        """The next result; None behind the last."""
        connection = self._connection
        while connection.status == _OK and self._is_waiting():
            await ready(connection.socket, writing=bool(self._unsent))
            if not self._consume():
                break
        # Of a connection that is lost, there is a result that says so.
        return connection.get_result()

    def _is_waiting(self) -> bool:
        """Whether there is no result yet."""
        self._unsent = 0
        with suppress(_psycopg_error()):  # the server may still say why it takes no more
            self._unsent = self._connection.flush()
        return bool(self._unsent or self._connection.is_busy())

    def _consume(self) -> bool:
        """Take what has arrived; whether the server is still there."""
        with suppress(_psycopg_error()):
            self._connection.consume_input()
            return True
        return False

    @contextmanager
    def _sending(self) -> Iterator[PGconn]:
        """The connection, whose refusals become a `DatabaseError`."""
        if self._connection.status != _OK:
            raise closed()
        try:
            yield self._connection
        except (_psycopg_error(), ValueError) as error:
            raise query_failed(str(error).strip()) from None

    def _refuse_copying(self) -> NoReturn:
        self.close()  # there is no way out of copying but to take part in it
        raise query_failed("`COPY` from and to the client is not possible through this interface")
