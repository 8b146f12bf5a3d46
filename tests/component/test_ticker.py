"""Engines are ticked while guests run in them, and left alone while none does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from wasmtime import wat2wasm

from spindle.component import run_queue
from spindle.component.core import CoreType, Engine, Store
from spindle.component.run_queue import Ticker

PATIENCE = 30.0

LOOP = """
(module
  (func (export "for-long") (result i32) (local $n i32)
    (loop $again
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $again (i32.ne (local.get $n) (i32.const 0))))
    (local.get $n)))
"""


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.002)


def later_than(engine: Engine, ticks: int) -> bool:
    return engine.ticks > ticks


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def ticker(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ticker]:
    monkeypatch.setattr(run_queue, "IDLE_TICKS", 2)
    ticker = Ticker()
    ticker.add(engine)
    yield ticker
    ticker.stop()


def test_nobody_ticks_where_nothing_runs(engine: Engine, ticker: Ticker) -> None:
    wait_for(lambda: engine.sleepers)
    before = engine.ticks
    time.sleep(20 * run_queue.TICK)
    assert engine.ticks == before


def test_a_slice_wakes_who_ticks(engine: Engine, ticker: Ticker) -> None:
    for _ in range(50):
        wait_for(lambda: engine.sleepers)
        before = engine.ticks
        engine.begin_slice()
        wait_for(partial(later_than, engine, before))


def test_another_engine_wakes_who_ticks(engine: Engine, ticker: Ticker) -> None:
    wait_for(lambda: engine.sleepers)
    another = Engine()
    ticker.add(another)
    wait_for(lambda: another.ticks)


def test_each_of_two_who_tick_one_engine_wakes(engine: Engine, ticker: Ticker) -> None:
    second = Ticker()
    second.add(engine)
    wait_for(lambda: len(engine.sleepers) == 2)
    ticker.stop()
    wait_for(lambda: len(engine.sleepers) == 1)
    before = engine.ticks
    engine.begin_slice()
    wait_for(lambda: engine.ticks > before)
    second.stop()


def test_a_guest_that_wakes_who_ticks_gives_way(engine: Engine, ticker: Ticker) -> None:
    wait_for(lambda: engine.sleepers)
    store = Store(engine)
    instance = store.instantiate(engine.compile(bytes(wat2wasm(LOOP))), [])
    function = instance.export("for-long")
    assert function is not None
    wait_for(lambda: engine.sleepers)
    call = store.call(function, CoreType((), ("i32",)), ())
    slices = 1
    while not call.poll():
        slices += 1
    assert call.results == (0,)
    assert slices > 1
    store.close()
