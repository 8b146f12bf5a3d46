"""What filters may ask about: the words before an operator."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from spindle.exchange.filters import documents, values
from spindle.exchange.filters.values import Notation
from spindle.exchange.record import Json
from spindle.exchange.summary import Summary


class Field(NamedTuple):
    """One of them. What kind it is says which of its last three parts it has."""

    name: str
    help: str
    of: Callable[[Summary], str | float | None]
    """Its value; of what lies in documents, how much of that there is, or None."""
    column: str = ""
    """That in SQL."""
    notation: Notation | None = None
    """How its numbers are written; None for a text."""
    inside: Callable[[Json], Iterator[str]] | None = None
    """The texts of a document it is about."""
    parts: tuple[str, ...] = ()
    """Where in a document these are."""
    unpacked: bytes = b""
    """What of these texts is none where a document is packed."""
    in_pieces: bool = False
    """Whether words of these texts can be in pieces where a document is packed: guests write parts
    of lines."""

    @property
    def operators(self) -> tuple[str, ...]:
        """What it can be compared by."""
        if self.notation is None:
            return (":", "=", "!=", "~")
        return (":", "=", "!=", ">", ">=", "<", "<=")


def _nowhere(_summary: Summary) -> None:
    return None


_FIELDS = (
    Field("status", "the response's status", lambda s: s.status, "status", values.STATUS),
    Field("method", "the request's method", lambda s: s.method, "method"),
    Field("path", "the request's path and query", lambda s: s.path, "path"),
    Field("host", "whom the request was for", lambda s: s.host, "host"),
    Field("route", "the route, channel or function it was aimed at", lambda s: s.target, "target"),
    Field("component", "the component that served it", lambda s: s.component, "component"),
    Field("slow", "how long it took", lambda s: s.took, "took", values.DURATION),
    Field(
        "size",
        "bytes that went in and out",
        lambda s: s.received + s.sent,
        "(received + sent)",
        values.SIZE,
    ),
    Field("in", "bytes that went in", lambda s: s.received, "received", values.SIZE),
    Field("out", "bytes that came out", lambda s: s.sent, "sent", values.SIZE),
    Field("at", "when it began", lambda s: s.at, "at", values.MOMENT),
    Field("trap", "why the guest was stopped", lambda s: s.trap, "trap"),
    Field("calls", "how many host calls it made", lambda s: s.calls, "calls", values.COUNT),
    Field("logs", "how often it wrote output", lambda s: s.logs, "logs", values.COUNT),
    Field("trigger", "the trigger's type", lambda s: s.trigger, "trigger"),
    Field("build", "the build that served it", lambda s: s.build, "build"),
    Field("instance", "which instance served it", lambda s: s.instance, "instance", values.COUNT),
    Field("id", "its id", lambda s: s.id, "id"),
    Field("parent", "the exchange that called it", lambda s: s.parent, "parent"),
    Field("replay", "the exchange that it repeats", lambda s: s.replay_of, "replay_of"),
    Field(
        "body",
        "what went in or came out",
        _nowhere,
        inside=documents.bodies,
        parts=("input", "output"),
        unpacked=b"inf nan",  # numbers that JSON has none for
    ),
    Field(
        "header",
        "a header of request or response: its name, or all of it",
        _nowhere,
        inside=documents.headers,
        parts=("input", "output"),
    ),
    Field(
        "log",
        "a line of the guest's output",
        lambda s: s.logs,
        "logs",
        inside=documents.log_lines,
        parts=("logs",),
        in_pieces=True,
    ),
    Field(
        "call",
        "a host call: its interface, function, or both joined by `#`",
        lambda s: s.calls,
        "calls",
        inside=documents.calls,
        parts=("calls",),
    ),
)
FIELDS: Mapping[str, Field] = {field.name: field for field in _FIELDS}
FAILED = "failed"
"""The word, without an operator, for what ended in a trap or a server error."""
FAILED_HELP = "ended in a trap or a server error"
FAILED_SQL = "(trap IS NOT NULL OR status >= 500)"
