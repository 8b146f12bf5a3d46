"""What the C API lets us do with guest stacks: the experiments the runtime is built on.

Each test is one claim of `docs/decisions/how-a-guest-stack-waits.md`.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest
from wasmtime import wat2wasm

from spindle.component import core
from spindle.component.core import CoreTrap, CoreType, Engine, Extern, Store

NOTHING = CoreType((), ())
UNARY = CoreType(("i32",), ("i32",))

GUEST = """
(module
  (import "h" "wait" (func $wait (param i32) (result i32)))
  (import "h" "now" (func $now (param i32) (result i32)))
  (memory (export "memory") 1 4)
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "wait") (param i32) (result i32)
    (i32.add (i32.const 1) (call $wait (local.get 0))))
  (func (export "now") (param i32) (result i32) (call $now (local.get 0)))
  (func (export "wait-deep") (param i32) (result i32) (local i32)
    (if (i32.eqz (local.get 0)) (then (return (call $wait (i32.const 7)))))
    (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
  (func $deep (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (call $wait (i32.const 7)))))
    (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "poke") (param i32) (result i32)
    (i32.store8 (local.get 0) (i32.const 42)) (i32.const 0))
  (func (export "loop") (loop (br 0)))
  (func (export "trap") unreachable)
  (func $recurse (export "recurse") (call $recurse)))
