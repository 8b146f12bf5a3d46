"""Core modules made components: what their worlds say is what they do."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.componentize.modules import MEMORY, module, producers, world

from spindle.cli.component.findings import findings_of
from spindle.component.component import Component
from spindle.component.host import HostInterface
from spindle.component.imports import Imports
from spindle.component.trap import Trap
from spindle.componentize import ComponentizeError, component_around
from spindle.errors import ComponentError
from spindle.wasm.scopes import ValidationError
from spindle.wasm.wit_binary import read_wit

TALK = """
  (import "test:host/talk" (instance
    (export "shout" (func (param "text" string) (result string)))
    (export "unused" (func (param "n" u32)))))
  (import "test:host/unused" (instance (export "f" (func))))
  (export "test:guest/greet" (instance
    (export "greet" (func (param "name" string) (result string)))))
"""
GREETER = f"""
  (import "test:host/talk" "shout" (func $shout (param i32 i32 i32)))
  {MEMORY}
  (func (export "test:guest/greet#greet") (param i32 i32) (result i32)
    (call $shout (local.get 0) (local.get 1) (i32.const 16))
    (i32.const 16))
  (func (export "cabi_post_test:guest/greet#greet") (param i32)
    (i32.store (local.get 0) (i32.const 0)))
"""


def talk(**functions: Any) -> Imports:
    return Imports({"test:host/talk": HostInterface(functions)})


@pytest.mark.parametrize("old", [False, True], ids=["now", "before-2024"])
def test_values_pass_through_imports_and_exports(old: bool) -> None:
    component = Component.load(module(GREETER, world(TALK, old=old)))
    assert list(component.imports) == ["test:host/talk"]
    instance = component.instantiate(talk(shout=lambda _task, text: text.upper()))
    greet = instance.func("test:guest/greet", "greet")
    assert [greet.call("Ada"), greet.call("Émile")] == ["ADA", "ÉMILE"]


@pytest.mark.parametrize("old", [False, True], ids=["now", "before-2024"])
def test_what_is_known_of_a_module_without_running_it(old: bool) -> None:
    data = module(GREETER, world(TALK, old=old))
    [found] = read_wit(data).worlds
    assert list(found.imports) == ["test:host/talk", "test:host/unused"]
    findings = findings_of(data)
    assert [item.name for item in findings.imports] == ["test:host/talk"]
    assert findings.wasi == ()


@pytest.mark.parametrize("needs_memory", [False, True])
def test_an_import_of_another_type_is_refused_by_its_names(needs_memory: bool) -> None:
    interface = """(import "test:host/odd" (instance
      (export "add" (func (param "a" u32) (result u32)))
      (export "say" (func (param "a" string)))))"""
    name = "say" if needs_memory else "add"
    text = f'(import "test:host/odd" "{name}" (func (param i64) (result i64))) {MEMORY}'
    expected = "core module: import `test:host/odd` `" + name
    with pytest.raises(ValidationError, match=expected):
        Component.load(module(text, world(interface)))


def test_what_is_unused_is_not_imported() -> None:
    component = Component.load(module(GREETER, world(TALK)))
    [interface] = component.imports.values()
    assert list(interface.exports) == ["shout"]  # type: ignore[union-attr]  # it is an instance


def test_worlds_of_several_parts_are_one() -> None:
    other = """(import "test:host/count@0.2.1" (instance (export "next" (func (result u32)))))
      (export "run" (func (result u32)))"""
    same = '(import "test:host/count@0.2.3" (instance (export "last" (func (result u32)))))'
    text = GREETER.replace(
        MEMORY,
        f"""(import "test:host/count@0.2.1" "next" (func $next-number (result i32)))
        (import "test:host/count@0.2.3" "last" (func $last-number (result i32))) {MEMORY}
        (func (export "run") (result i32) (i32.add (call $next-number) (call $last-number)))""",
    )
    component = Component.load(
        module(text, world(TALK), world(other, "other"), world(same, "same"))
    )
    assert list(component.imports) == ["test:host/talk", "test:host/count@0.2.3"]
    numbers = HostInterface({"next": lambda _task: 40, "last": lambda _task: 2})
    imports = Imports({"test:host/count@0.2.3": numbers}, lenient=True)
    assert component.instantiate(imports).func("run").call() == 42


THINGS = """
  (import "test:host/things" (instance
    (export "thing" (type $thing (sub resource)))
    (export "[constructor]thing" (func (result (own $thing))))))
