"""From bytes to the tree of a component."""

from __future__ import annotations

import mmap
from pathlib import Path

import pytest
from tests.wasm.encode import PREAMBLE, component, encode, unsigned

from spindle.wasm.canonical import CanonBuiltin, CanonLift, CanonLower, CanonOptions
from spindle.wasm.decoder import Kind, decode, kind_of
from spindle.wasm.definitions import (
    AliasCoreExport,
    AliasExport,
    AliasOuter,
    Attributes,
    BorrowDef,
    CaseDef,
    Component,
    ComponentTypeDef,
    CoreExportItem,
    CoreFuncDecl,
    CoreImportItem,
    CoreInlineExports,
    CoreInstantiate,
    CoreModule,
    CoreTypeDef,
    CustomSection,
    Definition,
    EnumDef,
    Export,
    ExportDecl,
    ExternDecl,
    FlagsDef,
    FuncDef,
    FutureDef,
    ImportDecl,
    InlineExports,
    InstanceTypeDef,
    Instantiate,
    LabelValType,
    ListDef,
    MapDef,
    ModuleTypeDef,
    OptionDef,
    OwnDef,
    RecordDef,
    ResourceDef,
    ResultDef,
    Sort,
    SortIndex,
    StreamDef,
    SubResourceDecl,
    TupleDef,
    TypeDef,
    VariantDef,
)
from spindle.wasm.reader import DecodeError
from spindle.wasm.types import CoreFuncType, CoreMemoryType, Limits, PrimValType

U32, STRING = PrimValType.U32, PrimValType.STRING


def definitions(wat: str) -> list[Definition]:
    """The definitions of a component without its name section."""
    found = decode(encode(wat)).definitions
    return [d for d in found if not isinstance(d, CustomSection)]


@pytest.mark.parametrize(
    ("wat", "expected"),
    [
        ("bool", PrimValType.BOOL),
        ("error-context", PrimValType.ERROR_CONTEXT),
        ('(record (field "a" u32))', RecordDef((LabelValType("a", U32),))),
        (
            '(variant (case "a") (case "b" string))',
            VariantDef((CaseDef("a", None), CaseDef("b", STRING))),
        ),
        ("(list u32)", ListDef(U32)),
        ("(list u32 4)", ListDef(U32, 4)),
        ("(map string u32)", MapDef(STRING, U32)),
        ("(tuple u32 string)", TupleDef((U32, STRING))),
        ('(flags "a" "b")', FlagsDef(("a", "b"))),
        ('(enum "a" "b")', EnumDef(("a", "b"))),
        ("(option u32)", OptionDef(U32)),
        ("(result)", ResultDef(None, None)),
        ("(result u32 (error string))", ResultDef(U32, STRING)),
        ("(stream)", StreamDef(None)),
        ("(future u32)", FutureDef(U32)),
        ("(resource (rep i32))", ResourceDef("i32", None)),
        ("(func)", FuncDef((), None)),
        (
            '(func async (param "a" u32) (result string))',
            FuncDef((LabelValType("a", U32),), STRING, is_async=True),
        ),
    ],
)
def test_types(wat: str, expected: object) -> None:
    assert definitions(f"(component (type {wat}))") == [TypeDef(expected)]  # type: ignore[arg-type]  # one of DefValType


def test_types_refer_to_types_by_index() -> None:
    assert definitions(
        """(component
             (import "r" (type $r (sub resource)))
             (type (own $r)) (type (borrow $r)) (type (list 1)))"""
    ) == [
        ImportDecl("r", SubResourceDecl()),
        TypeDef(OwnDef(0)),
        TypeDef(BorrowDef(0)),
        TypeDef(ListDef(1)),
    ]


def test_instance_and_component_types_are_scopes() -> None:
    instance = InstanceTypeDef(
        (ExportDecl("r", SubResourceDecl()), AliasOuter(Sort.TYPE, 1, 0), TypeDef(OptionDef(1)))
    )
    outer = ComponentTypeDef(
        (
            TypeDef(FuncDef((), None)),
            ImportDecl("f", ExternDecl(Sort.FUNC, 0)),
            ExportDecl("t", ExternDecl(Sort.TYPE, 0)),
        )
    )
    assert definitions(
        """(component
             (type u8)
             (type (instance
               (export "r" (type (sub resource))) (alias outer 1 0 (type)) (type (option 1))))
             (type (component
               (type (func)) (import "f" (func (type 0))) (export "t" (type (eq 0))))))"""
    ) == [TypeDef(PrimValType.U8), TypeDef(instance), TypeDef(outer)]


