"""The epoch advances while guests run, however they are entered, and rests while none does."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from spindle.component import run_queue
from spindle.component.core import (
    CoreError,
    CoreTrap,
    CoreType,
    Engine,
    Extern,
    Store,
    in_callback,
    wat_to_wasm,
)
from spindle.component.run_queue import TICK, Ticker

PATIENCE = 60.0
WAKINGS = 100
TICKS = 40
"""Fewer than outside of tests, but more than pass while a busy machine lets a guest wait."""

LOOP = """
(func $loop (local $n i64)
  (loop $again
    (local.set $n (i64.add (local.get $n) (i64.const 1)))
    (br_if $again (i64.lt_u (local.get $n) (i64.const 0x4_0000_0000)))))
"""
"""It takes seconds, and ends: a test that fails should not last for ever."""
EXPORTED = f'(module {LOOP} (export "loop" (func $loop)))'
STARTING = f"(module {LOOP} (start $loop))"
WAITING = f"""(module
  (import "" "wait" (func $wait)) {LOOP}
  (func $start (call $wait) (call $loop)) (start $start))"""
NOTHING = CoreType((), ())


class SliceOverError(Exception):
    """A guest gave way."""


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.001)


def later_than(engine: Engine, ticks: int) -> bool:
    return engine.ticks > ticks


def rest(engine: Engine) -> None:
    """Wait until the epoch no longer advances."""
    ticks = -1
    while ticks != engine.ticks or engine.wanted.is_set():
        ticks = engine.ticks
        time.sleep(20 * TICK)


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture(autouse=True)
def ticker(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ticker]:
    monkeypatch.setattr(run_queue, "TICKS", TICKS)
    ticker = Ticker()
    ticker.add(engine)
    yield ticker
    ticker.stop()


@pytest.fixture
def store(engine: Engine) -> Iterator[Store]:
    store = Store(engine)
    yield store
    store.close()


def loop_of(store: Store) -> Extern:
    instance = store.instantiate(store.engine.compile(wat_to_wasm(EXPORTED)), ())
    loop = instance.export("loop")
    assert loop is not None
    return loop


def enter_on_a_fiber(store: Store) -> None:
    call = store.call(loop_of(store), NOTHING, ())
    rest(store.engine)
    assert not call.poll()
    call.cancel()


def enter_directly(store: Store) -> None:
    def on_slice(_slices: int) -> None:
        raise SliceOverError

    call = store.direct(loop_of(store), NOTHING, on_slice)
    rest(store.engine)
    with pytest.raises(SliceOverError):
        call()


def enter_on_the_stack(store: Store) -> None:
    call = store.nested(loop_of(store), NOTHING)
    rest(store.engine)
    with pytest.raises(CoreTrap, match="ran out of time"):
        call()


def enter_at_its_start(store: Store) -> None:
    module = store.engine.compile(wat_to_wasm(STARTING))
    rest(store.engine)
    with pytest.raises(CoreError, match="ran out of time"):
        store.instantiate(module, ())


def enter_by_returning(store: Store) -> None:
    wait = store.host_function(NOTHING, lambda: rest(store.engine))
    module = store.engine.compile(wat_to_wasm(WAITING))
    with pytest.raises(CoreError, match="ran out of time"):
        store.instantiate(module, (wait,))


@pytest.mark.parametrize(
    "enter",
    [
        enter_on_a_fiber,
        enter_directly,
        enter_on_the_stack,
        enter_at_its_start,
        enter_by_returning,
    ],
)
def test_a_guest_gives_way_that_is_entered_when_nobody_ticks(
    enter: Callable[[Store], None], store: Store
) -> None:
    enter(store)


def test_interrupts_are_not_raised_where_the_engine_would_lose_them(
    engine: Engine, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, within = Engine.begin_slice, []

    def begin_and_look(engine: Engine) -> None:
        within.append(in_callback(sys._getframe()))
        begin(engine)

    monkeypatch.setattr(Engine, "begin_slice", begin_and_look)
    call = store.call(loop_of(store), NOTHING, ())
    within.clear()
    assert not call.poll()
    call.cancel()
    assert within == [False, True]  # before the guest runs, and when its slice is over


def test_nobody_ticks_where_nothing_runs(engine: Engine) -> None:
    wait_for(lambda: engine.ticks == TICKS)
    time.sleep(20 * TICK)
    assert engine.ticks == TICKS


def test_no_slice_is_missed_however_soon_it_begins(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_queue, "TICKS", 1)
    loop = loop_of(store)
    for number in range(WAKINGS):
        call = store.call(loop, NOTHING, ())
        assert not call.poll()
        call.cancel()
        time.sleep(number * TICK / WAKINGS)


def test_another_engine_wakes_who_ticks(engine: Engine, ticker: Ticker) -> None:
    rest(engine)
    another = Engine()
    ticker.add(another)
    wait_for(lambda: another.ticks)
    rest(another)
    for each in (engine, another):
        before = engine.ticks
        each.begin_slice()
        wait_for(partial(later_than, engine, before))
        rest(engine)
