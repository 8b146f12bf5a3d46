"""What front ends ask about SQLite databases: the control endpoint's `sql/…`.

A value is what JSON has for it; a blob is `{"blob": base64}`, an infinite number `{"real": text}`.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from typing import Any

from spindle.dev.control import BadParams, Method, Params
from spindle.dev.sql_scripts import Script, StatementFailed, database_of, execute
from spindle.errors import HostError
from spindle.factors.sqlite import DEFAULT, Database
from spindle.factors.sqlite.database import Row, Rows, Value, row_bytes
from spindle.factors.sqlite.embedded import EmbeddedDatabase
from spindle.factors.sqlite.statements import Statement, statements_of

MOST_ROWS = 100_000
MOST_BYTES = 16 << 20
"""Of all results together, for messages have a limit."""
MOST_COUNTED = 1_000_000
"""Rows that are counted beyond those that are answered."""


class NothingKept(HostError):
    """A database is in memory, where nobody else can look into it."""

    code = "nothing-kept"


def database_methods(databases: Mapping[str, Database]) -> Mapping[str, Method]:
    """The methods on some databases."""

    async def query(params: Params) -> object:
        script, limit, parameters = _asked(params)
        database = database_of(script.database, databases)
        check_can_be_seen(script, database)
        results = Results(limit)
        connection = database.connect()
        try:
            await execute(script, connection, results.reader(connection), parameters)
        finally:
            await connection.close()
        return {"results": results.found}

    def labels(_params: Params) -> object:
        return {"databases": sorted(databases)}

    return {"sql/query": query, "sql/databases": labels}


def check_can_be_seen(script: Script, database: Database) -> None:
    """Raise what prevents that anything is found in a database."""
    if not database.lasting:
        raise NothingKept(
            f"database `{script.database}` is in memory, where each connection has its own",
            hints=("give it a `path` in the runtime configuration, or the host a `--state-dir`",),
        )
    if not isinstance(database, EmbeddedDatabase) or database.path is None:
        return
    looking = all(statement.only_looks for statement in statements_of(script.text))
    if looking and not database.path.exists():
        raise StatementFailed(
            f"database `{script.database}` is empty: there is no file `{database.path}` yet",
            hints=("the first statement of the application that is executed makes it",),
        )


class Results:
    """What statements answered, as JSON has it, as much as fits."""

    def __init__(self, limit: int) -> None:
        self.found: list[dict[str, object]] = []
        self._limit = limit
        self._room = MOST_BYTES

    def reader(self, connection: Any) -> Any:
        """What takes the results of a connection's statements."""

        async def read(statement: Statement, rows: Rows) -> None:
            kept, count, complete = await self._read(rows)
            changes = await connection.changes() if statement.changes_rows else None
            self.found.append(
                {
                    "columns": list(rows.columns),
                    "rows": kept,
                    "count": count,
                    "counted": complete,
                    "changes": changes,
                }
            )

        return read

    async def _read(self, rows: Rows) -> tuple[list[list[object]], int, bool]:
        """The first rows, how many there are, and whether that is all."""
        kept: list[list[object]] = []
        count = 0
        try:
            async for chunk in rows.chunks:
                for row in chunk[: self._limit - len(kept)]:
                    self._room -= row_bytes(row)
                    if self._room < 0:
                        break
                    kept.append(document(row))
                count += len(chunk)
                if count - len(kept) >= MOST_COUNTED:
                    return kept, count, False
        finally:
            await rows.chunks.aclose()
        return kept, count, True


def document(row: Row) -> list[object]:
    """A row as JSON has it."""
    return [_document(value) for value in row]


def _document(value: Value) -> object:
    if isinstance(value, bytes):
        return {"blob": base64.b64encode(value).decode()}
    if isinstance(value, float) and math.isinf(value):
        return {"real": str(value)}
    return value


def value_of(given: object) -> Value:
    """The value of a document; raises `BadParams`."""
    match given:
        case None | int() | float() | str() if not isinstance(given, bool):
            return given
        case {"blob": str(text)}:
            try:
                return base64.b64decode(text, validate=True)
            except ValueError as error:
                raise BadParams(f"`blob` is not base64: {error}") from None
        case {"real": "inf" | "-inf" as text}:
            return float(text)
    raise BadParams("a value is null, a number, a text or `{blob: base64}`")


def _asked(params: Params) -> tuple[Script, int, list[Value]]:
    sql, database = params.get("sql"), params.get("database", DEFAULT)
    origin, limit = params.get("origin"), params.get("limit", MOST_ROWS)
    if not isinstance(sql, str) or not isinstance(database, str):
        raise BadParams("`sql` and `database` must be texts")
    if not (origin is None or isinstance(origin, str)):
        raise BadParams("`origin` must be a text or null")
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 0:
        raise BadParams("`limit` must be a number of rows")
    parameters = params.get("parameters", [])
    if not isinstance(parameters, list):
        raise BadParams("`parameters` must be an array")
    values = [value_of(value) for value in parameters]
    return Script(sql, database, origin), min(limit, MOST_ROWS), values
