"""Which trace an invocation is part of.

The ids follow from the exchange's, so that whoever needs them before it is over finds the same.
Spec: https://www.w3.org/TR/trace-context/
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import NamedTuple

from spindle.exchange import Exchange, HttpInput
from spindle.factors.otel.sizes import SPAN_ID, TRACE_ID

_TRACEPARENT = re.compile(rb"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_SAMPLED = 1


class TraceContext(NamedTuple):
    """A trace, and in it the spans of one invocation."""

    trace_id: bytes
    parent_id: bytes
    """The client's span; empty if this is where the trace begins."""
    sampled: bool
    request_id: bytes
    """The span of the whole invocation."""
    guest_id: bytes
    """The span of the guest's work, within it."""


def context_of(exchange: Exchange) -> TraceContext:
    """The trace that the client says, or one of its own."""
    trace_id, parent_id, sampled = _own(exchange, "trace", TRACE_ID), b"", True
    if (said := _traceparent(exchange)) is not None:
        trace_id, parent_id, sampled = said
    return TraceContext(
        trace_id,
        parent_id,
        sampled,
        _own(exchange, "request", SPAN_ID),
        _own(exchange, "guest", SPAN_ID),
    )


def _own(exchange: Exchange, what: str, size: int) -> bytes:
    return blake2b(f"{exchange.id} {what}".encode(), digest_size=size).digest()


def _traceparent(exchange: Exchange) -> tuple[bytes, bytes, bool] | None:
    if not isinstance(exchange.input, HttpInput):
        return None
    values = [value for name, value in exchange.input.headers if name.lower() == b"traceparent"]
    found = _TRACEPARENT.fullmatch(values[0].strip()) if len(values) == 1 else None
    if found is None or not (found[1].strip(b"0") and found[2].strip(b"0")):
        return None
    trace_id, parent_id, flags = (bytes.fromhex(group.decode()) for group in found.groups())
    return trace_id, parent_id, bool(flags[0] & _SAMPLED)
