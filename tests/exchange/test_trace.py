"""Traces: what is kept, and how much."""

from __future__ import annotations

import json

from spindle.exchange import Exchange
from spindle.exchange.packing import pack, pack_bare, unpack
from spindle.exchange.trace import LEFT_OUT, MOST_BYTES, MOST_CALLS


def test_calls_are_kept_in_the_order_they_began() -> None:
    exchange = Exchange("http", "/", "api")
    outer = exchange.tracing().begin("a:b/c", "outer", [1], None)
    exchange.tracing().begin("a:b/c", "inner", [], "part")("result", {"ok": 2})
    exchange.tracing().begin("a:b/c", "lost", [], None)
    outer("trap", "no")
    exchange.finish()
    document = unpack(pack(exchange))
    calls = document["trace"]
    assert isinstance(calls, list)
    assert [call["func"] for call in calls] == ["outer", "inner", "lost"]
    assert [call["took"] is None for call in calls] == [False, False, True]
    assert calls[0]["trap"] == "no"
    assert calls[1]["result"] == {"ok": 2}
    assert calls[1]["dependency"] == "part"


def test_a_trace_is_bounded() -> None:
    exchange = Exchange("http", "/", "api")
    for _ in range(MOST_CALLS + 10):
        exchange.tracing().begin("a:b/c", "d", ["x" * 10_000], None)("result", None)
    exchange.finish()
    document = exchange.to_json()
    calls = document["trace"]
    assert isinstance(calls, list)
    assert len(calls) == MOST_CALLS
    assert calls[-1]["args"] == LEFT_OUT
    assert len(json.dumps([call["args"] for call in calls])) < MOST_BYTES + 10 * MOST_CALLS
    assert document["truncated"] == ["trace"]


def test_an_exchange_without_details_has_no_trace() -> None:
    exchange = Exchange("http", "/", "api")
    exchange.tracing().begin("a:b/c", "d", [], None)
    exchange.finish()
    document = unpack(pack_bare(exchange))
    assert "trace" not in document
    assert document["truncated"] == ["trace"]
