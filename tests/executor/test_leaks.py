"""Thousands of requests leave nothing behind."""

from __future__ import annotations

import gc
import http.client
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.executor.harness import Running, serving

from spindle.component.core.callbacks import stores
from spindle.component.core.trampolines import targets
from spindle.executor import Fixed, Policy

ROOM = 32 << 20
"""Bytes by which a process may grow although nothing leaks."""

BATCHES = 5
"""What leaks grows with each batch; what earlier tests left to be compiled behind does not."""


def ask(running: Running, times: int) -> None:
    client = http.client.HTTPConnection("127.0.0.1", running.port)
    with closing(client):
        for _ in range(times):
            client.request("GET", "/")
            client.getresponse().read()


def resident() -> int:
    """Bytes of this process in memory; 0 where nobody tells."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * 4096 if statm.exists() else 0


@pytest.mark.parametrize(
    ("name", "reuse", "requests"),
    [
        ("wat/hello", 1, 2000),
        ("wat/traps", 1, 2000),
        ("wat/answers-twice", 128, 2000),
        ("rust-p2", 1, 2000),
        ("rust-p3", 1, 1000),
        ("rust-p3", 128, 2000),
        ("service", 1, 200),
        ("service", 128, 2000),
    ],
)
def test_memory_does_not_grow(
    guest: Callable[[str], Path], name: str, reuse: int, requests: int
) -> None:
    policy = Policy(reuse_count=Fixed(reuse), idle_timeout=Fixed(0))
    others = {*stores}, {*targets}  # of tests that ran before in this process
    with serving({"root": guest(name)}, policy) as running:
        ask(running, requests // 4)
        forget(running)
        assert any(growth(running, requests) < ROOM for _ in range(BATCHES))
    gc.collect()
    assert {*stores} <= others[0]
    assert {*targets} <= others[1]


def growth(running: Running, requests: int) -> int:
    """Bytes by which this process has grown after so many requests."""
    before = resident()
    ask(running, requests)
    forget(running)
    return resident() - before


def forget(running: Running) -> None:
    """Let go of what tests keep, so that only what the host keeps is left."""
    running.exchanges.clear()
    running.errors.clear()
    running.failures.clear()
    running.output.clear()
    gc.collect()
