"""The record of one invocation of a guest: what went in, what came out, and what it did between.

An `Exchange` is written by whoever runs the invocation, on one thread, until `finish`; from then
on it is only read. Writing appends to lists and keeps references, so that a request pays little
for being recorded; `to_json` does the converting when somebody looks. Everything kept is bounded,
and `truncated` names what did not fit.

The JSON form is version 1 of the exchange format, the one that files, the control endpoint and
front ends speak.
"""

from __future__ import annotations

import base64
import codecs
import itertools
import math
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from spindle.exchange.trace import Trace

VERSION = 1

BODY_LIMIT = 64 * 1024
"""Bytes kept of one body, argument or result."""
LOG_LIMIT = 64 * 1024
"""Bytes kept of what a guest wrote to stdout and stderr together."""
CALL_LIMIT = 1000
"""Host calls kept of one invocation."""

Json = dict[str, object]

_SALT = f"{secrets.randbits(20):05x}"
_count = itertools.count()


def new_id() -> str:
    """A unique id, 22 hex digits; ids sort by time and hold it (`Exchange.started_at`)."""
    return f"{time.time_ns() // 1_000_000:012x}{_SALT}{next(_count) & 0xFFFFF:05x}"


class Body:
    """A bounded copy of bytes that went by: the first `limit` of them, and how many there were."""

    __slots__ = ("_chunks", "kept", "limit", "size")

    def __init__(self, limit: int = BODY_LIMIT) -> None:
        self._chunks: list[bytes] = []
        self.limit = limit
        self.size = 0
        self.kept = 0

    @classmethod
    def of(cls, data: bytes, limit: int = BODY_LIMIT) -> Body:
        """A body that is already whole."""
        body = cls(limit)
        body.add(data)
        return body

    def add(self, chunk: bytes) -> None:
        """Note the next bytes."""
        self.size += len(chunk)
        room = self.limit - self.kept
        if room <= 0 or not chunk:
            return
        if len(chunk) > room:
            chunk = bytes(chunk[:room])
        self._chunks.append(chunk)
        self.kept += len(chunk)

    @property
    def truncated(self) -> bool:
        """Whether some of it was not kept."""
        return self.kept < self.size

    @property
    def data(self) -> bytes:
        """The bytes kept."""
        if len(self._chunks) > 1:
            self._chunks = [b"".join(self._chunks)]
        return self._chunks[0] if self._chunks else b""

    def to_json(self) -> Json:
        """`{size, kept, encoding, data}`: text where the bytes are UTF-8, else base64."""
        data = self.data
        try:
            # A character cut by the bound is left out, so that text stays text.
            text = codecs.getincrementaldecoder("utf-8")().decode(data, not self.truncated)
        except UnicodeDecodeError:
            encoded = base64.b64encode(data).decode("ascii")
            return {"size": self.size, "kept": self.kept, "encoding": "base64", "data": encoded}
        kept = len(text.encode())
        return {"size": self.size, "kept": kept, "encoding": "utf-8", "data": text}


def bytes_of(body: Mapping[str, Any]) -> bytes:
    """The bytes kept of a body in its JSON form; raises `ValueError`."""
    if body["encoding"] == "base64":
        return base64.b64decode(body["data"], validate=True)
    text: str = body["data"]
    return text.encode("utf-8", "surrogateescape")


class Secret:
    """Stands for a value that must not be recorded."""

    # No dataclass: those are packed by their fields, and then it would be a value like any other.
    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class Call(NamedTuple):
    """One call of a host interface; times are nanoseconds, `at` since the exchange began."""

    interface: str
    func: str
    at: int
    took: int
    args: object
    result: object
    dependency: str | None = None
    """Which of the component's dependencies called; None for the component itself."""


class Frame(NamedTuple):
    """One frame of a guest's stack; lines and columns begin at 1, None where unknown."""

    function: str
    file: str | None = None
    line: int | None = None
    column: int | None = None


class Traceback(NamedTuple):
    """What a guest's language says of a failure, innermost frame first."""

    language: str
    message: str
    frames: tuple[Frame, ...] = ()


class Trap(NamedTuple):
    """Why a guest was stopped, and where, innermost frame first."""

    reason: str
    frames: tuple[Frame, ...] = ()
    export: str | None = None
    """What was called: `interface#function`."""
    traceback: Traceback | None = None
    """If the guest printed one."""
    dependency: str | None = None
    """What of the component's dependencies and middleware failed, if not the component itself."""


class Write(NamedTuple):
    """What a guest wrote at once; `at` is nanoseconds since the exchange began."""

    stream: str
    """`stdout` or `stderr`."""
    at: int
    data: bytes


class Recorded(Protocol):
    """A recording of all that a host tells a guest."""

    @property
    def truncated(self) -> bool:
        """Whether something was left out."""
        ...

    def to_json(self) -> Json:
        """The recording."""
        ...


