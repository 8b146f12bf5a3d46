"""What a list shows of an exchange: one line of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from spindle.exchange.record import Body, Exchange, HttpInput, HttpOutput, Json


class Summary(NamedTuple):
    """One exchange in a line; its fields are those that filters name.

    What an exchange has none of is None: a message has no status, a host's own answer no component.
    """

    id: str
    at: float
    """When it began: seconds since the epoch."""
    trigger: str
    target: str
    """A route, a channel, a function."""
    component: str | None
    build: str | None
    instance: int | None
    method: str | None
    path: str | None
    """Path and query of a request."""
    host: str | None
    """Whom a request was for: its authority."""
    status: int | None
    took: float | None
    """Microseconds from beginning to end; None while it is under way."""
    received: int
    """Bytes of what went in."""
    sent: int
    """Bytes of what came out."""
    calls: int
    """Host calls that were kept."""
    logs: int
    """Writes to stdout and stderr that were kept."""
    trap: str | None
    """Why the guest was stopped."""
    parent: str | None
    """The exchange that called this one."""
    replay_of: str | None
    """The exchange that this one repeats."""

    @property
    def failed(self) -> bool:
        """Whether there was a trap, or the answer is a server error."""
        return self.trap is not None or (self.status or 0) >= 500


def summary_of(exchange: Exchange) -> Summary:
    """The line of an exchange as it is now; of one that has finished it is made once."""
    if isinstance(exchange.line, Summary):
        return exchange.line
    summary = _summary_of(exchange)
    if exchange.took is not None:
        exchange.line = summary
    return summary


def _summary_of(exchange: Exchange) -> Summary:
    put, got, took, trap = exchange.input, exchange.output, exchange.took, exchange.trap
    method = path = host = status = None
    if isinstance(put, HttpInput):
        method, path, host = put.method, put.path_with_query, put.authority
    if isinstance(got, HttpOutput):
        status = got.status
    # Every request pays for this: `Summary(…)` would take three times as long as a tuple.
    line = (
        exchange.id,
        exchange.started_at,
        exchange.trigger,
        exchange.target,
        exchange.component,
        exchange.build,
        exchange.instance,
        method,
        path,
        host,
        status,
        None if took is None else took / 1000,
        _size(put),
        _size(got),
        len(exchange.calls),
        len(exchange.writes),
        None if trap is None else trap.reason,
        exchange.parent,
        exchange.replay_of,
    )
    return tuple.__new__(Summary, line)


def summary_of_document(document: Json) -> Summary:
    """The line of a document; raises `LookupError`, `TypeError` or `ValueError`."""
    read: Any = document
    put, got = (
        part if isinstance(part, Mapping) else {} for part in (read["input"], read["output"])
    )
    return Summary(
        read["id"],
        int(read["id"][:12], 16) / 1000,
        read["trigger"]["type"],
        read["trigger"]["target"],
        read["component"],
        read.get("build"),
        read.get("instance"),
        put.get("method"),
        put.get("path_with_query"),
        put.get("authority"),
        got.get("status"),
        read["phases_us"].get("total"),
        _size(put),
        _size(got),
        len(read["calls"]),
        len(read["logs"]),
        None if read["trap"] is None else read["trap"]["reason"],
        read.get("parent"),
        read.get("replay_of"),
    )


def _size(message: object) -> int:
    """Bytes of the bodies of a message."""
    if isinstance(message, (HttpInput, HttpOutput)):
        return message.body.size
    if isinstance(message, Mapping):
        if "size" in message and "encoding" in message:
            return int(message["size"])
        return sum(_size(part) for part in message.values())
    if isinstance(message, Body):
        return message.size
    return len(message) if isinstance(message, bytes | bytearray) else 0
