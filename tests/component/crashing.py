"""Components of core modules that export `run`, and what a trap in one says."""

from __future__ import annotations

from spindle.component.component import Component
from spindle.component.core import CoreFrame, wat_to_wasm
from spindle.component.plan_state import sized
from spindle.component.trap import Trap
from spindle.wasm.dwarf import Place
from spindle.wasm.reader import Reader

_FRAME = """(component
  (core module $m (func (export "run") (param i32) (result i32) (local.get 0)))
  (core instance $i (instantiate $m))
  (func (export "run") (param "dial" u32) (result u32) (canon lift (core func $i "run"))))"""
CORE_MODULE = 1


def as_component(core: bytes) -> bytes:
    """A component whose `run` is the core module's."""
    frame = wat_to_wasm(_FRAME)
    reader = Reader(memoryview(frame), 8)
    parts = [frame[:8]]
    while not reader.at_end:
        code = reader.byte()
        body = reader.section()
        content = core if code == CORE_MODULE else frame[body.position : body.end]
        parts.append(bytes([code]) + sized(content))
    return b"".join(parts)


def trap_of(component: Component, dial: int) -> Trap:
    """The trap that `run` ends in."""
    instance = component.instantiate()
    try:
        instance.func("run").call(dial)
    except Trap as trap:
        return trap
    finally:
        instance.close()
    raise AssertionError("it does not trap")


def places_of(component: Component, frames: tuple[CoreFrame, ...]) -> list[Place]:
    """All places of a stack, innermost first."""
    return [place for of_frame in component.symbols.places(frames) for place in of_frame]