"""
RESOURCE = """
  (export "test:guest/boxes" (instance
    (export "box" (type $box (sub resource)))
    (type $u32 u32)
    (export "size" (type $size (eq $u32)))
    (export "[constructor]box" (func (param "size" $size) (result (own $box))))
    (export "[method]box.size" (func (param "self" (borrow $box)) (result $size)))
    ))
"""
BOXES = """
  (import "[export]test:guest/boxes" "[resource-new]box" (func $new (param i32) (result i32)))
  (func (export "test:guest/boxes#[constructor]box") (param i32) (result i32)
    (call $new (local.get 0)))
  (func (export "test:guest/boxes#[method]box.size") (param i32) (result i32) (local.get 0))
"""


def test_resources_of_the_host() -> None:
    made: list[object] = []
    gone: list[object] = []

    def thing(_task: object) -> object:
        made.append(object())
        return made[-1]

    things = HostInterface({"[constructor]thing": thing}, {"thing": gone.append})
    text = """
      (import "test:host/things" "[constructor]thing" (func $thing (result i32)))
      (import "test:host/things" "[resource-drop]thing" (func $drop (param i32)))
      (func (export "run") (call $drop (call $thing)))"""
    component = Component.load(module(text, world(THINGS + '(export "run" (func))')))
    component.instantiate(Imports({"test:host/things": things})).func("run").call()
    assert made == gone
    assert len(made) == 1


def test_resources_of_the_module_need_other_tools() -> None:
    with pytest.raises(ComponentizeError, match="exports the resource `box`"):
        component_around(module(BOXES, world(RESOURCE)))


def test_a_module_is_initialized_with_its_imports_there() -> None:
    text = GREETER.replace(
        MEMORY,
        f"""{MEMORY} (data (i32.const 64) "ready")
        (func (export "_initialize") (call $shout (i32.const 64) (i32.const 5) (i32.const 80)))""",
    )
    heard: list[str] = []

    def shout(_task: object, said: str) -> str:
        heard.append(said)
        return said

    Component.load(module(text, world(TALK))).instantiate(talk(shout=shout))
    assert heard == ["ready"]


WITHOUT = {
    "command": ('(func (export "_start"))', "the module is a command"),
    "stripped": ('(func (export "cabi_realloc"))', "left no trace of its world"),
    "nothing": ("", "of no known kind"),
}


@pytest.mark.parametrize(("text", "message"), WITHOUT.values(), ids=WITHOUT)
def test_a_module_without_a_world_is_explained(text: str, message: str) -> None:
    with pytest.raises(ComponentizeError, match=message) as raised:
        component_around(module(text))
    assert raised.value.hints


@pytest.mark.parametrize(("version", "good"), [("0.4.0", False), ("0.5.0", True), ("0.46.1", True)])
def test_old_bindings_generators_are_refused(version: str, good: bool) -> None:
    data = module(GREETER, world(TALK, made_by=producers(wit_bindgen_rust=version)))
    if good:
        assert component_around(data)
    else:
        with pytest.raises(ComponentizeError, match=f"wit-bindgen version {version}"):
            component_around(data)


WRONG = {
    "no such function": (
        GREETER.replace('"shout"', '"shoot"'),
        "imports `test:host/talk#shoot`, but its world has no such function",
    ),
    "no such interface": (
        GREETER.replace('"test:host/talk"', '"test:host/walk"'),
        "but its world has no `test:host/walk`",
    ),
    "no export": (
        GREETER.replace("greet#greet", "greet#great"),
        "exports no `test:guest/greet#greet`",
    ),
    "no allocator": (GREETER.replace("cabi_realloc", "alloc"), "exports no `cabi_realloc`"),
    "no memory": (GREETER.replace('(export "memory")', ""), "exports no `memory`"),
    "a global": (
        '(import "env" "base" (global i32))' + GREETER,
        "imports `env#base`, which is no function",
    ),
    "preview 1": (
        '(import "wasi_snapshot_preview1" "fd_wriet" (func))' + GREETER,
        "imports `fd_wriet` of WASI preview 1, which is not in it",
    ),
    "another type": (
        '(import "wasi_snapshot_preview1" "fd_close" (func))' + GREETER,
        "imports `fd_close` of WASI preview 1, by another type",
    ),
}


@pytest.mark.parametrize(("text", "message"), WRONG.values(), ids=WRONG)
def test_a_module_that_does_not_fit_its_world(text: str, message: str) -> None:
    with pytest.raises(ComponentError, match=message):
        component_around(module(text, world(TALK)))


def test_a_core_function_of_another_type_than_the_world_says() -> None:
    text = GREETER.replace("(param i32 i32 i32)", "(param i32 i32)").replace(
        "(local.get 0) (local.get 1) (i32.const 16)", "(local.get 0) (local.get 1)"
    )
    with pytest.raises(ComponentError):
        Component.load(module(text, world(TALK))).instantiate(talk(shout=None))


PREVIEW1 = f"""
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  {MEMORY}
  (func (export "random") (param i32) (result i32)
    (if (call $random (local.get 0) (i32.const 4)) (then (return (i32.const -1))))
    (i32.load (local.get 0)))
