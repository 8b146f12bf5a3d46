"""The interfaces SQLite databases are reached by: Spin's of four versions.

They differ in how a connection is held, what can be asked of it, and whether rows are streamed.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any

from spindle.component.ends import HostFuture, HostReadable, ItemsSource
from spindle.component.host import HostFunc, HostInterface
from spindle.component.values import Err, Ok
from spindle.factors.answering import Work, answered
from spindle.factors.recording import note
from spindle.factors.sqlite.database import Row, Rows, SqliteError, Value, all_rows
from spindle.factors.sqlite.opened import OpenConnections, Opened
from spindle.factors.sqlite.recorded import TEXT_KEPT, ResultRecord, values_seen
from spindle.factors.streaming import streamed

HostRow = tuple[list[Any]]
"""A `row-result`."""

_CASES: dict[type, str] = {int: "integer", float: "real", str: "text", bytes: "blob"}
_OPEN = "sqlite.open"


def host_row(row: Row) -> HostRow:
    """A row as a `row-result`."""
    return (["null" if v is None else (_CASES[v.__class__], v) for v in row],)


def plain_values(values: Sequence[Any]) -> list[Value]:
    """The values of a `list<value>`."""
    return [value.value for value in values]


def spelled(error: SqliteError) -> Any:
    """An `error`, which is the same in all versions."""
    return error.case if error.reason is None else (error.case, error.reason)


def _connections(task: Any) -> OpenConnections:
    """Those of an instance; they end with it."""
    factors = task.inst.state.factors
    found: OpenConnections | None = factors.get(_OPEN)
    if found is None:
        found = factors[_OPEN] = OpenConnections()
        task.inst.store.at_end.add(lambda: factors.pop(_OPEN).close())
    return found


async def _open(task: Any, label: str) -> Opened:
    connection = task.inst.state.factors["sqlite"].connect(label)
    return _connections(task).add(label, connection)


async def _query(opened: Opened, statement: str, values: Sequence[Any]) -> Rows:
    """Execute a statement; the place of a mistake is told as Spin does."""
    try:
        return await opened.connection.query(statement, plain_values(values))
    except SqliteError as error:
        if error.offset is None:
            raise
        told = f"{error.reason} in {statement} at offset {error.offset}"
        raise SqliteError(error.case, told, error.columns) from None


class _QueryResult(tuple[list[str], list[HostRow]]):
    """A `query-result`, and what is recorded of it."""

    record: ResultRecord


async def _execute(_task: Any, opened: Opened, statement: str, values: Sequence[Any]) -> Any:
    rows = await _query(opened, statement, values)
    found = await all_rows(rows)
    result = _QueryResult((list(rows.columns), list(map(host_row, found))))
    result.record = ResultRecord(rows.columns)
    result.record.add(found)
    return result


async def _execute_async(task: Any, opened: Opened, statement: str, values: Sequence[Any]) -> Any:
    """As in Spin, what is wrong with a statement is told where its rows would end."""
    task.inst.state.touched = True
    began = time.perf_counter_ns()
    record: dict[str, object]
    result: tuple[list[str], HostReadable, HostFuture]
    try:
        rows = await _query(opened, statement, values)
    except SqliteError as error:
        record = {"error": spelled(error)}
        result = list(error.columns), ItemsSource(), HostFuture.of(Err(spelled(error)))
    else:
        record = ResultRecord(rows.columns)
        result = list(rows.columns), *_streamed_rows(rows, record)
    note(task, _SPIN_3, "execute-async", _seen_args((opened, statement, values)), record, began)
    return Ok(result)


def _streamed_rows(rows: Rows, record: ResultRecord) -> tuple[HostReadable, HostFuture]:
    """Rows as a guest takes them; a statement that runs for nobody is stopped."""
    elements, outcome = streamed(_host_rows(rows.chunks, record), spelled)
    assert elements.producer is not None, "it has begun"
    elements.on_drop = elements.producer.cancel
    return elements, outcome


async def _host_rows(
    chunks: AsyncGenerator[list[Row], None], record: ResultRecord
) -> AsyncGenerator[list[HostRow], None]:
    try:
        async for rows in chunks:
            record.add(rows)
            yield list(map(host_row, rows))
    finally:
        await chunks.aclose()


# How it is recorded.


def _seen_args(args: tuple[Any, ...]) -> list[object]:
    opened, *rest = args
    first = getattr(opened, "label", opened)
    if not rest:
        return [first]
    statement, values = rest
    return [first, statement[:TEXT_KEPT], values_seen(plain_values(values))]


def _seen_result(result: Any) -> object:
    return getattr(result, "record", None) or getattr(result, "label", result)


def _answered(interface: str, works: dict[str, Work]) -> dict[str, HostFunc]:
    return {
        name: answered(
            interface,
            name.partition(".")[2] or name,
            work,
            spelled,
            seen_args=_seen_args,
            seen_result=_seen_result,
        )
        for name, work in works.items()
    }


# Versions 2 and 3: a connection is a resource.


def _number(func: str, ask: Callable[[Any], Awaitable[int]]) -> HostFunc:
    """A function that answers a number and can't fail."""

    async def answer(task: Any, opened: Opened) -> int:
        task.inst.state.touched = True
        began = time.perf_counter_ns()
        number = await ask(opened.connection)
        note(task, _SPIN_3, func, [opened.label], number, began)
        return number

    return answer


_SPIN_2, _SPIN_3 = "fermyon:spin/sqlite@2.0.0", "spin:sqlite/sqlite@3.1.0"
_CONNECTION: dict[str, Work] = {
    "[static]connection.open": _open,
    "[method]connection.execute": _execute,
}
_NUMBERS: dict[str, Callable[[Any], Awaitable[int]]] = {
    "last-insert-rowid": lambda connection: connection.last_insert_rowid(),
    "changes": lambda connection: connection.changes(),
}

# Unversioned: a connection is a number.


async def _open_number(task: Any, label: str) -> int:
    return (await _open(task, label)).number


async def _execute_number(task: Any, number: int, statement: str, values: Sequence[Any]) -> Any:
    return await _execute(task, _connections(task).get(number), statement, values)


def _close(task: Any, number: int) -> None:
    _connections(task).discard(number)


INTERFACES = {
    "fermyon:spin/sqlite": HostInterface(
        {
            **_answered("fermyon:spin/sqlite", {"open": _open_number, "execute": _execute_number}),
            "close": _close,
        }
    ),
    _SPIN_2: HostInterface(_answered(_SPIN_2, _CONNECTION), {"connection": Opened.close}),
    _SPIN_3: HostInterface(
        {
            **_answered(_SPIN_3, {**_CONNECTION, "[static]connection.open-async": _open}),
            "[method]connection.execute-async": _execute_async,
            **{
                f"[method]connection.{name}": _number(name, ask)
                for short, ask in _NUMBERS.items()
                for name in (short, f"{short}-async")
            },
        },
        {"connection": Opened.close},
    ),
}
