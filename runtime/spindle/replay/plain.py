"""An exchange without what differs each time, so that two of them can be compared.

Texts lose ids and times, headers those that hosts and networks set; bodies that are JSON are read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from spindle.exchange import Json

VOLATILE_HEADERS = frozenset(
    (
        *(
            "age",
            "connection",
            "content-length",
            "date",
            "keep-alive",
            "server",
            "set-cookie",
            "spindle-build",
        ),
        *("spindle-exchange", "traceparent", "tracestate", "via", "x-request-id"),
    )
)
"""What differs although nothing has changed."""

_BODY = frozenset(("size", "kept", "encoding", "data"))
_DAY = 24 * 60 * 60.0
_UNITS = (1, 1e3, 1e6, 1e9)
"""Numbers that may be times count seconds, or thousandths, millionths, billionths of them."""
_PATTERNS = (
    (re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.I), "<uuid>"),
    (
        re.compile(
            r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?(?!\d)", re.I
        ),
        "<time>",
    ),
    (
        re.compile(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\b"),
        "<time>",
    ),
    (re.compile(r"(?<![\w.])(localhost|127\.0\.0\.1|\[::1\]):\d{1,5}\b"), r"\1:<port>"),
)


class Plain(NamedTuple):
    """What is compared of an exchange."""

    output: Any
    trap: Any
    calls: list[Json]


def made_plain(document: Mapping[str, Any]) -> Plain:
    """A document without what differs each time."""
    plain = _Plainer(_started_at(document))
    trap = document.get("trap")
    if trap is not None:
        trap = {"reason": plain.text(str(trap.get("reason", "")))}
    calls = [
        {**call, "args": plain.value(call.get("args")), "result": plain.value(call.get("result"))}
        for call in document.get("calls") or ()
    ]
    return Plain(plain.value(document.get("output")), trap, calls)


def call_name(call: Json) -> str:
    """Interface and function, whatever the interface's version."""
    return f"{str(call.get('interface')).partition('@')[0]}#{call.get('func')}"


def call_key(call: Json) -> str:
    """What a call asks, to know it again by."""
    return f"{call_name(call)} {json.dumps(call.get('args'), sort_keys=True, default=repr)}"


class _Plainer:
    """Makes values plain; `at` is when the exchange began, in seconds since the epoch."""

    def __init__(self, at: float | None) -> None:
        self._at = at

    def value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, int | float):
            return "<time>" if self._is_time(value) else value
        if isinstance(value, Mapping):
            return self._mapping(value)
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        return value

    def text(self, text: str) -> str:
        for pattern, instead in _PATTERNS:
            text = pattern.sub(instead, text)
        return text

    def _mapping(self, value: Mapping[str, Any]) -> Any:
        if value.keys() >= _BODY:
            return self._body(value)
        return {
            key: self._headers(item) if key in ("headers", "trailers") else self.value(item)
            for key, item in value.items()
        }

    def _headers(self, headers: Any) -> Any:
        """Values by lower-case name."""
        if not isinstance(headers, list):
            return self.value(headers)
        named: dict[str, list[str]] = {}
        for name, text in headers:
            if (lower := str(name).lower()) not in VOLATILE_HEADERS:
                named.setdefault(lower, []).append(self.text(str(text)))
        return {name: texts[0] if len(texts) == 1 else texts for name, texts in named.items()}

    def _body(self, body: Mapping[str, Any]) -> Any:
        data = body["data"]
        if body["encoding"] != "utf-8" or body["kept"] != body["size"]:
            return {"size": body["size"], "data": data}
        if data[:1] in ("{", "["):
            try:
                return self.value(json.loads(data))
            except (ValueError, RecursionError):
                pass
        return self.text(data)

    def _is_time(self, number: float) -> bool:
        """Whether a number may be a moment near the exchange."""
        return self._at is not None and any(
            abs(number - self._at * unit) < _DAY * unit for unit in _UNITS
        )


def _started_at(document: Mapping[str, Any]) -> float | None:
    try:
        return int(str(document.get("id"))[:12], 16) / 1000
    except ValueError:
        return None
