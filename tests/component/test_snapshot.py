"""Restored instances: nothing tells them from new ones."""

from __future__ import annotations

import asyncio
import ctypes
import mmap
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wasmtime import wat2wasm

from spindle.component.component import Compiler, Component
from spindle.component.core import Engine
from spindle.component.core.callbacks import stores
from spindle.component.host import HostInterface
from spindle.component.imports import Imports
from spindle.component.pages import dirty_pages, forget, tells_dirty_pages
from spindle.component.plan_state import Cell, expose
from spindle.component.snapshot import RestorableInstance, Restorer
from spindle.component.trap import Trap
from spindle.limits import Limits
from spindle.wasm.modules import read_module

pytestmark = pytest.mark.skipif(
    not tells_dirty_pages(), reason="only Linux since 6.7 says which pages were written to"
)

STATE = """(component
  (import "test:host/things" (instance $things
    (export "thing" (type $thing (sub resource)))
    (export "make" (func (result (own $thing))))
    (export "lend" (func (param "to" (borrow $thing))))
    (export "wait" (func))))
  (alias export $things "thing" (type $thing))
  (core func $make (canon lower (func $things "make")))
  (core func $lend (canon lower (func $things "lend")))
  (core func $wait (canon lower (func $things "wait")))
  (core module $m
    (import "" "make" (func $make (result i32)))
    (import "" "lend" (func $lend (param i32)))
    (import "" "wait" (func $wait))
    (type $number (func (result i32)))
    (memory $memory {memory})
    (data (i32.const 8) "initial")
    (table $private 4 funcref)
    (elem (table $private) (i32.const 0) func $one $two)
    (global $i (mut i32) (i32.const 1))
    (global $l (mut i64) (i64.const 2))
    (global $f (mut f32) (f32.const 3))
    (global $d (export "shown") (mut f64) (f64.const 4))
    (global $constant i32 (i32.const 9))
    (func $one (type $number) (i32.const 1))
    (func $two (type $number) (i32.const 2))
    {more}
    (func (export "store") (param $at i32) (param $byte i32)
      (i32.store8 (local.get $at) (local.get $byte)))
    (func (export "load") (param $at i32) (result i32) (i32.load8_u (local.get $at)))
    (func (export "spoil")
      (global.set $i (i32.const 100)) (global.set $l (i64.const 100))
      (global.set $f (f32.const 100)) (global.set $d (f64.const 100))
      (table.set $private (i32.const 0) (ref.func $two))
      (table.set $private (i32.const 1) (ref.null func)))
    (func (export "sum") (result f64)
      (f64.add (global.get $d) (f64.add
        (f64.promote_f32 (global.get $f))
        (f64.add
          (f64.convert_i64_s (global.get $l))
          (f64.convert_i32_s (global.get $i))))))
    (func (export "call") (param i32) (result i32)
      (call_indirect $private (type $number) (local.get 0)))
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "size") (result i32) (memory.size))
    (func (export "grow-table") (drop (table.grow $private (ref.null func) (i32.const 1))))
    (func (export "open") (result i32) (call $make))
    (func (export "use") (param i32) (call $lend (local.get 0)))
    (func (export "pause") (call $wait)))
  (core instance $i (instantiate $m (with "" (instance
    (export "make" (func $make)) (export "lend" (func $lend)) (export "wait" (func $wait))))))
  (func (export "store") (param "at" u32) (param "byte" u32) (canon lift (core func $i "store")))
  (func (export "load") (param "at" u32) (result u32) (canon lift (core func $i "load")))
  (func (export "spoil") (canon lift (core func $i "spoil")))
  (func (export "sum") (result f64) (canon lift (core func $i "sum")))
  (func (export "call") (param "index" u32) (result u32) (canon lift (core func $i "call")))
  (func (export "grow") (param "by" u32) (result u32) (canon lift (core func $i "grow")))
  (func (export "size") (result u32) (canon lift (core func $i "size")))
  (func (export "grow-table") (canon lift (core func $i "grow-table")))
  (func (export "open") (result u32) (canon lift (core func $i "open")))
  (func (export "use") (param "handle" u32) (canon lift (core func $i "use")))
  (func (export "pause") async (canon lift (core func $i "pause"))))"""

PAGE = 1 << 16


