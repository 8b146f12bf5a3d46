"""Plans of components written as text, and what is refused."""

from __future__ import annotations

import pickle

import pytest
from wasmtime import wat2wasm

from spindle.component.plan import Builtin, ImportedFunc, LiftedFunc, Lowering, Plan
from spindle.component.planner import UnsupportedError, plan_component
from spindle.errors import ComponentError
from spindle.wasm.decoder import decode
from spindle.wasm.scopes import ValidationError
from spindle.wasm.types import InstanceType, SubResource
from spindle.wasm.validator import resolve


def plan(text: str) -> Plan:
    data = bytes(wat2wasm(f"(component {text})"))
    return plan_component(data, resolve(decode(data), data))


MODULE = """
  (core module $m
    (memory (export "memory") 1)
    (global (export "global") i32 (i32.const 0))
    (func (export "nothing"))
    (func (export "one") (result i32) (i32.const 1))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
  (core instance $i (instantiate $m))
"""


def test_only_exports_that_are_used_get_slots() -> None:
    made = plan(MODULE + '(func (export "f") (canon lift (core func $i "nothing")))')
    (instantiation,) = made.core_instantiations
    assert instantiation.exports == ((b"nothing", 0),)
    assert made.slots == 1


def test_the_same_function_lowered_twice_is_one_trampoline() -> None:
    made = plan("""
      (import "f" (func $f))
      (core func $a (canon lower (func $f)))
      (core func $b (canon lower (func $f)))
      (core module $m (import "" "a" (func)) (import "" "b" (func)))
      (core instance (instantiate $m (with "" (instance
        (export "a" (func $a)) (export "b" (func $b))))))
    """)
    ((slot, trampoline),) = made.trampolines
    assert isinstance(trampoline, Lowering)
    assert made.core_instantiations[0].imports == (slot, slot)


def test_what_is_imported_but_not_used_is_not_in_the_plan() -> None:
    made = plan("""
      (import "a:b/c@1.0.0" (instance $i
        (export "used" (func)) (export "unused" (func)) (export "r" (type (sub resource)))))
      (core func (canon lower (func $i "used")))
    """)
    assert [func.label for func in made.funcs if isinstance(func, ImportedFunc)] == [
        "a:b/c@1.0.0#used"
    ]
    assert [(r.interface, r.name) for r in made.host_resources] == [("a:b/c@1.0.0", "r")]
    interface = made.import_types["a:b/c@1.0.0"]
    assert isinstance(interface, InstanceType)
    assert interface.exports["r"] == SubResource(made.host_resources[0].type)


def test_each_instantiation_has_resource_types_of_its_own() -> None:
    made = plan("""
      (component $c
        (type $r (resource (rep i32)))
        (core func (canon resource.new $r)))
      (instance (instantiate $c))
      (instance (instantiate $c))
    """)
    one, other = made.guest_resources
    assert one.type is not other.type
    assert (one.inst, other.inst) == (1, 2)
    assert made.instances == (None, 0, 0)
    builtins = [made for _, made in made.trampolines if isinstance(made, Builtin)]
    assert [made.operands["resource"] for made in builtins] == [one.type, other.type]


def test_a_resource_passed_on_stays_the_same() -> None:
    made = plan("""
      (component $a (type $r (resource (rep i32))) (export "r" (type $r)))
      (component $b
        (import "r" (type $r (sub resource)))
        (core func (canon resource.drop $r)))
      (instance $i (instantiate $a))
      (instance (instantiate $b (with "r" (type $i "r"))))
    """)
    ((_, drop),) = made.trampolines
    assert isinstance(drop, Builtin)
    assert drop.operands["resource"] is made.guest_resources[0].type


def test_options_name_slots() -> None:
    made = plan("""
      (core module $m
        (memory (export "memory") i64 1)
        (func (export "f") (param i64 i64))
        (func (export "r") (param i64 i64 i64 i64) (result i64) unreachable))
      (core instance $i (instantiate $m))
      (func (export "f") (param "s" string)
        (canon lift (core func $i "f") (memory (core memory $i "memory"))
          (realloc (core func $i "r")) string-encoding=utf16))
    """)
    (options,) = made.options
    slots = dict(made.core_instantiations[0].exports)
    assert (options.memory, options.realloc) == (slots[b"memory"], slots[b"r"])
    assert (options.string_encoding, options.ptr_type) == ("utf16", "i64")


def test_a_plan_survives_pickling() -> None:
    made = plan(MODULE + '(func (export "f") (canon lift (core func $i "nothing")))')
    again = pickle.loads(pickle.dumps(made))
    assert again == made
    assert isinstance(again.funcs[0], LiftedFunc)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (MODULE + '(func (export "f") (canon lift (core func $i "one")))', "core type `() -> ()`"),
        (
            MODULE
            + """(func (export "f") (param "s" string) (canon lift (core func $i "nothing")
                (memory (core memory $i "memory")) (realloc (core func $i "one"))))""",
            "`realloc` needs the core type",
        ),
        (
            MODULE
            + """(func (export "f") (canon lift (core func $i "nothing")
                (post-return (core func $i "one"))))""",
            "`post-return` needs the core type",
        ),
        (
            MODULE
            + """(func (export "f") async (canon lift (core func $i "one") async
                (callback (core func $i "one"))))""",
            "`callback` needs the core type",
        ),
        (
            MODULE + '(type (resource (rep i32) (dtor (core func $i "one"))))',
            "a destructor needs the core type",
        ),
        (MODULE + '(alias core export $i "absent" (core func))', "no export `absent`"),
        (MODULE + '(alias core export $i "global" (core func))', "is not a core func"),
        (MODULE + '(alias core export $i "one" (core memory))', "is not a core memory"),
        (
            """(core module $m (import "a" "b" (func)))
               (core instance (instantiate $m))""",
            "no core instance is given for import module `a`",
        ),
        (
            """(core module $m (import "a" "b" (func))) (core module $n)
               (core instance $n (instantiate $n))
               (core instance (instantiate $m (with "a" (instance $n))))""",
            "has no export `b`",
        ),
    ],
)
def test_what_does_not_fit_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ValidationError) as caught:
        plan(text)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('(import "c" (component))', "import `c` is a component, which no host can provide"),
        ('(import "m" (core module))', "import `m` is a core module, which no host can provide"),
        ('(import "f" (func $f)) (start $f)', "start functions"),
    ],
)
def test_what_cannot_be_run_is_said(text: str, problem: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        plan(text)
    assert problem in str(caught.value)
    assert isinstance(caught.value, ComponentError)
