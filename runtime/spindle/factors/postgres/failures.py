"""What goes wrong with PostgreSQL, in the words of Spin's interfaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from spindle.factors.rdbms import DatabaseError

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

_SEVERITY, _CODE, _MESSAGE, _DETAIL, _HINT = map(ord, "SCMDH")
_EXTRAS = {
    "column": "c", "constraint": "n", "routine": "R", "hint": "H", "table": "t", "datatype": "d",
    "schema": "s", "file": "F", "line": "L", "where_": "W",
}  # fmt: skip
"""What Spin calls an error's other fields, and the protocol's letters for them."""


class DbError(NamedTuple):
    """The record `db-error`."""

    as_text: str
    severity: str
    code: str
    message: str
    detail: str | None
    extras: list[tuple[str, str]]


def connection_failed(reason: str) -> DatabaseError:
    """There is no connection."""
    return DatabaseError("connection-failed", reason)


def query_failed(reason: str) -> DatabaseError:
    """A statement could not be run, or its result not be read, as the host sees it."""
    return DatabaseError("query-failed", reason)


def closed() -> DatabaseError:
    """The connection was lost before."""
    return query_failed("the connection to the server is closed")


def from_result(result: PGresult) -> DatabaseError:
    """A statement failed, as the server tells it; or libpq, if the connection is lost."""

    def field(letter: int) -> str | None:
        value = result.error_field(letter)
        return None if value is None else value.decode(errors="replace")

    code, message = field(_CODE), field(_MESSAGE)
    if code is None or message is None:
        return query_failed(" ".join(result.get_error_message("utf-8").split()))
    severity, detail, hint = field(_SEVERITY) or "ERROR", field(_DETAIL), field(_HINT)
    lines = [f"{severity}: {message} ({code})"]
    lines += [f"DETAIL: {detail}"] if detail else []
    lines += [f"HINT: {hint}"] if hint else []
    text = "\n".join(lines)
    extras = [(name, value) for name, key in _EXTRAS.items() if (value := field(ord(key)))]
    return DatabaseError(
        "query-failed", text, DbError(text, severity, code, message, detail, extras)
    )


def spelled_4(error: DatabaseError) -> Any:
    """The `error` of version 4."""
    if error.case != "query-failed":
        return error.case, error.reason
    if error.detail is None:
        return "query-failed", ("text", error.reason)
    return "query-failed", ("db-error", error.detail)