async def wait(_task: Any) -> None:
    """Keep a guest waiting."""
    await asyncio.sleep(3600)


HOST = Imports(
    {
        "test:host/things": HostInterface(
            {"make": lambda task: object(), "lend": lambda task, thing: None, "wait": wait},
            {"thing": None},
        )
    }
)


@pytest.fixture(scope="module", autouse=True)
def closed() -> Iterator[None]:
    """Leave no instance behind."""
    before = set(stores)
    yield
    for number in set(stores) - before:
        stores[number].close()


@pytest.fixture(scope="module")
def compiler() -> Compiler:
    """One for all."""
    return Compiler(Engine(), None)


def component(compiler: Compiler, memory: str = "2", more: str = "") -> Component:
    """A component with every kind of state."""
    text = STATE.replace("{memory}", memory).replace("{more}", more)
    return Component.load(bytes(wat2wasm(text)), compiler)


@pytest.fixture(scope="module")
def restorer(compiler: Compiler) -> Restorer:
    """Restores that component's instances."""
    found = Restorer.of(component(compiler), HOST)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def instance(restorer: Restorer) -> RestorableInstance:
    """The instance that is restored again and again."""
    return restorer.instantiate()


def call(instance: RestorableInstance, name: str, *args: int) -> Any:
    """What an export gives."""
    return instance.func(name).call(*args)


def test_globals_and_tables_are_restored(restorer: Restorer, instance: RestorableInstance) -> None:
    for _ in range(3):
        assert call(instance, "sum") == 10.0
        assert [call(instance, "call", 0), call(instance, "call", 1)] == [1, 2]
        call(instance, "spoil")
        assert call(instance, "sum") == 400.0
        assert call(instance, "call", 0) == 2
        assert restorer.restore(instance)


@given(st.lists(st.tuples(st.integers(0, 2 * PAGE - 1), st.integers(0, 255))))
def test_memories_are_restored(
    restorer: Restorer, instance: RestorableInstance, writes: list[tuple[int, int]]
) -> None:
    for at, byte in writes:
        call(instance, "store", at, byte)
    assert restorer.restore(instance)
    fresh = bytearray(2 * PAGE)
    fresh[8:15] = b"initial"
    assert instance.memories[0].view == fresh


def test_handles_are_forgotten(restorer: Restorer, instance: RestorableInstance) -> None:
    for _ in range(3):
        assert [call(instance, "open"), call(instance, "open")] == [1, 2]
        call(instance, "use", 2)
        assert restorer.restore(instance)
    with pytest.raises(Trap, match="unknown handle index 1"):
        call(instance_of(restorer, restored=True), "use", 1)


def instance_of(restorer: Restorer, *, restored: bool) -> RestorableInstance:
    """A new instance, or one that held a handle before."""
    made = restorer.instantiate()
    if restored:
        call(made, "open")
        assert restorer.restore(made)
    return made


def test_host_functions_find_the_adopted_state(compiler: Compiler) -> None:
    seen: list[Any] = []
    host = Imports(
        {
            "test:host/things": HostInterface(
                {
                    "make": lambda task: seen.append(task.inst.state),
                    "lend": lambda task, thing: None,
                    "wait": wait,
                },
                {"thing": None},
            )
        }
    )
    restorer = Restorer.of(component(compiler), host)
    assert restorer is not None
    instance = restorer.instantiate(state="first")
    call(instance, "open")
    assert restorer.restore(instance)
    instance.adopt("second")
    call(instance, "open")
    assert seen == ["first", "second"]


def test_a_memory_that_grew_stays_larger_and_is_empty(restorer: Restorer) -> None:
    instance = restorer.instantiate()
    assert call(instance, "grow", 3) == 2
    call(instance, "store", 4 * PAGE, 7)
    assert restorer.restore(instance)
    assert call(instance, "load", 4 * PAGE) == 0
    assert call(instance, "size") == 5


def test_a_memory_that_grew_much_is_not_kept(restorer: Restorer) -> None:
    instance = restorer.instantiate()
    call(instance, "grow", 200)
    assert not restorer.restore(instance)


def test_a_memory_with_a_maximum_must_not_have_grown(compiler: Compiler) -> None:
    restorer = Restorer.of(component(compiler, memory="2 8"), HOST)
    assert restorer is not None
    instance = restorer.instantiate()
    assert restorer.restore(instance)
    call(instance, "grow", 1)
    assert not restorer.restore(instance)


