"""What the component runtime costs by itself, in this process and without a server."""

import gc
import hashlib
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.apps import guest
from wasmtime import wat2wasm

from spindle.component.component import Component, plan_bytes
from spindle.component.core import Engine
from spindle.component.ends import HostFuture
from spindle.component.exports import Func
from spindle.component.plan_cache import PlanCache
from spindle.wasm.decoder import decode
from spindle.wasm.validator import component_type

TASKS = 1000
REPEATS = 5


class Figure(NamedTuple):
    """What something costs, and what something else does in the same run."""

    what: str
    value: float
    unit: str
    most: float
    beside: str
    other: float


def figure_line(figure: Figure) -> str:
    """A figure's line."""
    mark = "✓" if figure.value < figure.most else "✗"
    ratio = f"{figure.value / figure.other:.2f} times {figure.beside}"
    return f"{figure.what} takes {figure.value:.3g} {figure.unit} {mark} ({ratio})"


def runtime_figures() -> Iterator[Figure]:
    """Planning a large component, and many tasks that wait in one instance."""
    yield from _waiting()  # first, while there is no room that something else has left
    yield from _planning(guest("python").read_bytes())


def _planning(data: bytes) -> Iterator[Figure]:
    engine = Engine()
    size = f"{len(data) / 1e6:.0f} MB"
    digest = _least(lambda: hashlib.sha256(data).digest())
    plan = _least(lambda: plan_bytes(data, engine))
    yield Figure(f"planning a component of {size}", plan, "ms", 150, "its SHA-256", digest)
    tree = decode(data)
    validated = _least(lambda: component_type(tree, data))
    share = 100 * validated / plan
    yield Figure("of which validation", share, "% of planning", 10, "the goal", 10)
    with tempfile.TemporaryDirectory() as directory:
        plans, name = PlanCache(Path(directory)), hashlib.sha256(data).hexdigest()
        plans.store(name, plan_bytes(data, engine))
        cached = _least(lambda: plans.load(name))
    yield Figure(f"a plan of {size} from the cache", cached, "ms", 10, "planning", plan)


def _waiting() -> Iterator[Figure]:
    wait = Component.load(bytes(wat2wasm(WAITS))).instantiate().func("wait")
    for _ in range(20):  # makes the trampolines, and room in tables
        _wake(wait, _begin(wait))
    alone = min(_wake(wait, _begin(wait)) for _ in range(REPEATS))
    gc.collect()
    before = _resident()
    futures = [_begin(wait) for _ in range(TASKS)]
    taken = _resident() - before
    each = taken / TASKS * 1e6
    what = f"{TASKS} waiting tasks of one instance"
    yield Figure(f"room for {what}", taken, "MB", 10, "1 KB for each", each / 1000)
    woken = min(_wake(wait, futures[-1 - 100 * n]) for n in range(REPEATS))
    yield Figure(f"waking one of {what}", woken, "ms", 1, "waking one alone", alone)


def _begin(wait: Func) -> HostFuture:
    future = HostFuture()
    wait.start([future], lambda _result: None)
    while wait.store.run():
        pass
    return future


def _wake(wait: Func, future: HostFuture) -> float:
    """Milliseconds from the value's arrival until the guest has nothing more to do."""

    def wake() -> None:
        future.resolve(7)
        while wait.store.run():
            pass

    return _time(wake)


def _least(action: Callable[[], object]) -> float:
    return min(_time(action) for _ in range(REPEATS))


def _time(action: Callable[[], object]) -> float:
    """Milliseconds of processor time."""
    started = time.process_time_ns()
    action()
    return (time.process_time_ns() - started) / 1e6


def _resident() -> float:
    """Megabytes of this process in memory (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


WAITS = """(component
  (core module $Memory (memory (export "memory") 1))
  (core instance $memory (instantiate $Memory))
  (type $F (future u32))
  (canon task.return (result u32) (core func $return))
  (canon future.read $F async (memory (core memory $memory "memory")) (core func $read))
  (canon future.drop-readable $F (core func $drop))
  (canon waitable-set.new (core func $set))
  (canon waitable-set.drop (core func $set-drop))
  (canon waitable.join (core func $join))
  (canon context.set i32 0 (core func $context.set))
  (canon context.get i32 0 (core func $context.get))
  (core module $M
    (import "" "memory" (memory 1))
    (import "" "return" (func $return (param i32)))
    (import "" "read" (func $read (param i32 i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (import "" "set" (func $set (result i32)))
    (import "" "set-drop" (func $set-drop (param i32)))
    (import "" "join" (func $join (param i32 i32)))
    (import "" "context.set" (func $context.set (param i32)))
    (import "" "context.get" (func $context.get (result i32)))
    (func (export "wait") (param $f i32) (result i32) (local $s i32)
      (drop (call $read (local.get $f) (i32.const 16)))
      (local.set $s (call $set))
      (call $context.set (local.get $s))
      (call $join (local.get $f) (local.get $s))
      (i32.or (i32.const 2) (i32.shl (local.get $s) (i32.const 4))))
    (func (export "woken") (param $e i32) (param $f i32) (param $p i32) (result i32)
      (call $join (local.get $f) (i32.const 0))
      (call $drop (local.get $f))
      (call $set-drop (call $context.get))
      (call $return (i32.load (i32.const 16)))
      (i32.const 0)))
  (core instance $m (instantiate $M (with "" (instance
    (export "memory" (memory $memory "memory"))
    (export "return" (func $return)) (export "read" (func $read)) (export "drop" (func $drop))
    (export "set" (func $set)) (export "set-drop" (func $set-drop)) (export "join" (func $join))
    (export "context.set" (func $context.set)) (export "context.get" (func $context.get))))))
  (func (export "wait") async (param "f" $F) (result u32)
    (canon lift (core func $m "wait") async (callback (core func $m "woken")))))"""
