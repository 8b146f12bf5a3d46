"""A guest that starts threads without end, each of which suspends itself."""

import pytest

from spindle.component.component import Component
from spindle.component.core import wat_to_wasm
from spindle.component.trap import Trap

FLOOD = """(component
  (core module $Table (table (export "table") 1 funcref))
  (core instance $table (instantiate $Table))
  (alias core export $table "table" (core table $table'))
  (core type $start (func (param i32)))
  (canon thread.new-indirect $start (core table $table') (core func $new))
  (canon thread.resume-later (core func $resume-later))
  (canon thread.suspend (core func $suspend))
  (canon thread.yield (core func $yield))
  (core module $M
    (import "" "new" (func $new (param i32 i32) (result i32)))
    (import "" "resume-later" (func $resume-later (param i32)))
    (import "" "suspend" (func $suspend (result i32)))
    (import "" "yield" (func $yield (result i32)))
    (import "" "table" (table $table 1 funcref))
    (elem (table $table) (i32.const 0) func $sleep)
    (func $sleep (param i32) (drop (call $suspend)))
    (func (export "flood")
      (loop $again
        (call $resume-later (call $new (i32.const 0) (i32.const 0)))
        (drop (call $yield))
        (br $again))))
  (core instance $m (instantiate $M (with "" (instance
    (export "new" (func $new)) (export "resume-later" (func $resume-later))
    (export "suspend" (func $suspend)) (export "yield" (func $yield))
    (export "table" (table $table'))))))
  (func (export "flood") async (canon lift (core func $m "flood") async)))
"""


def test_suspended_threads_are_bounded() -> None:
    instance = Component.load(wat_to_wasm(FLOOD)).instantiate()
    with pytest.raises(Trap, match="too many suspended threads"):
        instance.func("flood").call()
    instance.close()
