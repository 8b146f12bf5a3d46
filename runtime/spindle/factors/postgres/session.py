"""A session with a server: statements one after another, and what becomes of one that is given up.

Guests may call at once on one connection; calls take turns. A call that is cancelled, or a stream
that nobody reads any more, has the server stop, and the next in turn waits for that.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from spindle.component.columns import Column as Values
from spindle.component.columns import Rows
from spindle.factors.postgres import oids
from spindle.factors.postgres.decoding import Raw
from spindle.factors.postgres.encoding import Parameter, bound
from spindle.factors.postgres.failures import query_failed
from spindle.factors.postgres.vocabulary import Vocabulary
from spindle.factors.postgres.wire import Wire
from spindle.factors.rdbms import MOST_BYTES, VALUE_BYTES, Column, DatabaseError

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

MOST_STATEMENTS = 512
_PATIENCE = 5.0
"""Seconds for a server to stop what it does, before the connection is given up."""
_OUTDATED = ("42", "08P01", "22P03", "0A000")
"""How the codes of errors begin after which a statement's types are asked for again."""
_RESET = (
    "CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *; "
    "SELECT pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES"
)
"""Leaves nothing of who had the session before."""

Spawn = Callable[[Coroutine[Any, Any, None]], object]
"""Runs something in the background, to its end."""


class Knowledge:
    """What is known of a database: types of statements' parameters, and types' names."""

    def __init__(self) -> None:
        self.parameters: OrderedDict[bytes, list[int]] = OrderedDict()
        """By statement, the least recently used first."""
        self.names = dict(oids.NAMES)

    def keep(self, statement: bytes, types: list[int]) -> None:
        """Remember a statement's parameter types."""
        self.parameters[statement] = types
        if len(self.parameters) > MOST_STATEMENTS:
            self.parameters.popitem(last=False)

    def name(self, type: int) -> str:
        """What a type is called."""
        return self.names.get(type, f"type {type}")


class Statement(NamedTuple):
    """What a guest asks for."""

    text: bytes
    parameters: Sequence[Parameter]
    words: Vocabulary
    """How its result is told."""


class Streamed(NamedTuple):
    """A result on its way."""

    columns: list[Column]
    rows: AsyncGenerator[Sequence[Any], None]


