"""Loading, caching, linking and calling components."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from wasmtime import wat2wasm

from spindle.component.component import Compiler, Component
from spindle.component.core import Engine, Module
from spindle.component.host import HostInterface
from spindle.component.imports import Imports
from spindle.component.linker import LinkError
from spindle.component.plan_cache import PlanCache
from spindle.component.trap import Trap
from spindle.component.values import ValueTypeError
from spindle.errors import ComponentError, UserError
from spindle.wasm.problems import ValidationError

DOUBLE = """(component
  (import "test:host/numbers@1.1.0" (instance $numbers
    (export "double" (func (param "n" u32) (result u32)))))
  (core func $double (canon lower (func $numbers "double")))
  (core module $m
    (import "" "double" (func $double (param i32) (result i32)))
    (func (export "quadruple") (param i32) (result i32)
      (call $double (call $double (local.get 0)))))
  (core instance $i (instantiate $m (with "" (instance (export "double" (func $double))))))
  (func $quadruple (param "n" u32) (result u32) (canon lift (core func $i "quadruple")))
  (export "quadruple" (func $quadruple))
  (export "test:host/numbers@1.1.0" (instance $numbers)))"""

HOST = Imports({"test:host/numbers@1.0.0": HostInterface({"double": lambda _task, n: n * 2})})


@pytest.fixture(scope="module")
def compiler() -> Compiler:
    return Compiler(Engine(), None)


def component(text: str, compiler: Compiler) -> Component:
    return Component.load(bytes(wat2wasm(text)), compiler)


def test_an_exported_function_is_called_by_its_path(compiler: Compiler) -> None:
    instance = component(DOUBLE, compiler).instantiate(HOST)
    assert instance.func("quadruple").call(5) == 20
    assert instance.func("test:host/numbers@1.1.0", "double").call(5) == 10


def test_wrong_arguments_leave_the_instance_as_it_was(compiler: Compiler) -> None:
    quadruple = component(DOUBLE, compiler).instantiate(HOST).func("quadruple")
    with pytest.raises(ValueTypeError, match="argument 1 `n`: expected u32, got int -1"):
        quadruple.call(-1)
    with pytest.raises(ValueTypeError, match="expected 1 argument, got 2"):
        quadruple.call(1, 2)
    assert quadruple.call(5) == 20


def test_a_host_function_finds_state_and_scope(compiler: Compiler) -> None:
    seen: list[Any] = []

    def double(task: Any, n: int) -> int:
        seen.append((task.inst.state, task.scope))
        return n * 2

    host = Imports({"test:host/numbers@1.1.0": HostInterface({"double": double})})
    instance = component(DOUBLE, compiler).instantiate(host, state="state")
    instance.func("quadruple").call(1, scope="scope")
    instance.func("test:host/numbers@1.1.0", "double").call(1, scope="other")
    assert seen == [("state", "scope")] * 2 + [("state", "other")]


def test_what_is_not_exported_is_named(compiler: Compiler) -> None:
    instance = component(DOUBLE, compiler).instantiate(HOST)
    with pytest.raises(ComponentError, match="exports no function `absent#function`"):
        instance.func("absent", "function")
    with pytest.raises(ComponentError, match="is no function"):
        instance.func("test:host/numbers@1.1.0")


@pytest.mark.parametrize(
    ("provided", "found", "hint"),
    [
        ({}, "no interface `test:host/numbers@1.1.0`", None),
        (
            {"test:host/number@1.1.0": {"double": None}},
            "no interface `test:host/numbers@1.1.0`",
            "test:host/number@1.1.0",
        ),
        ({"test:host/numbers@1.1.0": {"doubled": None}}, "no such function", "doubled"),
    ],
)
def test_a_missing_import_is_named_with_what_is_like_it(
    provided: dict[str, Any], found: str, hint: str | None, compiler: Compiler
) -> None:
    host = Imports({name: HostInterface(functions) for name, functions in provided.items()})
    with pytest.raises(LinkError) as caught:
        component(DOUBLE, compiler).instantiate(host)
    assert caught.value.import_name == "test:host/numbers@1.1.0#double"
    assert caught.value.found == found
    assert caught.value.nearest == hint


def test_lenient_imports_trap_when_called(compiler: Compiler) -> None:
    instance = component(DOUBLE, compiler).instantiate(Imports(lenient=True))
    with pytest.raises(Trap, match=r"test:host/numbers@1\.1\.0#double"):
        instance.func("quadruple").call(1)


def test_what_a_host_function_raises_arrives_as_itself(compiler: Compiler) -> None:
    def double(_task: Any, _n: int) -> int:
        raise ZeroDivisionError

    host = Imports({"test:host/numbers@1.1.0": HostInterface({"double": double})})
    instance = component(DOUBLE, compiler).instantiate(host)
    with pytest.raises(ZeroDivisionError):
        instance.func("quadruple").call(1)


def test_a_start_function_that_traps_ends_the_instantiation(compiler: Compiler) -> None:
    made = component(
        "(component (core module $m (func $f unreachable) (start $f))"
        " (core instance (instantiate $m)))",
        compiler,
    )
    with pytest.raises(Trap, match="unreachable"):
        made.instantiate()


@pytest.mark.parametrize(
    ("export", "imported", "problem"),
    [
        ('(func (export "x"))', "(func (param i32))", "expected `(i32) -> ()`, found `() -> ()`"),
        (
            '(memory (export "x") 1 5)',
            "(memory 1 2)",
            "expected a memory of 1 to 2 pages, found a memory of 1 to 5 pages",
        ),
        (
            '(table (export "x") 1 funcref)',
            "(table 2 externref)",
            "expected a table of 2 to any number of `(ref null extern)`, found a table of 1",
        ),
        (
            '(global (export "x") i32 (i32.const 1))',
            "(global (mut i32))",
            "expected a global of mutable `i32`, found a global of `i32`",
        ),
    ],
)
def test_core_modules_that_do_not_fit_are_refused(
    compiler: Compiler, export: str, imported: str, problem: str
) -> None:
    wat = f"""(component
      (core module $m {export})
      (core module $n (import "m" "x" {imported}))
      (core instance $i (instantiate $m))
      (core instance (instantiate $n (with "m" (instance $i)))))"""
    with pytest.raises(ValidationError) as raised:
        component(wat, compiler)
    assert problem in raised.value.message


def test_built_ins_are_of_their_own_types(compiler: Compiler) -> None:
    wat = """(component (core func $drop (canon subtask.drop))
      (func (canon lift (core func $drop))))"""
    with pytest.raises(ValidationError, match=r"needs the core type `\(\) -> \(\)`, not `\(i32\)"):
        component(wat, compiler)


def test_an_invalid_core_module_is_refused(compiler: Compiler) -> None:
    text = "(component (core module $m (func (result i32))) (core instance (instantiate $m)))"
    with pytest.raises(ComponentError, match=r"the core module at offset 0x.* is not valid"):
        component(text, compiler)


def test_a_file_that_is_not_there_is_the_users_fault(compiler: Compiler, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot read the component"):
        Component.load(tmp_path / "absent.wasm", compiler)


# Caches.


class CountingEngine(Engine):
    """Counts what it compiles."""

    compiled = 0

    def compile(self, wasm: bytes | memoryview) -> Module:
        """A compiled core module."""
        self.compiled += 1
        return super().compile(wasm)


def written(path: Path, text: str) -> Path:
    """A component in a file that has settled."""
    path.write_bytes(wat2wasm(text))
    os.utime(path, (1_000_000_000, 1_000_000_000 + path.stat().st_ino % 1000))
    return path


def test_nothing_is_read_or_compiled_a_second_time(tmp_path: Path) -> None:
    path = written(tmp_path / "double.wasm", DOUBLE)
    engine = CountingEngine()
    first = Component.load(path, Compiler(engine, tmp_path / "cache"))
    assert engine.compiled == 1
    engine = CountingEngine()
    path.chmod(0)
    plans = Compiler(engine, tmp_path / "cache").plans
    assert plans.digest_of(path) == first.digest
    assert plans.load(first.digest) is not None
    again = Component.load(path, Compiler(engine, tmp_path / "cache"))
    assert engine.compiled == 0
    assert again.instantiate(HOST).func("quadruple").call(3) == 12


def test_a_changed_file_is_another_component(tmp_path: Path) -> None:
    compiler = Compiler(Engine(), tmp_path / "cache")
    path = written(tmp_path / "c.wasm", DOUBLE)
    first = Component.load(path, compiler)
    path.write_bytes(wat2wasm("(component)"))
    second = Component.load(path, compiler)
    assert first.digest != second.digest
    assert second.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert not second.imports


def test_damaged_cache_files_are_made_again(tmp_path: Path) -> None:
    path = written(tmp_path / "c.wasm", DOUBLE)
    Component.load(path, Compiler(Engine(), tmp_path / "cache"))
    files = [file for file in (tmp_path / "cache").rglob("*") if file.is_file()]
    assert {file.suffix for file in files} == {".cwasm", ".file", ".plan", ".seal"}
    for file in files:
        file.write_bytes(b"damaged")
    again = Component.load(path, Compiler(Engine(), tmp_path / "cache"))
    assert again.instantiate(HOST).func("quadruple").call(3) == 12


def test_a_cache_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the cache should be")
    path = written(tmp_path / "c.wasm", DOUBLE)
    made = Component.load(path, Compiler(Engine(), tmp_path / "cache"))
    assert made.instantiate(HOST).func("quadruple").call(3) == 12


def test_a_file_that_may_still_be_written_to_is_not_noted(tmp_path: Path) -> None:
    path = tmp_path / "new"
    path.write_bytes(b"one")
    plans = PlanCache(tmp_path / "plans")
    plans.note(path, path.stat(), "digest")
    assert plans.digest_of(path) is None


def test_a_function_of_a_closed_instance_is_refused(compiler: Compiler) -> None:
    instance = component(DOUBLE, compiler).instantiate(HOST)
    func = instance.func("quadruple")
    instance.close()
    with pytest.raises(ComponentError, match="its instance is closed"):
        func.call(1)


TAIL_CALL = """(component
  (core module $m
    (func $seven (result i32) (i32.const 7))
    (func (export "f") (result i32) (return_call $seven)))
  (core instance $i (instantiate $m))
  (func (export "f") (result u32) (canon lift (core func $i "f"))))"""


def test_what_cannot_be_compiled_in_haste_is_compiled_well(compiler: Compiler) -> None:
    quick = Compiler(Engine("winch"), None)
    made = Component.load(bytes(wat2wasm(TAIL_CALL)), compiler, in_haste=quick)
    assert made.engine is compiler.engine
    assert made.instantiate().func("f").call() == 7
    fresh = Compiler(compiler.engine, None)
    made = Component.load(bytes(wat2wasm(DOUBLE)), fresh, in_haste=quick)
    assert made.engine is quick.engine
