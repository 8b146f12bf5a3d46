"""What a core module imports, exports and holds, its function bodies stepped over.

Spec: WebAssembly core specification, binary format, modules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from spindle.wasm.core_types import (
    read_core_valtype,
    read_global_type,
    read_heap_type,
    read_memory_type,
    read_rec_type,
    read_table_type,
    read_tag_type,
)
from spindle.wasm.decoder import Buffer, Kind, check_preamble
from spindle.wasm.definitions import CoreModule, CustomSection
from spindle.wasm.reader import DecodeError, Reader
from spindle.wasm.types import (
    CoreExportDecl,
    CoreExternType,
    CoreFuncType,
    CoreGlobalType,
    CoreImportDecl,
    CoreMemoryType,
    CoreTableType,
    CoreTagType,
    ModuleType,
    OpaqueCoreType,
)

T = TypeVar("T")


@dataclass(slots=True)
class ModuleSummary:
    """What a core module declares; each list is an index space, imports first."""

    imports: list[CoreImportDecl] = field(default_factory=list)
    exports: list[CoreExportDecl] = field(default_factory=list)
    types: list[CoreFuncType | OpaqueCoreType] = field(default_factory=list)
    funcs: list[int] = field(default_factory=list)
    """The type index of each function."""
    tables: list[CoreTableType] = field(default_factory=list)
    memories: list[CoreMemoryType] = field(default_factory=list)
    globals: list[CoreGlobalType] = field(default_factory=list)
    tags: list[int] = field(default_factory=list)
    """The type index of each tag."""
    custom: list[CustomSection] = field(default_factory=list)
    exported: dict[tuple[int, int], str] = field(default_factory=dict)
    """A name of each export by its kind's code and its index."""
    start: int | None = None
    """The function run at instantiation."""
    code: tuple[int, int] = (0, 0)
    """Where the code section's contents begin and end."""
    has_passive_elements: bool = False
    has_passive_data: bool = False
    """Whether a segment waits for `memory.init` or `table.init`, which a snapshot cannot see."""
    counts_data: bool = False
    """Whether the number of data segments is given; else no instruction names one, and they are
    not read."""

    @property
    def type(self) -> ModuleType:
        """What the module imports and exports."""
        return ModuleType(tuple(self.imports), tuple(self.exports))


def read_module(data: Buffer, module: CoreModule | None = None) -> ModuleSummary:
    """The summary of a core module, which is all of the data or a range of it."""
    with memoryview(data) as view:
        where = module or CoreModule(0, len(view))
        reader = Reader(view, where.start, where.end)
        check_preamble(reader, Kind.MODULE)
        reader.position += 8
        summary = ModuleSummary()
        while not reader.at_end:
            code = reader.byte()
            section = reader.section()
            try:
                read_section(code, section, summary)
            except DecodeError as error:
                raise error.within(f"core {NAMES.get(code, 'unknown')} section") from None
        return summary


NAMES = {
    0: "custom",
    1: "type",
    2: "import",
    3: "function",
    4: "table",
    5: "memory",
    6: "global",
    7: "export",
    8: "start",
    9: "element",
    10: "code",
    11: "data",
    12: "data count",
    13: "tag",
}


def read_section(code: int, reader: Reader, summary: ModuleSummary) -> None:
    """Add what a section says to a summary."""
    match code:
        case 0:
            name = reader.name()
            summary.custom.append(CustomSection(name, reader.position, reader.end))
        case 1:
            for _ in range(reader.count()):
                summary.types.extend(read_rec_type(reader))
        case 2:
            summary.imports.extend([read_import(reader, summary) for _ in range(reader.count())])
        case 3:
            summary.funcs.extend(read_indices(reader))
        case 4:
            summary.tables.extend(reader.vector(read_table))
        case 5:
            summary.memories.extend(reader.vector(read_memory_type))
        case 6:
            summary.globals.extend(reader.vector(read_global))
        case 7:
            summary.exports.extend([read_export(reader, summary) for _ in range(reader.count())])
        case 8:
            summary.start = reader.u32()
        case 9:
            summary.has_passive_elements = any(reader.vector(read_element_segment))
        case 11 if summary.counts_data:
            summary.has_passive_data = any(reader.vector(read_data_segment))
        case 13:
            summary.tags.extend(reader.vector(read_tag_type))
        case 10:
            summary.code = reader.position, reader.end
        case 11:
            pass
        case 12:
            summary.counts_data = True
        case _:
            reader.fail(f"unknown section {code:#04x}")


def read_indices(reader: Reader) -> list[int]:
    """A vector of indices; at once if each takes one byte."""
    count = reader.count()
    encoded = bytes(reader.data[reader.position : reader.end])
    if len(encoded) == count and encoded.isascii():
        reader.position = reader.end
        return list(encoded)
    return [reader.u32() for _ in range(count)]


def read_import(reader: Reader, summary: ModuleSummary) -> CoreImportDecl:
    """An import, which also goes into its index space."""
    module, name = reader.name(), reader.name()
    start = reader.position
    kind: CoreExternType
    match reader.byte():
        case 0x00 | 0x20:
            index = reader.u32()
            summary.funcs.append(index)
            kind = type_at(reader, summary, index)
        case 0x01:
            kind = read_table_type(reader)
            summary.tables.append(kind)
        case 0x02:
            kind = read_memory_type(reader)
            summary.memories.append(kind)
        case 0x03:
            kind = read_global_type(reader)
            summary.globals.append(kind)
        case 0x04:
            index = read_tag_type(reader)
            summary.tags.append(index)
            kind = tag_type(type_at(reader, summary, index))
        case code:
            reader.fail(f"unknown kind of import {code:#04x}", start)
    return CoreImportDecl(module, name, kind)


