"""Core modules with the worlds that bindings generators leave in them, changed at random."""

from __future__ import annotations

from functools import cache
from random import Random

from tests.componentize.modules import MEMORY, module, world
from tests.fuzz import oracle
from tests.fuzz.mutation import CUSTOM, Section, mutated, sections_of, sound_mutant

from spindle.componentize import component_around
from spindle.errors import ComponentError
from spindle.wasm.decoder import decode

_TALK = """
  (import "test:host/talk@0.2.1" (instance
    (export "shout" (func (param "text" string) (result string)))
    (export "thing" (type $thing (sub resource)))
    (export "[constructor]thing" (func (result (own $thing))))
    (export "listen" (func async (param "from" (stream u8)) (result (future string))))))
  (export "test:guest/greet" (instance
    (type $r (record (field "name" string) (field "at" u64)))
    (export "who" (type $who (eq $r)))
    (export "greet" (func (param "who" $who) (result string)))))
  (export "wait" (func async (param "n" u32) (result u32)))
"""
_GREETER = f"""
  (import "test:host/talk@0.2.1" "shout" (func $shout (param i32 i32 i32)))
  (import "test:host/talk@0.2.1" "[constructor]thing" (func $thing (result i32)))
  (import "test:host/talk@0.2.1" "[resource-drop]thing" (func $drop (param i32)))
  (import "[export]$root" "[task-return]wait" (func $return (param i32)))
  (import "$root" "[waitable-set-new]" (func $set (result i32)))
  {MEMORY}
  (func (export "test:guest/greet#greet") (param i32 i32 i64) (result i32)
    (call $shout (local.get 0) (local.get 1) (i32.const 16))
    (i32.const 16))
  (func (export "cabi_post_test:guest/greet#greet") (param i32))
  (func (export "[async-lift]wait") (param i32) (result i32)
    (call $drop (call $thing)) (call $return (local.get 0)) (i32.const 0))
  (func (export "[callback][async-lift]wait") (param i32 i32 i32) (result i32) (i32.const 0))
"""
_PLAIN = '(import "f" (func (param "n" u32) (result u32))) (export "run" (func (result u32)))'
_RUNS = """
  (import "$root" "f" (func $f (param i32) (result i32)))
  (func (export "run") (result i32) (call $f (i32.const 4)))
"""
_REDIS = """
  (import "outbound-redis" "incr" (func (param i32 i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (func (export "canonical_abi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
  (func (export "handle-redis-message") (param i32 i32) (result i32) (i32.const 32))
"""


@cache
def _modules() -> list[bytes]:
    return [
        module(_GREETER, world(_TALK)),
        module(_GREETER, world(_TALK, old=True)),
        module(_GREETER, world(_TALK), world(_PLAIN, "plain")),
        module(_RUNS, world(_PLAIN)),
        module(_REDIS),
    ]


def module_input(random: Random) -> bytes:
    """A module with worlds, which have changed, or it has."""
    data = random.choice(_modules())
    if random.random() < 0.3:
        return mutated(random, [data])
    sections = sections_of(data)
    for section in sections:
        if section.code == CUSTOM and b"component-type" in section.items[0][:20]:
            section.items = [_with_other_world(random, section)]
    return data[:8] + b"".join(section.encode() for section in sections)


def _with_other_world(random: Random, section: Section) -> bytes:
    [body] = section.items
    start = body.index(b"\0asm")
    return body[:start] + sound_mutant(random, body[start:])


def check_module(data: bytes) -> str:
    """What is made of a module is well-formed, and valid for wasmtime if for Spindle."""
    try:
        component = component_around(data)
    except ComponentError as error:
        return error.code
    decode(component)
    return f"made, {oracle.check_agreement(component)}"