def test_core_types() -> None:
    assert definitions(
        """(component
             (core type (func (param i32 i64) (result f32)))
             (core rec (type (func)) (type (func (param externref))))
             (core type (module
               (type (func))
               (import "m" "f" (func (type 0)))
               (export "memory" (memory 1 2)))))"""
    ) == [
        CoreTypeDef(CoreFuncType(("i32", "i64"), ("f32",))),
        CoreTypeDef(CoreFuncType((), ())),
        CoreTypeDef(CoreFuncType(("(ref null extern)",), ())),
        ModuleTypeDef(
            (
                CoreTypeDef(CoreFuncType((), ())),
                CoreImportItem("m", "f", CoreFuncDecl(0)),
                CoreExportItem("memory", CoreMemoryType(Limits(1, 2))),
            )
        ),
    ]


LINKED = """
(component
  (import "f" (func $f (param "s" string)))
  (core module $libc (memory (export "memory") 1) (func (export "realloc")))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $lowered (canon lower (func $f)
    string-encoding=utf16 (memory $memory) (realloc $realloc)))
  (core instance $env (export "f" (func $lowered)))
  (core module $main (import "env" "f" (func)) (func (export "run")))
  (core instance $main (instantiate $main (with "env" (instance $env))))
  (alias core export $main "run" (core func $run))
  (type $run (func))
  (func $lifted (type $run) (canon lift (core func $run)))
  (component $inner (import "run" (func)) (export "again" (func 0)))
  (instance $i (instantiate $inner (with "run" (func $lifted))))
  (alias export $i "again" (func $again))
  (instance $bag (export "run" (func $again)))
  (export "out" (instance $bag)))
"""


def test_definitions_keep_their_order() -> None:
    found = definitions(LINKED)
    assert [type(d) for d in found] == [
        TypeDef,
        ImportDecl,
        CoreModule,
        CoreInstantiate,
        AliasCoreExport,
        AliasCoreExport,
        CanonLower,
        CoreInlineExports,
        CoreModule,
        CoreInstantiate,
        AliasCoreExport,
        TypeDef,
        CanonLift,
        Component,
        Instantiate,
        AliasExport,
        InlineExports,
        Export,
    ]
    options = CanonOptions("utf16", memory=0, realloc=0)
    assert found[4:8] == [
        AliasCoreExport(Sort.CORE_MEMORY, 0, "memory"),
        AliasCoreExport(Sort.CORE_FUNC, 0, "realloc"),
        CanonLower(0, options),
        CoreInlineExports((("f", SortIndex(Sort.CORE_FUNC, 1)),)),
    ]
    assert found[9:13] == [
        CoreInstantiate(1, (("env", 1),)),
        AliasCoreExport(Sort.CORE_FUNC, 2, "run"),
        TypeDef(FuncDef((), None)),
        CanonLift(2, CanonOptions(), 1),
    ]
    assert found[14:] == [
        Instantiate(0, (("run", SortIndex(Sort.FUNC, 1)),)),
        AliasExport(Sort.FUNC, 0, "again"),
        InlineExports((("run", SortIndex(Sort.FUNC, 2)),), (Attributes(),)),
        Export("out", SortIndex(Sort.INSTANCE, 1)),
    ]


def test_core_modules_are_ranges_of_the_file() -> None:
    module = encode('(module (func (export "f")))')
    data = encode('(component (core module (func (export "f"))))')
    (found,) = definitions('(component (core module (func (export "f"))))')
    assert isinstance(found, CoreModule)
    assert data[found.start : found.end] == module


def test_offsets_are_those_of_the_items() -> None:
    tree = decode(component((7, b"\x02\x7f\x70\x00")))
    assert tree.offsets == (11, 12)


BUILTINS = [
    ("resource.new 0", CanonBuiltin("resource.new", type=0)),
    ("resource.drop 0", CanonBuiltin("resource.drop", type=0)),
    ("resource.rep 0", CanonBuiltin("resource.rep", type=0)),
    ("backpressure.inc", CanonBuiltin("backpressure.inc")),
    ("backpressure.dec", CanonBuiltin("backpressure.dec")),
    ("task.return (result string)", CanonBuiltin("task.return", result=STRING)),
    ("task.cancel", CanonBuiltin("task.cancel")),
    ("context.get i32 0", CanonBuiltin("context.get", valtype="i32", slot=0)),
    ("context.set i32 1", CanonBuiltin("context.set", valtype="i32", slot=1)),
    ("subtask.cancel async", CanonBuiltin("subtask.cancel", options=CanonOptions(is_async=True))),
    ("subtask.drop", CanonBuiltin("subtask.drop")),
    ("stream.new 0", CanonBuiltin("stream.new", type=0)),
    (
        "stream.read 0 async (memory 3)",
        CanonBuiltin("stream.read", type=0, options=CanonOptions(memory=3, is_async=True)),
    ),
    ("stream.cancel-write 0", CanonBuiltin("stream.cancel-write", type=0)),
    ("stream.drop-readable 0", CanonBuiltin("stream.drop-readable", type=0)),
    ("future.write 0", CanonBuiltin("future.write", type=0)),
    (
        "future.cancel-read 0 async",
        CanonBuiltin("future.cancel-read", type=0, options=CanonOptions(is_async=True)),
    ),
    ("future.drop-writable 0", CanonBuiltin("future.drop-writable", type=0)),
    (
        "error-context.new (memory 0)",
        CanonBuiltin("error-context.new", options=CanonOptions(memory=0)),
    ),
    ("error-context.drop", CanonBuiltin("error-context.drop")),
    ("waitable-set.new", CanonBuiltin("waitable-set.new")),
    (
        "waitable-set.wait (memory 1)",
        CanonBuiltin("waitable-set.wait", options=CanonOptions(memory=1)),
    ),
    ("waitable.join", CanonBuiltin("waitable.join")),
    ("thread.yield", CanonBuiltin("thread.yield")),
    ("thread.index", CanonBuiltin("thread.index")),
    (
        "thread.new-indirect 0 (core table 2)",
        CanonBuiltin("thread.new-indirect", core_type=0, table=2),
    ),
]


