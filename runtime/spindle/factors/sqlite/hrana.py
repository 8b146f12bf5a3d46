"""The protocol of libSQL's servers: Hrana 3 over HTTP, as far as it is needed.

Spec: https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import AsyncIterator, Sequence
from typing import Any

from spindle.factors.sqlite.database import MOST_BYTES, Row, SqliteError, Value, too_large

LONGEST_LINE = 2 * MOST_BYTES
"""Bytes: a row as JSON, its blobs in base64."""

_IN_TRANSACTION = {
    "condition": {"type": "not", "cond": {"type": "is_autocommit"}},
    "stmt": {"sql": "SELECT 1", "want_rows": False},
}
"""A step that is executed in a transaction only: whether it is tells of one."""


def cursor_request(baton: str | None, statement: str, parameters: Sequence[Value]) -> object:
    """Executes a statement and tells whether that left a transaction open."""
    stmt = {"sql": statement, "args": [_sent(value) for value in parameters]}
    return {"baton": baton, "batch": {"steps": [{"stmt": stmt}, _IN_TRANSACTION]}}


def close_request(baton: str) -> object:
    """Ends a stream, and with it its transaction."""
    return {"baton": baton, "requests": [{"type": "close"}]}


def _sent(value: Value) -> dict[str, object]:
    match value:
        case None:
            return {"type": "null"}
        case int():
            return {"type": "integer", "value": str(value)}
        case float():
            finite = math.isfinite(value)  # JSON has no other numbers
            return {"type": "float", "value": value} if finite else {"type": "null"}
        case str():
            return {"type": "text", "value": value}
    return {"type": "blob", "base64": base64.b64encode(value).decode()}


def _received(value: dict[str, Any]) -> Value:
    match value["type"]:
        case "integer":
            return int(value["value"])
        case "float":
            return float(value["value"])
        case "text":
            return str(value["value"])
        case "blob":
            text = value["base64"]  # servers leave the padding out
            return base64.b64decode(text + "=" * (-len(text) % 4))
    return None


class Result:
    """What becomes of a statement, entry by entry."""

    def __init__(self, columns: list[str]) -> None:
        self._columns = columns
        """Is filled in, before any row."""
        self._step: object = None
        self._complete = False
        self._error: SqliteError | None = None
        self.in_transaction = False
        self.changes = 0
        self.last_insert_rowid = 0

    def take(self, entry: dict[str, Any]) -> Row | None:
        """Take an entry in, and give the row it has; raises `SqliteError`."""
        try:
            return self._take(entry)
        except (KeyError, TypeError, ValueError):
            raise not_understood() from None

    def check(self) -> None:
        """Raise how the statement failed, if it did."""
        if self._error is not None:
            raise self._error
        if not self._complete:
            raise SqliteError("io", "the libSQL server broke off its answer")

    def _take(self, entry: dict[str, Any]) -> Row | None:
        match entry["type"]:
            case "step_begin":
                self._step = entry["step"]
                self.in_transaction = self._step == 1
                if self._step == 0:
                    self._columns += [column["name"] or "" for column in entry["cols"]]
            case "row" if self._step == 0:
                return tuple(_received(value) for value in entry["row"])
            case "step_end" if self._step == 0:
                self._complete = True
                self.changes = int(entry["affected_row_count"])
                self.last_insert_rowid = int(entry["last_insert_rowid"] or 0)
            case "step_error" if entry["step"] == 0:
                self._error = SqliteError("io", str(entry["error"]["message"]), self._columns)
            case "error":
                raise SqliteError("io", str(entry["error"]["message"]), self._columns)
        return None


async def entries(chunks: AsyncIterator[bytes]) -> AsyncIterator[dict[str, Any]]:
    """The JSON objects of a body that has one a line; raises `SqliteError`."""
    parts: list[bytes] = []
    size = 0
    async for chunk in chunks:
        first, *rest = chunk.split(b"\n")
        parts.append(first)
        size += len(first)
        if size > LONGEST_LINE:
            raise too_large()
        for part in rest:
            yield _entry(b"".join(parts))
            parts, size = [part], len(part)
    if size:
        yield _entry(b"".join(parts))


def _entry(line: bytes) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError:
        entry = None
    if not isinstance(entry, dict):
        raise not_understood()
    return entry


def not_understood() -> SqliteError:
    """A server answered something else than the protocol has it."""
    return SqliteError("io", "the libSQL server's answer is not Hrana 3")


def said(body: bytes) -> str:
    """What the body of a refusal says."""
    try:
        refusal = json.loads(body)
        return str(refusal.get("message") or refusal.get("error") or refusal)
    except (ValueError, AttributeError):
        return body.decode(errors="replace").strip()