HeaderFields = Sequence[tuple[bytes, bytes]]


class HttpInput:
    """The request as the guest got it; its headers must not change any more."""

    __slots__ = ("authority", "body", "headers", "method", "path_with_query", "scheme")

    def __init__(
        self,
        method: str,
        scheme: str,
        authority: str | None,
        path_with_query: str,
        headers: HeaderFields,
    ) -> None:
        self.method = method
        self.scheme = scheme
        self.authority = authority
        self.path_with_query = path_with_query
        self.headers = headers
        self.body = Body()

    def to_json(self) -> Json:
        return {
            "method": self.method,
            "scheme": self.scheme,
            "authority": self.authority,
            "path_with_query": self.path_with_query,
            "headers": _headers(self.headers),
            "body": self.body.to_json(),
        }


class HttpOutput:
    """The response as the guest gave it; its headers must not change any more."""

    __slots__ = ("body", "headers", "status", "trailers")

    def __init__(self, status: int, headers: HeaderFields) -> None:
        self.status = status
        self.headers = headers
        self.body = Body()
        self.trailers: HeaderFields | None = None

    def to_json(self) -> Json:
        return {
            "status": self.status,
            "headers": _headers(self.headers),
            "body": self.body.to_json(),
            "trailers": None if self.trailers is None else _headers(self.trailers),
        }


class Exchange:
    """One invocation: an HTTP request, a message, or a direct call.

    `input` and `output` are `HttpInput` and `HttpOutput` for HTTP, else any value that `to_json`
    understands; `output` stays None when the guest gave no answer.
    """

    __slots__ = (
        "_began",
        "_log_room",
        "_marks",
        "_skipped",
        "build",
        "calls",
        "component",
        "id",
        "input",
        "instance",
        "line",
        "output",
        "parent",
        "recorded",
        "replay_of",
        "target",
        "took",
        "trace",
        "traceback",
        "trap",
        "trigger",
        "writes",
    )

    def __init__(
        self,
        trigger: str,
        target: str,
        component: str | None,
        input: object = None,
        *,
        build: str | None = None,
        parent: str | None = None,
    ) -> None:
        self._began = time.perf_counter_ns()
        self.id = new_id()
        self.trigger = trigger
        """The trigger's type: `http`, `redis`, `call`, …"""
        self.target = target
        """What it was aimed at: a route, a channel, a function."""
        self.component = component
        """The component's id; None where the host answered by itself."""
        self.build = build
        """The build id of what served it."""
        self.parent = parent
        """The id of the exchange that called this one."""
        self.replay_of: str | None = None
        """The id of the exchange that this one repeats."""
        self.recorded: Recorded | None = None
        """All that the host told the guest, if that was asked for."""
        self.trace: Trace | None = None
        """What the guest called, if that was asked for; see `tracing`."""
        self.instance: int | None = None
        """Which instance served it, counted from 1 since the host began."""
        self.input = input
        self.output: object = None
        self.trap: Trap | None = None
        self.traceback: Traceback | None = None
        """What the guest printed of a failure that it answered itself, with a server error."""
        self.took: int | None = None
        """Nanoseconds from beginning to end, once finished."""
        self.line: object = None
        """What a list shows of it, kept once it has finished: see `summary_of`."""
        self.calls: list[Call] = []
        self.writes: list[Write] = []
        self._marks: list[tuple[str, int]] = []
        self._log_room = LOG_LIMIT
        self._skipped: set[str] | None = None

    @property
    def now(self) -> int:
        """Nanoseconds since the exchange began."""
        return time.perf_counter_ns() - self._began

    @property
    def started_at(self) -> float:
        """Seconds since the epoch, to the millisecond."""
        return int(self.id[:12], 16) / 1000

    def mark(self, phase: str) -> None:
        """Say that a phase ended now; it began where the one before it ended."""
        self._marks.append((phase, time.perf_counter_ns()))

    def call(
        self,
        interface: str,
        func: str,
        at: int,
        args: object,
        result: object,
        dependency: str | None = None,
    ) -> None:
        """Note a host call that began `at` (see `now`) and ended now.

        `args` and `result` are kept as they are: pass copies of what may change, `Body` for bytes
        of any size, `Secret` for what must not be seen.
        """
        if len(self.calls) < CALL_LIMIT:
            call = Call(interface, func, at, self.now - at, args, result, dependency)
            self.calls.append(call)
        else:
            self._skip("calls")

    def write(self, stream: str, data: bytes) -> None:
        """Note what the guest wrote to `stdout` or `stderr`."""
        if len(data) > self._log_room:
            data = data[: self._log_room]
            self._skip("logs")
        if data:
            self._log_room -= len(data)
            self.writes.append(Write(stream, self.now, data))

    def tracing(self) -> Trace:
        """The trace, to note a call on."""
        if self.trace is None:
            self.trace = Trace(self._began)
        return self.trace

    def finish(self, trap: Trap | None = None) -> None:
        """End the exchange; a second call changes nothing."""
        if self.took is None:
            self.took = self.now
            self.trap = trap

    def _skip(self, part: str) -> None:
        if self._skipped is None:
            self._skipped = set()
        self._skipped.add(part)

    @property
    def phases(self) -> dict[str, int]:
        """Nanoseconds each phase took; a phase entered twice counts together."""
        phases: dict[str, int] = {}
        before = self._began
        for phase, end in self._marks:
            phases[phase] = phases.get(phase, 0) + end - before
            before = end
        return phases

    @property
    def truncated(self) -> list[str]:
        """The parts of which something was not kept, sorted."""
        cut = set(self._skipped or ())
        for name, message in (("input", self.input), ("output", self.output)):
            parts = message if isinstance(message, Mapping) else {}
            if isinstance(message, HttpInput | HttpOutput):
                parts = {"body": message.body}
            for key, part in parts.items():
                if isinstance(part, Body) and part.truncated:
                    cut.add(f"{name}.{key}")
        if self.recorded is not None and self.recorded.truncated:
            cut.add("recorded")
        if self.trace is not None and self.trace.truncated:
            cut.add("trace")
        return sorted(cut)

    def log_lines(self) -> Iterator[Write]:
        """What the guest wrote, by lines."""
        return lines_of(self.writes)

    def to_json(self) -> Json:
        """The exchange as version 1 of the format; times in microseconds."""
        phases = {name: _us(ns) for name, ns in self.phases.items()}
        if self.took is not None:
            phases["total"] = _us(self.took)
        asked_for = {"recorded": self.recorded, "trace": self.trace}
        return {
            "v": VERSION,
            "id": self.id,
            "parent": self.parent,
            "replay_of": self.replay_of,
            "build": self.build,
            "component": self.component,
            "instance": self.instance,
            "trigger": {"type": self.trigger, "target": self.target},
            "input": plain_json(self.input),
            "output": plain_json(self.output),
            "phases_us": phases,
            "calls": call_documents(self.calls),
            "logs": log_documents(self.writes),
            "trap": None if self.trap is None else _trap(self.trap),
            "traceback": None if self.traceback is None else _traceback(self.traceback),
            "truncated": self.truncated,
            **{name: part.to_json() for name, part in asked_for.items() if part is not None},
        }


