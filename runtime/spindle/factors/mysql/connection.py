"""A connection to a MySQL server: statements are prepared there, and rows read as they come.

asyncmy speaks the protocol. By itself it reads results whole, and large ones would fill the
memory; here they are read with its parts, batch by batch.
"""

from __future__ import annotations

import asyncio
import struct
from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from typing import Any, TypeAlias

from spindle.factors.mysql.columns import Field, converter
from spindle.factors.mysql.errors import said_by_server, told_as
from spindle.factors.outbound_url import without_password
from spindle.factors.rdbms import Column, DatabaseError, ResultSize

# asyncmy's, whose types leave out the parts that are used here.
Client: TypeAlias = Any
PreparedStatement: TypeAlias = Any
MySQLResult: TypeAlias = Any

MOST_STATEMENTS = 32
"""Prepared statements that a connection keeps."""
RESET, EXECUTE = 0x1F, 0x17
"""Commands of the protocol: `COM_RESET_CONNECTION`, `COM_STMT_EXECUTE`."""
ONCE = b"\0\1\0\0\0"
"""No cursor, one iteration."""

Raw = list[tuple[Any, ...]]
Rows = list[list[Any]]
"""Each row a list of `db-value`s."""


class Connection:
    """One connection, which does one statement at a time; further ones wait."""

    def __init__(self, url: str, client: Client) -> None:
        self.url = url
        self.label = without_password(url)
        """What it is called in records."""
        self._client = client
        self._statements: OrderedDict[str, PreparedStatement] = OrderedDict()
        self._turn = asyncio.Lock()
        self._abandoned = False

    @property
    def idle(self) -> bool:
        """Whether it is open, and no statement under way."""
        return bool(self._client.connected) and not self._turn.locked()

    def close(self) -> None:
        """Close it at once, whatever it is doing."""
        self._client.close()

    def abandon(self) -> None:
        """Nobody will do another statement: end with the one that is under way."""
        self._abandoned = True
        if not self._turn.locked():
            self.close()

    async def reset(self) -> None:
        """Forget what its last user did; raises `DatabaseError`."""
        with told_as("connection-failed"):
            self._statements.clear()
            await self._client._execute_command(RESET, b"")
            await self._client._read_ok_packet()
            await self._client.query("SET NAMES utf8mb4")

    async def execute(self, statement: str, parameters: Sequence[Any]) -> None:
        """Do a statement, and leave the rows it may give; raises `DatabaseError`."""
        _fields, rows = await self._run(statement, parameters)
        async for _ in rows:
            pass

    async def query(self, statement: str, parameters: Sequence[Any]) -> tuple[list[Column], Rows]:
        """Do a statement: its columns, and all its rows; raises `DatabaseError`."""
        columns, rows = await self.stream(statement, parameters)
        async with aclosing(rows):
            return columns, [row async for some in rows for row in some]

    async def stream(
        self, statement: str, parameters: Sequence[Any]
    ) -> tuple[list[Column], AsyncGenerator[Rows, None]]:
        """Do a statement: its columns, and its rows as they come; both raise `DatabaseError`.

        The rows must be asked for: the connection is busy until they end, or are closed.
        """
        fields, rows = await self._run(statement, parameters)
        columns = [field.column for field in fields]
        return columns, _converted(fields, columns, rows)

    async def _run(
        self, statement: str, parameters: Sequence[Any]
    ) -> tuple[list[Field], AsyncGenerator[Raw, None]]:
        await self._turn.acquire()
        try:
            with self._failing("query-failed"):
                prepared = await self._prepare(statement)
                result, fields = await self._start(prepared, parameters)
        except BaseException:
            self._turn.release()
            raise
        return fields, self._results(result, fields)

    async def _prepare(self, statement: str) -> PreparedStatement:
        kept = self._statements
        if statement not in kept:
            kept[statement] = await self._client.prepare(statement)
            if len(kept) > MOST_STATEMENTS:
                await kept.popitem(last=False)[1].close()
        kept.move_to_end(statement)
        return kept[statement]

    async def _start(
        self, prepared: PreparedStatement, parameters: Sequence[Any]
    ) -> tuple[MySQLResult, list[Field]]:
        from asyncmy.protocol import pack_binary_params

        if len(parameters) != prepared.parameter_count:
            raise DatabaseError(
                "query-failed",
                f"the statement takes {prepared.parameter_count} parameters, not {len(parameters)}",
            )
        payload = struct.pack("<I", prepared._statement_id) + ONCE
        if parameters:
            payload += pack_binary_params(tuple(parameters), "utf8")
        await self._client._execute_command(EXECUTE, payload)
        return await self._result()

    async def _result(self) -> tuple[MySQLResult, list[Field]]:
        """The result that comes now, and its columns: none if it has no rows."""
        from asyncmy.connection import MySQLResult as Result

        result: MySQLResult = Result(self._client)
        first = await self._client.read_packet()
        if first.is_ok_packet():
            result._read_ok_packet(first)
            return result, []
        result.field_count = first.read_length_encoded_integer() or 0
        if not result.field_count:
            raise ValueError("it asks for a file")
        await result._get_descriptions()
        return result, [Field(each.name, each.type_code, each.flags) for each in result.fields]

    async def _results(self, result: MySQLResult, fields: list[Field]) -> AsyncGenerator[Raw, None]:
        """The rows of a result; what nobody asks for, and further results, are left out."""
        try:
            with self._failing("other"):
                rows = self._rows(result, fields)
                try:
                    async for some in rows:
                        yield some
                finally:
                    await self._leave(result, rows)
        finally:
            self._turn.release()
            if self._abandoned:
                self.close()

    async def _leave(self, result: MySQLResult, rows: AsyncGenerator[Raw, None]) -> None:
        """Read to the end, so that the next statement finds its own answer."""
        if self._abandoned:
            return
        async for _ in rows:
            pass
        while result.has_next and self._client.connected:
            result, fields = await self._result()
            async for _ in self._rows(result, fields):
                pass

    async def _rows(self, result: MySQLResult, fields: list[Field]) -> AsyncGenerator[Raw, None]:
        from asyncmy.protocol import parse_binary_rows_from_buffer

        client, specs = self._client, tuple(field.spec for field in fields)
        while specs:
            read, rows = client._proto, Raw()
            read.pos, client._next_seq_id = parse_binary_rows_from_buffer(
                read.buffer, read.pos, read.length, specs,
                client._next_seq_id, rows, client._deprecate_eof,
            )  # fmt: skip
            if rows:
                with self._paused():
                    yield rows
            packet = await client.read_packet()
            if result._check_packet_is_eof(packet):
                return
            yield [packet.read_binary_row(specs)]

    @contextmanager
    def _paused(self) -> Iterator[None]:
        """Take nothing from the server for now: what it sends meanwhile would pile up here."""
        transport = self._client._transport
        if transport is not None and not transport.is_closing():
            transport.pause_reading()
        try:
            yield
        finally:
            if transport is not None and not transport.is_closing():
                transport.resume_reading()

    @contextmanager
    def _failing(self, case: str) -> Iterator[None]:
        """Tell guests what goes wrong; after what is not the server's word nothing is certain."""
        try:
            with told_as(case):
                yield
        except DatabaseError as error:
            if error.__cause__ is not None and not said_by_server(error.__cause__):
                self.close()
            raise


async def _converted(
    fields: list[Field], columns: list[Column], rows: AsyncGenerator[Raw, None]
) -> AsyncGenerator[Rows, None]:
    convert, size = converter(fields), ResultSize(columns)
    async with aclosing(rows):
        async for some in rows:
            size.count(some)
            yield convert(some)
