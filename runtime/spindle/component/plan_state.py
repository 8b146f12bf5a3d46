"""What of a core instance can change: its memories, tables and mutable globals.

Whoever restores an instance must reach all of it. What a module keeps to itself is *exposed*: it
is compiled with a few exports more, which nothing else can name. A start function is exposed, too,
and not run by the engine: it may take long, so it is called like any other.

Spec: WebAssembly core specification, binary format, modules.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from spindle.wasm.types import CoreGlobalType, CoreMemoryType, CoreTableType

if TYPE_CHECKING:
    from spindle.wasm.modules import ModuleSummary

FUNC, TABLE, MEMORY, GLOBAL = 0, 1, 2, 3
"""Kinds of exports, as modules encode them."""

START = "\0start"
"""What a start function is exported as."""

NUMBERS = {"i32": 0x7F, "i64": 0x7E, "f32": 0x7D, "f64": 0x7C, "v128": 0x7B}
"""The types of globals that can be restored."""

StateType: TypeAlias = CoreTableType | CoreMemoryType | CoreGlobalType


class Cell(NamedTuple):
    """A memory, table or mutable global that a core module defines, or its start function."""

    kind: int
    number: int
    """Its index in the module."""
    name: str
    """What it is exported as."""
    type: str
    """A global's; `bounded` for a memory with a maximum; else empty."""
    exposed: bool
    """Whether the module keeps it to itself, so that an export must be added."""


def exposed_of(summary: ModuleSummary, cells: Sequence[Cell] | None) -> tuple[Cell, ...]:
    """What of a module is exposed: of its cells, its memories and its start function."""
    exposed = {cell: None for cell in (*(cells or ()), *memories_of(summary)) if cell.exposed}
    if summary.start is not None:
        exposed[Cell(FUNC, summary.start, START, "", exposed=True)] = None
    return tuple(exposed)


def memories_of(summary: ModuleSummary) -> tuple[Cell, ...]:
    """The memories a module defines."""
    return tuple(_defined(summary, MEMORY, CoreMemoryType, summary.memories))


def cells_of(summary: ModuleSummary) -> tuple[Cell, ...] | None:
    """What can change in an instance of a module; None if there is something nobody can restore.

    Segments that wait for an instruction can be dropped by one, which nothing outside can see or
    undo. References and what several threads share are left alone, too.
    """
    if summary.has_passive_data or summary.has_passive_elements or summary.tags:
        return None
    cells: list[Cell] = []
    spaces: tuple[tuple[int, type[StateType], Sequence[StateType]], ...] = (
        (TABLE, CoreTableType, summary.tables),
        (MEMORY, CoreMemoryType, summary.memories),
        (GLOBAL, CoreGlobalType, summary.globals),
    )
    for kind, of_kind, space in spaces:
        for cell in _defined(summary, kind, of_kind, space):
            found = space[cell.number]
            if isinstance(found, CoreGlobalType) and not found.mutable:
                continue
            if not _restorable(found):
                return None
            cells.append(cell)
    return tuple(cells)


def _defined(
    summary: ModuleSummary, kind: int, of_kind: type[StateType], space: Sequence[StateType]
) -> Iterator[Cell]:
    """What a module defines of one kind."""
    imported = sum(isinstance(each.type, of_kind) for each in summary.imports)
    for index, found in enumerate(space[imported:], imported):
        exported = summary.exported.get((kind, index))
        name = f"\0{kind}:{index}" if exported is None else exported
        yield Cell(kind, index, name, _type_text(found), exported is None)


def _restorable(found: StateType) -> bool:
    if isinstance(found, CoreGlobalType):
        return found.type in NUMBERS
    if isinstance(found, CoreTableType):
        return found.element == "(ref null func)" and not found.limits.is_64
    return not found.limits.shared and found.page_size_log2 == 16


def _type_text(found: StateType) -> str:
    if isinstance(found, CoreGlobalType):
        return found.type
    bounded = isinstance(found, CoreMemoryType) and found.limits.maximum is not None
    return "bounded" if bounded else ""


def expose(wasm: memoryview, cells: Sequence[Cell]) -> bytes | memoryview:
    """A module with exports for what it keeps to itself; nothing before them moves.

    Instantiating it does not run a start function that is exposed.
    """
    start, end, section = _exposing_section(wasm, cells)
    if any(cell.kind == FUNC for cell in cells):
        wasm = _without_start(wasm)
    return b"".join((wasm[:start], section, wasm[end:])) if section else wasm


def shift_of_code(wasm: memoryview, cells: Sequence[Cell]) -> int:
    """By how many bytes `expose` moves a module's code."""
    start, end, section = _exposing_section(wasm, cells)
    return len(section) - (end - start) if section else 0


def _exposing_section(wasm: memoryview, cells: Sequence[Cell]) -> tuple[int, int, bytes]:
    """What range of a module to replace, and by which section; empty to leave it as it is."""
    added = [
        sized(cell.name.encode()) + bytes([cell.kind]) + leb(cell.number)
        for cell in cells
        if cell.exposed
    ]
    if not added:
        return 0, 0, b""
    start, end, count, body = _export_section(wasm)
    section = b"".join((leb(count + len(added)), wasm[body:end], *added))
    return start, end, b"\x07" + sized(section)


def _export_section(wasm: memoryview) -> tuple[int, int, int, int]:
    """Where the export section is or belongs, how many exports it has and where they begin."""
    position = 8
    for code, section, body, end in sections(wasm):
        if code == 7:
            count, exports = read_leb(wasm, body)
            return section, end, count, exports
        if code in (8, 9, 10, 11, 12):
            return section, section, 0, section
        position = end
    return position, position, 0, position


def _without_start(wasm: memoryview) -> memoryview:
    """The same module, as long, with a custom section without a name for its start section."""
    whole = bytearray(wasm)
    for code, section, body, end in sections(wasm):
        if code == 8:
            whole[section] = 0
            whole[body:end] = bytes(end - body)
    return memoryview(whole)


def sections(wasm: memoryview) -> Iterator[tuple[int, int, int, int]]:
    """Each section's code, and where it, its body and what follows it begin."""
    position = 8
    while position < len(wasm):
        size, body = read_leb(wasm, position + 1)
        yield wasm[position], position, body, body + size
        position = body + size


def read_leb(data: memoryview, position: int) -> tuple[int, int]:
    """An unsigned LEB128 integer, and where what follows it begins; raises `IndexError`."""
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, position


def leb(value: int) -> bytes:
    """An unsigned LEB128 integer."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def sized(data: bytes) -> bytes:
    """Bytes with their number before them."""
    return leb(len(data)) + data