def log_documents(writes: Iterable[Write]) -> list[Json]:
    """What a guest wrote, as a document has it: by lines without their ends."""
    return [
        {"stream": stream, "at": _us(at), "text": data.decode("utf-8", "replace")}
        for stream, at, data in lines_of(writes)
    ]


def call_documents(calls: Iterable[Call]) -> list[Json]:
    """Host calls, as a document has them."""
    return [_call(call) for call in calls]


def lines_of(writes: Iterable[Write]) -> Iterator[Write]:
    """What was written, by lines without their ends, each at the time it began."""
    open_lines: dict[str, Write] = {}
    for stream, at, data in writes:
        first, *rest = data.split(b"\n")
        begun = open_lines.pop(stream, Write(stream, at, b""))
        line = begun._replace(data=begun.data + first)
        for following in rest:
            yield line
            line = Write(stream, at, following)
        if line.data:
            open_lines[stream] = line
    yield from open_lines.values()


def _us(ns: int) -> float:
    return ns / 1000


def _headers(fields: HeaderFields) -> list[list[str]]:
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in fields]


def _call(call: Call) -> Json:
    return {
        "interface": call.interface,
        "func": call.func,
        "dependency": call.dependency,
        "at": _us(call.at),
        "took": _us(call.took),
        "args": plain_json(call.args),
        "result": plain_json(call.result),
    }


def _trap(trap: Trap) -> Json:
    return {
        "reason": trap.reason,
        "frames": [frame._asdict() for frame in trap.frames],
        "export": trap.export,
        "dependency": trap.dependency,
        "traceback": None if trap.traceback is None else _traceback(trap.traceback),
    }


def _traceback(traceback: Traceback) -> Json:
    return {**traceback._asdict(), "frames": [frame._asdict() for frame in traceback.frames]}


def plain_json(value: object) -> object:
    """A value of an exchange as JSON can say it."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case bytes() | bytearray():
            return Body.of(bytes(value)).to_json()
        case Body() | HttpInput() | HttpOutput():
            return value.to_json()
        case Secret():
            return {"secret": value.name}
        case Mapping():
            return {str(key): plain_json(item) for key, item in value.items()}
        case list() | tuple():
            return [plain_json(item) for item in value]
    return repr(value)