def test_a_memory_under_a_limit_must_not_have_grown(compiler: Compiler) -> None:
    restorer = Restorer.of(component(compiler), HOST, limits=Limits(max_instance_memory=8 * PAGE))
    assert restorer is not None
    instance = restorer.instantiate()
    call(instance, "grow", 1)
    assert not restorer.restore(instance)


def test_a_table_must_not_have_grown(restorer: Restorer) -> None:
    instance = restorer.instantiate()
    call(instance, "grow-table")
    assert not restorer.restore(instance)


def test_much_that_was_written_is_not_copied(compiler: Compiler) -> None:
    restorer = Restorer.of(component(compiler, memory="200"), HOST)
    assert restorer is not None
    instance = restorer.instantiate()
    for page in range(0, 200 * PAGE, mmap.PAGESIZE):
        instance.memories[0].view[page] = 1
    assert not restorer.restore(instance)


def test_an_instance_that_trapped_is_not_restored(restorer: Restorer) -> None:
    instance = restorer.instantiate()
    with pytest.raises(Trap):
        call(instance, "call", 3)
    assert not restorer.restore(instance)


def test_an_instance_that_is_waiting_is_not_restored(restorer: Restorer) -> None:
    async def begin() -> None:
        instance = restorer.instantiate()
        instance.func("pause").start([], lambda _: None)
        instance.store.run()
        assert not restorer.restore(instance)
        instance.close()

    asyncio.run(begin())


@pytest.mark.parametrize("segment", ['(func (data.drop $x)) (data $x "x")', "(elem func $one)"])
def test_segments_that_wait_forbid_it(compiler: Compiler, segment: str) -> None:
    assert Restorer.of(component(compiler, more=segment), HOST) is None


def test_references_forbid_it(compiler: Compiler) -> None:
    more = "(global (mut externref) (ref.null extern))"
    assert Restorer.of(component(compiler, more=more), HOST) is None


def test_calling_out_while_starting_forbids_it(compiler: Compiler) -> None:
    more = "(func $start (drop (call $make))) (start $start)"
    restorer = Restorer.of(component(compiler, more=more), HOST)
    assert restorer is not None
    assert not restorer.restore(restorer.instantiate())


def test_nothing_is_left_behind(compiler: Compiler) -> None:
    restorer = Restorer.of(component(compiler), HOST)
    assert restorer is not None
    instance = restorer.instantiate()
    assert restorer.restore(instance)
    original = restorer._original
    assert original is not None
    instance.close()
    restorer.close()
    assert original.store.closed


@pytest.mark.parametrize(
    "text",
    [
        "(module (global (mut i32) (i32.const 1)))",
        '(module (func (export "f")) (global (mut i32) (i32.const 1)) (data "x"))',
        "(module (memory 1) (global (mut i32) (i32.const 1)) (func $f) (start $f))",
    ],
)
def test_exposed_modules_export_one_thing_more(text: str) -> None:
    wasm = bytes(wat2wasm(text))
    exposed = bytes(expose(memoryview(wasm), [Cell(3, 0, "mine", "i32", exposed=True)]))
    Engine().validate(exposed)
    before, after = read_module(wasm), read_module(exposed)
    assert after.exported == {**before.exported, (3, 0): "mine"}
    assert after.funcs == before.funcs


def test_modules_that_keep_nothing_to_themselves_stay_as_they_are() -> None:
    wasm = memoryview(b"\0asm\1\0\0\0")
    assert expose(wasm, [Cell(2, 0, "memory", "", exposed=False)]) is wasm


@given(st.sets(st.integers(0, 63)))
def test_pages_that_were_written_to_are_found(written: set[int]) -> None:
    size = mmap.PAGESIZE
    memory = mmap.mmap(-1, 64 * size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    for page in range(64):
        assert memory[page * size] == 0  # reading makes no page one's own
    for page in written:
        memory[page * size + 1] = 1
    found = dirty_pages(start, start + len(memory))
    assert found is not None
    pages = {page for first, last in found for page in range(first, last, size)}
    assert pages == {start + page * size for page in written}
    assert forget(start, start + len(memory))
    assert memory[:] == bytes(len(memory))
    assert dirty_pages(start, start + len(memory)) == []