class Session:
    """A connection, and the turns in which it is used."""

    def __init__(self, wire: Wire, knowledge: Knowledge, spawn: Spawn) -> None:
        self._wire = wire
        self._knowledge = knowledge
        self._spawn = spawn
        self._turn = asyncio.Lock()
        self._waiting = 0
        """How many calls wait for their turn."""
        self._hurry: Callable[[], None] | None = None

    @property
    def is_fresh(self) -> bool:
        """Whether somebody else may have it."""
        return self._wire.is_fresh

    def close(self) -> None:
        """Hang up."""
        self._wire.close()

    async def reset(self) -> None:
        """Be as new, once nobody uses it; or hang up."""
        await self._turn.acquire()
        try:
            async with asyncio.timeout(_PATIENCE):
                if self._wire.is_in_transaction:
                    await self._wire.simple("ROLLBACK")
                await self._wire.simple(_RESET)
        except (DatabaseError, TimeoutError):
            self.close()
        finally:
            self._end_turn()

    async def execute(self, statement: Statement) -> int:
        """Run a statement, and tell how many rows it touched; raises `DatabaseError`."""
        count = 0
        async with self._in_turn(), aclosing(self._results(statement)) as results:
            async for result in results:
                if result.command_tuples is not None:
                    count = result.command_tuples
        return count

    async def query(self, statement: Statement) -> tuple[list[Column], Sequence[Any]]:
        """Columns and rows, all at once, and no more than `MOST_BYTES`; raises `DatabaseError`."""
        size, count = Size(), 0
        head: list[Column] = []
        types: list[int] = []
        values: list[Raw] = []
        async with self._in_turn(), aclosing(self._results(statement)) as results:
            async for result in results:
                if not result.ntuples:
                    continue
                if not count:
                    head, types = self._head(result, statement.words)
                    values = [[] for _ in head]
                count += result.ntuples
                for column, more in zip(values, raw_columns(result), strict=True):
                    size.count(more)
                    column += more
        return head, rows_of(types, values, count, statement.words)

    async def stream(self, statement: Statement) -> Streamed:
        """Columns, and rows as they come; raises `DatabaseError`."""
        parts = self._parts(statement)
        head = await anext(parts)
        assert isinstance(head, list)
        return Streamed(head, parts)

    async def _parts(self, statement: Statement) -> AsyncGenerator[Any, None]:
        """The columns, then rows some at a time."""
        told, ahead = False, Size()
        async with self._in_turn(), aclosing(self._results(statement)) as results:
            async for result in results:
                if not result.ntuples:
                    continue
                head, types = self._head(result, statement.words)
                if not told:
                    told = True
                    yield head
                values, size = raw_columns(result), Size()
                for column in values:
                    size.count(column)
                    if self._waiting:
                        ahead.count(column)
                yield rows_of(types, values, result.ntuples, statement.words)
        if not told:
            yield []

    def streaming(self, hurry: Callable[[], None]) -> None:
        """Say what has the streamed result come to its end when others wait for their turn."""
        self._hurry = hurry
        if self._waiting:
            hurry()

    def _head(self, result: PGresult, words: Vocabulary) -> tuple[list[Column], list[int]]:
        types = [result.ftype(i) for i in range(result.nfields)]
        names = [(result.fname(i) or b"").decode(errors="replace") for i in range(len(types))]
        head = [
            Column(name, words.data_type(type, self._knowledge.name(type)))
            for name, type in zip(names, types, strict=True)
        ]
        return head, types

    async def _results(self, statement: Statement) -> AsyncGenerator[PGresult, None]:
        """Results of a statement, in this call's turn."""
        text, knowledge = statement.text, self._knowledge
        types = knowledge.parameters.get(text)
        if types is None:
            types = await self._describe(text)
        else:
            knowledge.parameters.move_to_end(text)
        given = statement.parameters
        if len(given) != len(types):
            raise query_failed(f"the statement has {len(types)} parameters, {len(given)} are given")
        values = [
            bound(number, parameter, type, knowledge.name(type))
            for number, (parameter, type) in enumerate(zip(given, types, strict=True), 1)
        ]
        try:
            async with aclosing(self._wire.run(text, values, types)) as results:
                async for result in results:
                    yield result
        except DatabaseError as error:
            if error.detail is not None and error.detail.code.startswith(_OUTDATED):
                knowledge.parameters.pop(text, None)
            raise

    async def _describe(self, text: bytes) -> list[int]:
        """A statement's parameter types; types that are new are asked for their names."""
        types, columns = await self._wire.describe(text)
        names = self._knowledge.names
        unknown = {type for type in (*types, *columns) if type not in names}
        if unknown:
            numbers = ", ".join(map(str, sorted(unknown)))
            query = (
                f"SELECT oid::int4, typname::text FROM pg_catalog.pg_type WHERE oid IN ({numbers})"
            )
            async for result in self._wire.run(query.encode(), (), ()):
                for row in range(result.ntuples):
                    number, name = result.get_value(row, 0), result.get_value(row, 1)
                    assert number is not None
                    assert name is not None
                    names[int.from_bytes(number, "big")] = name.decode(errors="replace")
        self._knowledge.keep(text, types)
        return types

    async def _take_turn(self) -> None:
        """Wait for this call's turn, for which a result that streams is read to its end."""
        if self._hurry is not None:
            self._hurry()
        self._waiting += 1
        try:
            await self._turn.acquire()
        finally:
            self._waiting -= 1

    @asynccontextmanager
    async def _in_turn(self) -> AsyncIterator[None]:
        """This call's turn; what it leaves undone is undone before the next."""
        await self._take_turn()
        try:
            yield
        finally:
            self._end_turn()

    def _end_turn(self) -> None:
        self._hurry = None
        if self._wire.is_busy:
            self._spawn(self._settle())
        else:
            self._turn.release()

    async def _settle(self) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._wire.settle()
        except Exception:  # whatever it was, the connection is of no use
            self.close()
        finally:
            self._turn.release()


class Size:
    """Counts the bytes of values; raises `DatabaseError` when there are too many."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = MOST_BYTES

    def count(self, values: Raw) -> None:
        """Count values."""
        self._left -= VALUE_BYTES * len(values) + sum([len(value) for value in values if value])
        if self._left < 0:
            raise query_failed(f"query result exceeds limit of {MOST_BYTES} bytes")


def raw_columns(result: PGresult) -> list[Raw]:
    """The values of a result as they were received, by columns."""
    value, rows = result.get_value, range(result.ntuples)
    return [[value(row, column) for row in rows] for column in range(result.nfields)]


def rows_of(
    types: Sequence[int], columns: Sequence[Raw], count: int, words: Vocabulary
) -> Sequence[Any]:
    """Rows as they are lowered."""
    if not columns:
        return [[]] * count
    kinds = [words.kind(type) for type in types]
    return Rows(
        [
            Values(kind.label, kind.decode(raw), is_encoded=kind.label == "str")
            for kind, raw in zip(kinds, columns, strict=True)
        ]
    )
