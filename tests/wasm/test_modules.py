"""What a core module imports, exports and holds."""

from __future__ import annotations

import pytest
from tests.wasm.encode import encode

from spindle.wasm.decoder import decode
from spindle.wasm.definitions import CoreModule
from spindle.wasm.modules import read_module
from spindle.wasm.reader import DecodeError
from spindle.wasm.types import (
    CoreExportDecl,
    CoreFuncType,
    CoreGlobalType,
    CoreImportDecl,
    CoreMemoryType,
    CoreTableType,
    CoreTagType,
    Limits,
)

MODULE = """
(module
  (import "env" "log" (func $log (param i32)))
  (import "env" "base" (global $base i32))
  (memory (export "memory") 1 4)
  (table (export "table") 2 funcref)
  (tag (export "tag") (param i64))
  (global (export "counter") (mut i64) (i64.const 7))
  (global (export "same") externref (ref.null extern))
  (func $run (export "run") (param i32) (result i64) i64.const 1)
  (func $init (data.drop $passive))
  (start $init)
  (elem (offset (global.get $base)) func $run)
  (elem func $run)
  (data (i32.const 8) "abc")
  (data $passive "passive"))
"""


def test_a_module_is_summed_up() -> None:
    found = read_module(encode(MODULE))
    log = CoreFuncType(("i32",), ())
    assert found.imports == [
        CoreImportDecl("env", "log", log),
        CoreImportDecl("env", "base", CoreGlobalType("i32", False)),
    ]
    assert found.exports == [
        CoreExportDecl("memory", CoreMemoryType(Limits(1, 4))),
        CoreExportDecl("table", CoreTableType("(ref null func)", Limits(2))),
        CoreExportDecl("tag", CoreTagType(CoreFuncType(("i64",), ()))),
        CoreExportDecl("counter", CoreGlobalType("i64", True)),
        CoreExportDecl("same", CoreGlobalType("(ref null extern)", False)),
        CoreExportDecl("run", CoreFuncType(("i32",), ("i64",))),
    ]
    assert found.start == 2
    assert found.has_passive_elements
    assert found.has_passive_data
    assert [section.name for section in found.custom] == ["name"]


def test_a_plain_module_has_no_passive_segments() -> None:
    found = read_module(
        encode(
            '(module (memory 1) (data (i32.const 0) "a") (table 1 funcref) '
            "(func) (elem (i32.const 0) 0))"
        )
    )
    assert not found.has_passive_data
    assert not found.has_passive_elements


def test_data_that_no_instruction_names_is_not_read() -> None:
    found = read_module(encode('(module (memory 1) (data "passive") (func))'))
    assert not found.has_passive_data
    assert found.start is None


def test_a_module_inside_a_component_is_read_in_place() -> None:
    data = encode('(component (core module (func (export "f"))))')
    module = decode(data).definitions[0]
    assert isinstance(module, CoreModule)
    assert read_module(data, module).exports == [CoreExportDecl("f", CoreFuncType((), ()))]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\0asm\x0d\0\x01\0", "expected a core module, found a component"),
        (b"\0asm\x01\0\0\0\x07\x05\x01\x01f\x00\x00", "core export section: function index 0 is"),
        (b"\0asm\x01\0\0\0\x01\x02\x01\x01", "core type section: unknown core type 0x01"),
        (b"\0asm\x01\0\0\0\x7f\x00", "core unknown section: unknown section 0x7f"),
        (b"\0asm\x01\0\0\0\x06\x04\x01\x7f\x00\x00", "0x00 is not a constant instruction"),
    ],
)
def test_malformed_modules_give_one_clear_message(data: bytes, message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        read_module(data)
    assert message in str(caught.value)