"""
RANDOM = '(export "random" (func (param "at" u32) (result u32)))'


def test_a_host_function_is_given_its_callers_memory() -> None:
    from spindle.factors import InstanceState
    from spindle.factors.state import Entropy
    from spindle.factors.wasi import wasi_interfaces

    class Sevens(Entropy):
        def read(self, size: int) -> bytes:
            return b"\7" * size

    component = Component.load(module(PREVIEW1, world(RANDOM)))
    assert list(component.imports) == ["spindle:wasi/preview1"]
    state = InstanceState(entropy=Sevens())
    instance = component.instantiate(Imports(wasi_interfaces()), state=state)
    random = instance.func("random")
    assert random.call(4096) == 0x07070707
    assert random.call(65536) == 0xFFFFFFFF  # beyond the memory: an errno


def test_a_host_function_without_a_memory_traps() -> None:
    from tests.wasm.encode import encode

    from spindle.factors import InstanceState
    from spindle.factors.wasi import wasi_interfaces

    text = """(component
      (import "spindle:wasi/preview1" (instance $p
        (export "random-get" (func (param "p0" u32) (param "p1" u32) (result u32)))))
      (alias export $p "random-get" (func $f))
      (core func $lowered (canon lower (func $f)))
      (core module $M (import "" "f" (func $f (param i32 i32) (result i32)))
        (func (export "run") (result i32) (call $f (i32.const 0) (i32.const 4))))
      (core instance $m (instantiate $M (with "" (instance (export "f" (func $lowered))))))
      (func (export "run") (result u32) (canon lift (core func $m "run"))))"""
    component = Component.load(encode(text))
    instance = component.instantiate(Imports(wasi_interfaces()), state=InstanceState())
    with pytest.raises(Trap, match="before it has started"):
        instance.func("run").call()


@given(st.data())
def test_a_mutated_module_is_refused_in_words(data: st.DataObject) -> None:
    original = module(GREETER, world(TALK, made_by=producers(wit_bindgen_rust="0.20.0")))
    changed = bytearray(original)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(8, len(original) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ComponentError):
        component_around(bytes(changed))