@pytest.mark.parametrize(("wat", "expected"), BUILTINS, ids=[b.name for _, b in BUILTINS])
def test_canonical_builtins(wat: str, expected: CanonBuiltin) -> None:
    assert definitions(f"(component (core func (canon {wat})))") == [expected]


def test_names_may_have_attributes() -> None:
    name = b"\x02\x01a\x02\x00\x05b:c/d\x02\x02id"
    assert decode(component((10, b"\x01" + name + b"\x05\x00"))).definitions == (
        ImportDecl("a", ExternDecl(Sort.INSTANCE, 0), Attributes("b:c/d", None, "id")),
    )


def test_maps_of_files_are_read_in_place(tmp_path: Path) -> None:
    path = tmp_path / "empty.wasm"
    path.write_bytes(PREAMBLE)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert decode(mapped) == Component(0, 8, (), ())


def test_kinds_are_told_apart() -> None:
    assert kind_of(encode("(module)")) is Kind.MODULE
    assert kind_of(encode("(component)")) is Kind.COMPONENT


MALFORMED = [
    (b"", "the file is empty (at offset 0x0)"),
    (b"(component)", "this is WebAssembly text, not a binary (at offset 0x0)"),
    (b"#!/bin/sh\n", "this is not a WebAssembly binary: it does not start with `\\0asm`"),
    (b"\0asm", "unexpected end (at offset 0x4)"),
    (b"\0asm\x01\0\0\0", "this is a core module, not a component (at offset 0x4)"),
    (b"\0asm\x02\0\0\0", "core module version 2 is not supported, only 1 is"),
    (b"\0asm\x0c\0\x01\0", "component version 12 is not supported, only 13 is"),
    (b"\0asm\x0d\0\x02\0", "unknown layer 2: neither a core module nor a component"),
    (PREAMBLE + b"\x0d\x00", "unknown section 0x0d (at offset 0x8)"),
    (PREAMBLE + b"\x07\x05\x01", "the section says 5 bytes but 1 are left (at offset 0x9)"),
    (
        component((7, b"\x01\x7f\x00")),
        "type section: 1 bytes are left over at the end of the section",
    ),
    (component((7, b"\x01\x00")), "type section: item 0: unknown type 0x00 (at offset 0xb)"),
    (component((7, b"\x02\x7f\x70\x62")), "type section: item 1: unknown value type 0x62"),
    (component((7, b"\x09\x7f")), "type section: a vector of 9 items runs past the end"),
    (component((8, b"\x01\xff")), "canon section: item 0: unknown canonical definition 0xff"),
    (component((8, b"\x01\x00\x00\x00\x01\x63\x00")), "item 0: unknown canonical option 0x63"),
    (
        component((8, b"\x01\x00\x00\x00\x02\x00\x01\x00")),
        "canonical option string encoding is specified more than once",
    ),
    (
        component((8, b"\x01\x00\x00\x00\x02\x06\x06\x00")),
        "canonical option `async` is specified more than once",
    ),
    (component((1, PREAMBLE)), "core module section: expected a core module, found a component"),
    (component((4, b"\0asm\x01\0\0\0")), "component section: expected a component, found a core"),
    (component((4, b"\0as")), "component section: this is not a WebAssembly binary"),
    (
        component((10, b"\x01\x07\x01a\x01\x00")),
        "import section: item 0: unknown kind of name 0x07",
    ),
    (component((6, b"\x01\x01\x09\x00")), "alias section: item 0: unknown alias target 0x09"),
]


@pytest.mark.parametrize(("data", "message"), MALFORMED, ids=[m for _, m in MALFORMED])
def test_malformed_binaries_give_one_clear_message(data: bytes, message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(data)
    assert message in str(caught.value)


def test_nesting_is_bounded() -> None:
    data = PREAMBLE
    for _ in range(150):
        data = component((4, data))
    with pytest.raises(DecodeError, match="components nest more than 100 deep"):
        decode(data)
    types = b"\x42\x00"
    for _ in range(150):
        types = b"\x42\x01\x01" + types
    with pytest.raises(DecodeError, match="types nest more than 100 deep"):
        decode(component((7, unsigned(1) + types)))
