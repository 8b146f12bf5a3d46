"""Which state host functions find when component instances of one component have different ones."""

from __future__ import annotations

from typing import Any

import pytest
from wasmtime import wat2wasm

from spindle.component.component import Compiler, Component
from spindle.component.core import Engine
from spindle.component.exports import Instance
from spindle.component.host import HostInterface
from spindle.component.imports import Imports
from spindle.component.pages import tells_dirty_pages
from spindle.component.snapshot import Restorer
from spindle.component.trap import Trap

ASKS = """
  (import "who" (func $who (result u32)))
  (core func $who' (canon lower (func $who)))
  (core module $m (import "" "who" (func $who (result i32)))
    (func (export "ask") (result i32) (call $who)))
  (core instance $i (instantiate $m (with "" (instance (export "who" (func $who'))))))
  (func $ask (result u32) (canon lift (core func $i "ask")))
"""

NESTED = f"""(component
  {ASKS}
  (export "root" (func $ask))
  (component $plain {ASKS} (export "ask" (func $ask)))
  (component $around {ASKS} (export "ask" (func $ask))
    (component $within {ASKS} (export "ask" (func $ask)))
    (instance $within (instantiate $within (with "who" (func $who))))
    (export "ask-within" (func $within "ask")))
  (instance $one (instantiate $plain (with "who" (func $who))))
  (instance $two (instantiate $around (with "who" (func $who))))
  ;; It calls another instance, which asks in its own name.
  (instance $three (instantiate $plain (with "who" (func $two "ask"))))
  (export "one" (func $one "ask"))
  (export "two" (func $two "ask"))
  (export "within-two" (func $two "ask-within"))
  (export "two-for-three" (func $three "ask")))"""

NAMES = ("root", "one", "two", "within-two", "two-for-three")
ONE, TWO, WITHIN_TWO = 1, 2, 3
"""Numbers in the plan: an instance comes before those within it."""


HOST = Imports({"": HostInterface({"who": lambda task: task.inst.state})})


@pytest.fixture(scope="module")
def component() -> Component:
    return Component.load(bytes(wat2wasm(NESTED)), Compiler(Engine(), None))


def answers(instance: Instance) -> list[Any]:
    return [instance.func(name).call() for name in NAMES]


def test_all_instances_have_one_state(component: Component) -> None:
    assert answers(component.instantiate(HOST, state=7)) == [7, 7, 7, 7, 7]


def test_an_instance_has_a_state_of_its_own_and_so_has_what_is_within(component: Component) -> None:
    instance = component.instantiate(HOST, state=7, nested={TWO: 8})
    assert answers(instance) == [7, 7, 8, 8, 8]
    instance = component.instantiate(HOST, state=7, nested={ONE: 8, WITHIN_TWO: 9})
    assert answers(instance) == [7, 8, 7, 9, 7]


@pytest.mark.skipif(not tells_dirty_pages(), reason="restoring needs Linux 6.7")
def test_a_restored_instance_has_new_states(component: Component) -> None:
    restorer = Restorer.of(component, HOST)
    assert restorer is not None
    instance = restorer.instantiate(state=1, nested={TWO: 2})
    assert answers(instance) == [1, 1, 2, 2, 2]
    assert restorer.restore(instance)
    instance.adopt(3, {ONE: 4})
    assert answers(instance) == [3, 4, 3, 3, 3]


STARTS = """(component
  (component $bad
    (core module $m (func $f unreachable) (start $f))
    (core instance (instantiate $m)))
  (instance (instantiate $bad)))"""
TRAPS = """(component
  (component $bad
    (core module $m
      (func (export "sync") unreachable)
      (func (export "async") (result i32) unreachable))
    (core instance $i (instantiate $m))
    (func (export "sync") (canon lift (core func $i "sync")))
    (core module $c (func (export "cb") (param i32 i32 i32) (result i32) unreachable))
    (core instance $c (instantiate $c))
    (func (export "async") async
      (canon lift (core func $i "async") async (callback (core func $c "cb")))))
  (instance $bad (instantiate $bad))
  (component $calls
    (import "sync" (func $sync))
    (import "async" (func $async async))
    (core func $sync (canon lower (func $sync)))
    (core func $async (canon lower (func $async) async))
    (core module $m
      (import "" "sync" (func $sync))
      (import "" "async" (func $async (result i32)))
      (func (export "sync") (call $sync))
      (func (export "async") (drop (call $async)))
      (func (export "own") unreachable))
    (core instance $i (instantiate $m (with "" (instance
      (export "sync" (func $sync)) (export "async" (func $async))))))
    (func (export "sync") (canon lift (core func $i "sync")))
    (func (export "async") (canon lift (core func $i "async")))
    (func (export "own") (canon lift (core func $i "own"))))
  (instance $calls (instantiate $calls
    (with "sync" (func $bad "sync")) (with "async" (func $bad "async"))))
  (export "sync" (func $calls "sync"))
  (export "async" (func $calls "async"))
  (export "own" (func $calls "own")))"""


@pytest.mark.parametrize(
    ("function", "culprit"), [("sync", "bad"), ("async", "bad"), ("own", "calls")]
)
def test_a_trap_knows_the_instance_it_happened_in(function: str, culprit: str) -> None:
    component = Component.load(bytes(wat2wasm(TRAPS)), Compiler(Engine(), None))
    instance = component.instantiate(nested={1: "bad", 2: "calls"})
    with pytest.raises(Trap, match="unreachable") as caught:
        instance.func(function).call()
    assert caught.value.inst is not None
    assert caught.value.inst.state == culprit


def test_a_start_function_that_traps_is_an_instances_too() -> None:
    component = Component.load(bytes(wat2wasm(STARTS)), Compiler(Engine(), None))
    with pytest.raises(Trap, match="unreachable") as caught:
        component.instantiate(nested={1: "bad"})
    assert caught.value.inst is not None
    assert caught.value.inst.state == "bad"
