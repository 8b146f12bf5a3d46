"""From bytes to the tree of a component; core modules are stepped over, not read.

Spec: Binary.md#component-definitions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from mmap import mmap
from typing import TypeAlias

from spindle.wasm.definitions import Component, CoreModule, CustomSection, Definition
from spindle.wasm.deftypes import MAX_NESTING, read_alias, read_core_type, read_import, read_type
from spindle.wasm.reader import DecodeError, Reader
from spindle.wasm.sections import (
    read_canon,
    read_core_instance,
    read_export,
    read_instance,
    read_start,
    read_value,
)

Buffer: TypeAlias = bytes | bytearray | memoryview | mmap
"""A file's bytes; map large files rather than reading them."""

MAGIC = b"\0asm"
MODULE = b"\x01\0\0\0"
COMPONENT = b"\x0d\0\x01\0"


class Kind(Enum):
    """What a WebAssembly binary holds."""

    MODULE = "core module"
    COMPONENT = "component"


def decode(data: Buffer) -> Component:
    """The tree of a component binary; raises `DecodeError` on anything else."""
    with memoryview(data) as view:
        if kind_of(view) is Kind.MODULE:
            raise DecodeError("this is a core module, not a component", 4)
        return read_component(Reader(view), 0)


def kind_of(data: Buffer) -> Kind:
    """Whether a binary is a core module or a component, by its first 8 bytes."""
    head = bytes(data[:8])
    version = head[4:]
    if not head.startswith(MAGIC):
        raise DecodeError(*_not_wasm(head))
    if version == MODULE:
        return Kind.MODULE
    if version == COMPONENT:
        return Kind.COMPONENT
    if len(version) < 4:
        raise DecodeError("unexpected end", len(head))
    layer = int.from_bytes(version[2:], "little")
    if layer == 1:
        found = int.from_bytes(version[:2], "little")
        raise DecodeError(f"component version {found} is not supported, only 13 is", 4)
    if layer == 0:
        raise DecodeError(f"core module version {version[0]} is not supported, only 1 is", 4)
    raise DecodeError(f"unknown layer {layer}: neither a core module nor a component", 6)


def _not_wasm(head: bytes) -> tuple[str, int]:
    if not head:
        return "the file is empty", 0
    if head.startswith((b"(", b";;")):
        return "this is WebAssembly text, not a binary", 0
    return "this is not a WebAssembly binary: it does not start with `\\0asm`", 0


def read_component(reader: Reader, depth: int) -> Component:
    """The component that fills a reader, inside `depth` others."""
    if depth >= MAX_NESTING:
        reader.fail(f"components nest more than {MAX_NESTING} deep")
    start = reader.position
    reader.position = start + 8
    definitions: list[Definition] = []
    offsets: list[int] = []
    while not reader.at_end:
        at = reader.position
        code = reader.byte()
        section = reader.section()
        name = NAMES.get(code)
        if name is None:
            raise DecodeError(f"unknown section {code:#04x}", at)
        try:
            for offset, definition in read_section(code, section, depth):
                offsets.append(offset)
                definitions.append(definition)
        except DecodeError as error:
            raise error.within(f"{name} section") from None
    return Component(start, reader.end, tuple(definitions), tuple(offsets))


NAMES = {
    0: "custom",
    1: "core module",
    2: "core instance",
    3: "core type",
    4: "component",
    5: "instance",
    6: "alias",
    7: "type",
    8: "canon",
    9: "start",
    10: "import",
    11: "export",
    12: "value",
}

ITEMS: dict[int, Callable[[Reader], Definition]] = {
    2: read_core_instance,
    5: read_instance,
    6: read_alias,
    7: read_type,
    8: read_canon,
    10: read_import,
    11: read_export,
    12: read_value,
}
"""Readers of one item, for the sections that are vectors of them."""


def read_section(code: int, reader: Reader, depth: int) -> Iterable[tuple[int, Definition]]:
    """The definitions of a section, each with its offset."""
    start = reader.position
    match code:
        case 0:
            return [(start, CustomSection(reader.name(), reader.position, reader.end))]
        case 1:
            check_preamble(reader, Kind.MODULE)
            return [(start, CoreModule(start, reader.end))]
        case 3:
            return read_core_types(reader)
        case 4:
            check_preamble(reader, Kind.COMPONENT)
            return [(start, read_component(reader, depth + 1))]
        case 9:
            return whole(reader, [(start, read_start(reader))])
        case _:
            return read_items(reader, ITEMS[code])


def check_preamble(reader: Reader, kind: Kind) -> None:
    """Check that what fills a reader is of a kind."""
    start = reader.position
    try:
        found = kind_of(reader.data[start : min(start + 8, reader.end)])
    except DecodeError as error:
        raise DecodeError(error.problem, start + error.offset) from None
    if found is not kind:
        reader.fail(f"expected a {kind.value}, found a {found.value}")


def read_core_types(reader: Reader) -> list[tuple[int, Definition]]:
    """Core types, of which one item may define several."""
    found: list[tuple[int, Definition]] = []
    for _ in range(reader.count()):
        start = reader.position
        found.extend((start, item) for item in read_core_type(reader))
    return whole(reader, found)


def read_items(
    reader: Reader, read: Callable[[Reader], Definition]
) -> list[tuple[int, Definition]]:
    """A vector of definitions, each with its offset."""
    found: list[tuple[int, Definition]] = []
    for number in range(reader.count()):
        start = reader.position
        try:
            found.append((start, read(reader)))
        except DecodeError as error:
            raise error.within(f"item {number}") from None
    return whole(reader, found)


def whole(reader: Reader, found: list[tuple[int, Definition]]) -> list[tuple[int, Definition]]:
    """What was found, having checked that it fills the section."""
    if not reader.at_end:
        reader.fail(f"{reader.end - reader.position} bytes are left over at the end of the section")
    return found
