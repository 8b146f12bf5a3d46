"""What a synchronous call from one composed component to another costs, without a host call."""

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from wasmtime import wat2wasm

from spindle.component.component import Component
from spindle.composition import assemble, read_part

TIMES = 20_000
REPEATS = 5


class ComposedCall(NamedTuple):
    """Microseconds of processor time for one call, the calling loop in the guest included."""

    what: str
    us: float
    most: float | None = None
    """The goal."""


def composed_calls() -> Iterator[ComposedCall]:
    """A call with two numbers, and one with a string of 16 bytes each way."""
    yield ComposedCall("add(u32, u32) -> u32", _measure(_ADDS, _CALLS_ADD), most=5.0)
    yield ComposedCall("echo(string) -> string", _measure(_ECHOES, _CALLS_ECHO))


def composed_line(measured: ComposedCall) -> str:
    """A figure's line."""
    line = f"a composed call of {measured.what} takes {measured.us:.2f} µs"
    if measured.most is None:
        return line
    return f"{line}, at most {measured.most:.0f} {'✓' if measured.us < measured.most else '✗'}"


def _measure(callee: str, caller: str) -> float:
    provider = read_part("callee", bytes(wat2wasm(callee)))
    composition = assemble(read_part("caller", bytes(wat2wasm(caller))), plugs=[provider])
    loop = Component.load(bytes(composition)).instantiate().func("loop")
    loop.call(100)  # makes the trampolines
    return min(_time(loop.call) for _ in range(REPEATS))


def _time(call: Callable[[int], object]) -> float:
    started = time.process_time_ns()
    call(TIMES)
    return (time.process_time_ns() - started) / TIMES / 1000


_ADDS = """(component
  (core module $m
    (func (export "add") (param i32 i32) (result i32)
      (i32.add (local.get 0) (local.get 1))))
  (core instance $i (instantiate $m))
  (func $add (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add")))
  (instance $exports (export "add" (func $add)))
  (export "bench:calls/add" (instance $exports)))"""

_CALLS_ADD = """(component
  (import "bench:calls/add" (instance $callee
    (export "add" (func (param "a" u32) (param "b" u32) (result u32)))))
  (core func $add (canon lower (func $callee "add")))
  (core module $m
    (import "" "add" (func $add (param i32 i32) (result i32)))
    (func (export "loop") (param $n i32)
      (loop $again
        (drop (call $add (local.get $n) (i32.const 1)))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
  (core instance $i (instantiate $m (with "" (instance (export "add" (func $add))))))
  (func (export "loop") (param "n" u32) (canon lift (core func $i "loop"))))"""

_MEMORY = """(core module $libc
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))"""

_ECHOES = f"""(component
  {_MEMORY}
  (core module $m
    (import "" "memory" (memory 1))
    (func (export "echo") (param i32 i32) (result i32)
      (i32.store (i32.const 0) (local.get 0))
      (i32.store (i32.const 4) (local.get 1))
      (i32.const 0)))
  (core instance $i (instantiate $m (with "" (instance $libc))))
  (func $echo (param "text" string) (result string)
    (canon lift (core func $i "echo")
      (memory (core memory $memory)) (realloc (core func $realloc))))
  (instance $exports (export "echo" (func $echo)))
  (export "bench:calls/echo" (instance $exports)))"""

_CALLS_ECHO = f"""(component
  (import "bench:calls/echo" (instance $callee
    (export "echo" (func (param "text" string) (result string)))))
  {_MEMORY}
  (core func $echo
    (canon lower (func $callee "echo")
      (memory (core memory $memory)) (realloc (core func $realloc))))
  (core module $m
    (import "" "memory" (memory 1))
    (import "" "echo" (func $echo (param i32 i32 i32)))
    (data (i32.const 64) "sixteen of bytes")
    (func (export "loop") (param $n i32)
      (loop $again
        (call $echo (i32.const 64) (i32.const 16) (i32.const 0))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
  (core instance $i (instantiate $m (with "" (instance
    (export "memory" (memory $memory)) (export "echo" (func $echo))))))
  (func (export "loop") (param "n" u32) (canon lift (core func $i "loop"))))"""