"""


class Guest:
    """An instance of `GUEST` whose `wait` suspends until the test resumes it."""

    def __init__(self, engine: Engine) -> None:
        self.store = Store(engine)
        wait, *_ = self.store.blocking_functions([(UNARY, self._wait)])
        self.now: Callable[[int], int] = lambda value: value * 2
        now = self.store.host_function(UNARY, lambda value: self.now(value))
        self.instance = self.store.instantiate(engine.compile(bytes(wat2wasm(GUEST))), [wait, now])
        self.store.arm()

    def _wait(self, value: int) -> Generator[Any, Any, Any]:
        if value >= 1000:
            return value
        yield
        return value * 10

    def export(self, name: str) -> Extern:
        extern = self.instance.export(name)
        assert extern is not None
        return extern

    def call(self, name: str, core_type: CoreType, *args: int) -> core.Call:
        return self.store.call(self.export(name), core_type, args)

    def suspended(self, value: int) -> core.Call:
        call = self.call("wait", UNARY, value)
        poll_to_wait(call)
        return call


def poll_to_wait(call: core.Call) -> None:
    while not call.waiting:
        assert not call.poll()


def finish(call: core.Call) -> tuple[core.CoreValue, ...]:
    if call.waiting:
        with pytest.raises(StopIteration) as stop:
            call.pending.send(None)
        call.pending_result = stop.value.value
        call.resume()
    while not call.poll():
        pass
    return call.results


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


@pytest.fixture
def guest(engine: Engine) -> Iterator[Guest]:
    guest = Guest(engine)
    yield guest
    for call in list(guest.store.calls):
        call.cancel()
    guest.store.close()


@pytest.fixture
def ticking(engine: Engine) -> Iterator[None]:
    stopped = threading.Event()

    def run() -> None:
        while not stopped.wait(0.002):
            engine.tick()

    thread = threading.Thread(target=run)
    thread.start()
    yield
    stopped.set()
    thread.join()


def test_a_call_runs_to_its_end(guest: Guest) -> None:
    assert finish(guest.call("add", CoreType(("i32", "i32"), ("i32",)), 1, 2)) == (3,)


def test_a_host_function_that_need_not_wait_costs_no_suspension(guest: Guest) -> None:
    call = guest.call("wait", UNARY, 2000)
    assert finish(call) == (2001,)


def test_many_stacks_of_one_store_wait_and_go_on_in_any_order(guest: Guest) -> None:
    calls = [guest.suspended(number) for number in range(50)]
    order = list(range(50))
    random.Random(1).shuffle(order)
    for number in order:
        assert finish(calls[number]) == (number * 10 + 1,)


def test_a_suspended_stack_keeps_all_its_frames(guest: Guest) -> None:
    call = guest.call("wait-deep", UNARY, 500)
    poll_to_wait(call)
    assert finish(guest.call("now", UNARY, 4)) == (8,)
    assert finish(call) == (570,)


def test_other_calls_run_while_a_stack_waits(guest: Guest) -> None:
    waiting = guest.suspended(1)
    add = guest.store.nested(guest.export("add"), CoreType(("i32", "i32"), ("i32",)))
    assert add(3, 4) == (7,)
    assert finish(waiting) == (11,)


def test_a_host_function_can_start_a_call_that_waits(guest: Guest) -> None:
    inner: list[core.Call] = []

    def now(value: int) -> int:
        inner.append(guest.suspended(value))
        return value

    guest.now = now
    assert finish(guest.call("now", UNARY, 3)) == (3,)
    assert finish(inner[0]) == (31,)


def test_a_guest_that_computes_without_end_yields(guest: Guest, ticking: None) -> None:
    endless = guest.call("loop", NOTHING)
    for _ in range(3):
        assert not endless.poll()
        assert not endless.waiting
    assert finish(guest.call("now", UNARY, 1)) == (2,)
    endless.cancel()


def test_a_call_that_cannot_yield_is_stopped(
    guest: Guest, ticking: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spindle.component.core.callbacks.NESTED_TICKS", 5)
    with pytest.raises(CoreTrap, match="ran out of time"):
        guest.store.nested(guest.export("loop"), NOTHING)()


def test_a_call_that_cannot_wait_traps_when_it_does(guest: Guest) -> None:
    with pytest.raises(CoreTrap, match="must not wait"):
        guest.store.nested(guest.export("wait"), UNARY)(1)


def test_cancelling_unwinds_a_suspended_stack(guest: Guest) -> None:
    call = guest.suspended(1)
    call.cancel()
    assert call not in guest.store.calls
    assert finish(guest.call("now", UNARY, 1)) == (2,)


@pytest.mark.parametrize("others", [0, 3])
def test_stack_overflow_is_a_trap_however_many_stacks_wait(guest: Guest, others: int) -> None:
    waiting = [guest.suspended(number) for number in range(others)]
    with pytest.raises(CoreTrap, match="call stack exhausted"):
        finish(guest.call("recurse", NOTHING))
    with pytest.raises(CoreTrap, match="call stack exhausted"):
        guest.store.nested(guest.export("recurse"), NOTHING)()
    for number, call in enumerate(waiting):
        assert finish(call) == (number * 10 + 1,)


def test_a_trap_names_its_reason_and_frames(guest: Guest) -> None:
    with pytest.raises(CoreTrap, match="unreachable") as caught:
        finish(guest.call("trap", NOTHING))
    assert caught.value.frames


def test_an_exception_of_a_host_function_arrives_as_itself(guest: Guest) -> None:
    def now(value: int) -> int:
        raise KeyError(value)

    guest.now = now
    with pytest.raises(KeyError) as caught:
        finish(guest.call("now", UNARY, 5))
    assert caught.value.args == (5,)


def test_a_view_of_memory_grows_on_request_and_dies_with_its_store(engine: Engine) -> None:
    guest = Guest(engine)
    memory = guest.store.memory(guest.export("memory"))
    before = memory.view
    assert finish(guest.call("grow", UNARY, 2)) == (1,)
    assert len(before) == 65536
    assert len(memory.refresh()) == 3 * 65536
    finish(guest.call("poke", UNARY, 65536))
    assert memory.view[65536] == 42
    finish(guest.call("poke", UNARY, 9))
    assert before[9] == 42, "memories do not move"
    guest.store.close()
    with pytest.raises(ValueError, match="released"):
        memory.view[0]


def test_python_calls_nest_on_a_fiber(guest: Guest) -> None:
    """A callback has room for ordinary Python on the guest's stack."""

    def now(value: int) -> int:
        if value:
            return guest.store.nested(guest.export("now"), UNARY)(value - 1)[0] + 1  # type: ignore[return-value]
        return len(repr([[[[[[[[0]]]]]]]])) + sum(sorted(range(100), key=lambda x: -x))

    guest.now = now
    assert finish(guest.call("now", UNARY, 20)) == (17 + 4950 + 20,)


def test_a_thread_can_poll_what_another_started(guest: Guest) -> None:
    """Not something the runtime does; it is what a host on several cores would need."""
    call = guest.suspended(3)
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(finish(call)))
    thread.start()
    thread.join()
    assert results == [(31,)]


def test_the_interpreter_lock_is_free_while_a_guest_computes(guest: Guest, ticking: None) -> None:
    """Else nothing could interrupt it."""
    count = 0
    done = threading.Event()

    def work() -> None:
        nonlocal count
        while not done.is_set():
            count += 1
            time.sleep(0)

    thread = threading.Thread(target=work)
    thread.start()
    endless = guest.call("loop", NOTHING)
    for _ in range(5):
        endless.poll()
    endless.cancel()
    done.set()
    thread.join()
    assert count > 0