def read_export(reader: Reader, summary: ModuleSummary) -> CoreExportDecl:
    """An export with its type."""
    name = reader.name()
    start = reader.position
    code, index = reader.byte(), reader.u32()
    summary.exported[code, index] = name
    kind: CoreExternType
    match code:
        case 0x00:
            kind = type_at(reader, summary, item(reader, summary.funcs, index, "function"))
        case 0x01:
            kind = item(reader, summary.tables, index, "table")
        case 0x02:
            kind = item(reader, summary.memories, index, "memory")
        case 0x03:
            kind = item(reader, summary.globals, index, "global")
        case 0x04:
            tag = item(reader, summary.tags, index, "tag")
            kind = tag_type(type_at(reader, summary, tag))
        case _:
            reader.fail(f"unknown kind of export {code:#04x}", start)
    return CoreExportDecl(name, kind)


def item(reader: Reader, space: list[T], index: int, what: str) -> T:
    """An element of an index space."""
    if index >= len(space):
        reader.fail(f"{what} index {index} is out of range")
    return space[index]


def type_at(reader: Reader, summary: ModuleSummary, index: int) -> CoreFuncType | OpaqueCoreType:
    """The type at an index."""
    return item(reader, summary.types, index, "type")


def tag_type(type: CoreFuncType | OpaqueCoreType) -> CoreExternType:
    """The type of a tag with a type of its own."""
    return CoreTagType(type) if isinstance(type, CoreFuncType) else type


def read_table(reader: Reader) -> CoreTableType:
    """A table, with an initial element if it says so."""
    if reader.peek() != 0x40:
        return read_table_type(reader)
    reader.byte()
    reader.expect(0x00, "0x00 after 0x40 in a table")
    table = read_table_type(reader)
    skip_expression(reader)
    return table


def read_global(reader: Reader) -> CoreGlobalType:
    """A global's type; its initial value is stepped over."""
    kind = read_global_type(reader)
    skip_expression(reader)
    return kind


def read_data_segment(reader: Reader) -> bool:
    """Whether a data segment is passive."""
    flags = reader.u32()
    if flags > 2:
        reader.fail(f"unknown data segment flags {flags:#x}")
    if flags == 2:
        reader.u32()
    if flags != 1:
        skip_expression(reader)
    reader.section()
    return flags == 1


def read_element_segment(reader: Reader) -> bool:
    """Whether an element segment is passive."""
    flags = reader.u32()
    if flags > 7:
        reader.fail(f"unknown element segment flags {flags:#x}")
    has_expressions, is_active = flags & 4, not flags & 1
    if is_active and flags & 2:
        reader.u32()
    if is_active:
        skip_expression(reader)
    if flags & 3:
        _ = read_core_valtype(reader) if has_expressions else reader.byte()
    for _ in range(reader.count()):
        if has_expressions:
            skip_expression(reader)
        else:
            reader.u32()
    return flags & 3 == 1


# Opcodes of constant expressions, with what follows each.
IMMEDIATES: dict[int, Callable[[Reader], object]] = {
    0x23: Reader.u32,  # global.get
    0x41: lambda r: r.signed(32),  # i32.const
    0x42: lambda r: r.signed(64),  # i64.const
    0x43: lambda r: skip_bytes(r, 4),  # f32.const
    0x44: lambda r: skip_bytes(r, 8),  # f64.const
    0x6A: lambda r: None,  # i32.add
    0x6B: lambda r: None,  # i32.sub
    0x6C: lambda r: None,  # i32.mul
    0x7C: lambda r: None,  # i64.add
    0x7D: lambda r: None,  # i64.sub
    0x7E: lambda r: None,  # i64.mul
    0xD0: read_heap_type,  # ref.null
    0xD2: Reader.u32,  # ref.func
    0xFB: lambda r: skip_gc(r),
    0xFD: lambda r: skip_vector_constant(r),
}

GC_IMMEDIATES = {0: 1, 1: 1, 6: 1, 7: 1, 8: 2, 26: 0, 27: 0, 28: 0}
"""Constant instructions on structs, arrays and i31: how many indices follow each."""


def skip_expression(reader: Reader) -> None:
    """Step over a constant expression."""
    while (code := reader.byte()) != 0x0B:
        skip = IMMEDIATES.get(code)
        if skip is None:
            reader.fail(f"{code:#04x} is not a constant instruction", reader.position - 1)
        skip(reader)


def skip_bytes(reader: Reader, count: int) -> None:
    """Step over bytes."""
    if count > reader.end - reader.position:
        reader.fail("unexpected end")
    reader.position += count


def skip_gc(reader: Reader) -> None:
    """Step over an instruction that makes a reference."""
    code = reader.u32()
    if code not in GC_IMMEDIATES:
        reader.fail(f"0xfb {code:#04x} is not a constant instruction")
    for _ in range(GC_IMMEDIATES[code]):
        reader.u32()


def skip_vector_constant(reader: Reader) -> None:
    """Step over `v128.const`."""
    if reader.u32() != 0x0C:
        reader.fail("this vector instruction is not a constant one")
    skip_bytes(reader, 16)
