"""The protocol of libSQL's servers: Hrana 3 over HTTP, as far as it is needed.

Spec: https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import AsyncGenerator, AsyncIterable, Iterator, Sequence
from typing import Any

from spindle.factors.sqlite.database import MOST_BYTES, Row, SqliteError, Value, too_large

LONGEST_LINE = 2 * MOST_BYTES
"""Bytes: a row as JSON, its blobs in base64."""

_IN_TRANSACTION = {
    "condition": {"type": "not", "cond": {"type": "is_autocommit"}},
    "stmt": {"sql": "SELECT 1", "want_rows": False},
}
"""A step that is executed in a transaction only: whether it is tells of one."""


Answer = AsyncGenerator[dict[str, Any], None]
"""Entries, the first of which says what the stream is called now."""


def cursor_request(statement: str, parameters: Sequence[Value]) -> object:
    """Executes a statement on a new stream, and tells whether that left a transaction open."""
    return {"baton": None, "batch": _batch(statement, parameters)}


def batch_request(baton: str, statement: str, parameters: Sequence[Value]) -> object:
    """The same on a stream there is, with an answer in one piece: no mistake ends the stream."""
    request = {"type": "batch", "batch": _batch(statement, parameters)}
    return {"baton": baton, "requests": [request]}


def _batch(statement: str, parameters: Sequence[Value]) -> object:
    stmt = {"sql": statement, "args": [_sent(value) for value in parameters]}
    return {"steps": [{"stmt": stmt}, _IN_TRANSACTION]}


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


async def cursor_answer(chunks: AsyncIterable[bytes]) -> Answer:
    """The lines of a body, as they come; raises `SqliteError`."""
    parts: list[bytes] = []
    size = 0
    async for chunk in chunks:
        first, *rest = chunk.split(b"\n")
        parts.append(first)
        size += len(first)
        if size > LONGEST_LINE:
            raise too_large()
        for part in rest:
            yield _object(b"".join(parts))
            parts, size = [part], len(part)
    if size:
        yield _object(b"".join(parts))


async def batch_answer(chunks: AsyncIterable[bytes]) -> Answer:
    """What a cursor would have answered, from the answer in one piece."""
    parts: list[bytes] = []
    size = 0
    async for chunk in chunks:
        parts.append(chunk)
        size += len(chunk)
        if size > LONGEST_LINE:
            raise too_large()
    answer = _object(b"".join(parts))
    yield answer
    try:
        for entry in _batch_entries(answer["results"][0]):
            yield entry
    except (KeyError, TypeError, IndexError):
        raise not_understood() from None


def _batch_entries(result: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if result["type"] == "error":  # such as of syntax: nothing was executed
        yield {"type": "step_error", "step": 0, "error": result["error"]}
        yield {"type": "step_begin", "step": 1, "cols": []}
        return
    steps = result["response"]["result"]
    for number, (done, error) in enumerate(
        zip(steps["step_results"], steps["step_errors"], strict=True)
    ):
        if done is not None:
            yield {"type": "step_begin", "step": number, "cols": done["cols"]}
            yield from ({"type": "row", "row": row} for row in done["rows"])
            yield {"type": "step_end", **done}
        elif error is not None:
            yield {"type": "step_error", "step": number, "error": error}


def _object(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise not_understood()
    return found


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
