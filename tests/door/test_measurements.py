"""Requests that are measured, and builds that are told of."""

from __future__ import annotations

from pathlib import Path

import pytest

from spindle.door import EmbeddedApp
from spindle.door.build_lines import BuildTeller
from spindle.errors import UserError
from spindle.events import Bus, EventKind


def test_a_request_is_measured(app: EmbeddedApp) -> None:
    bench = app.bench("GET /hello", 5, concurrency=2)
    assert (len(bench.times), bench.failed, bench.other) == (5, 0, None)
    assert app.bench("/status?code=500", 2).failed == 2
    with pytest.raises(UserError, match="one request at least"):
        app.bench("GET /hello", 0)


def test_a_request_is_measured_against_another_build(app: EmbeddedApp, manifest: Path) -> None:
    wasm = manifest.read_text().partition('source = "')[2].partition('"')[0]
    bench = app.bench("GET /hello", 3, against=wasm)
    assert bench.other is not None
    assert [len(each.times) for each in (bench, bench.other)] == [3, 3]
    assert all(took > 0 for took in (*bench.times, *bench.other.times))
    assert "against" in repr(bench)
    with pytest.raises(UserError, match="one request at least"):
        app.bench("GET /hello", 0, against=wasm)


def test_builds_are_told_of_in_lines() -> None:
    bus, told = Bus(), list[str]()
    bus.join(BuildTeller(told.append), BuildTeller.KINDS)
    bus.publish(EventKind.BUILD_STARTED, {"components": ["a", "b"]})
    ended = {"ok": True, "fresh": False, "took": 1.25, "reason": ""}
    bus.publish(EventKind.BUILD_FINISHED, {"component": "a", **ended})
    bus.publish(EventKind.BUILD_FINISHED, {"component": "a", **ended, "fresh": True})
    failed = {**ended, "ok": False, "reason": "it ended with status 1"}
    bus.publish(EventKind.BUILD_FINISHED, {"component": "b", **failed})
    assert told == [
        "building `a`, `b` …",
        "`a` was built in 1.2 s",
        "`a` is as its sources are",
        "`b` was not built: it ended with status 1",
    ]
