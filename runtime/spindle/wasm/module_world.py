"""The worlds a core module says it is for, in custom sections that a bindings generator left.

Such a section holds a component of types alone. Since 2024 that exports one type, the world's;
before, it held whole packages, with the world's name and the string encoding in front.

Spec: wit-component's encoding of a module's world; WebAssembly/tool-conventions, ProducersSection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from spindle.wasm.canonical import StringEncoding
from spindle.wasm.decoder import MAGIC, Buffer, decode
from spindle.wasm.definitions import Component, CustomSection
from spindle.wasm.modules import ModuleSummary
from spindle.wasm.reader import DecodeError, Reader
from spindle.wasm.types import ComponentType, ExternType, TypeEq
from spindle.wasm.validator import component_type

SECTION = "component-type"
"""The name of such a section, or what it begins with before a colon."""
PRODUCERS = "producers"
_ENCODING_SECTION = "wit-component-encoding"
OLDER = b"\x03"
"""What a section of before 2024 begins with."""
_ENCODINGS: tuple[StringEncoding, ...] = ("utf8", "utf16", "latin1+utf16")

Producers = Mapping[str, Mapping[str, str]]
"""For each field (`language`, `processed-by`), the names there and their versions."""


class ModuleWorld(NamedTuple):
    """What one section says."""

    type: ComponentType
    string_encoding: StringEncoding
    producers: Producers


def module_worlds(data: Buffer, summary: ModuleSummary) -> list[ModuleWorld]:
    """The worlds of a core module; raises `DecodeError` and `ValidationError`."""
    return [
        read_world(bytes(data[section.start : section.end]), section.start)
        for section in summary.custom
        if section.name.partition(":")[0] == SECTION
    ]


def producers_of(data: Buffer, summary: ModuleSummary) -> Producers:
    """What made a core module, as far as it says so."""
    for section in summary.custom:
        if section.name == PRODUCERS:
            with memoryview(data) as view:
                return read_producers(Reader(view, section.start, section.end))
    return {}


def read_producers(reader: Reader) -> Producers:
    """The contents of a `producers` section."""
    return {
        reader.name(): {reader.name(): reader.name() for _ in range(reader.count())}
        for _ in range(reader.count())
    }


def read_world(data: bytes, offset: int) -> ModuleWorld:
    """What one section says, which begins at an offset; raises as `module_worlds` does."""
    if data.startswith(MAGIC):
        component = decode(data)
        exports = component_type(component, data).exports
        worlds = [world for of in exports.values() for _, world in _worlds_in(of)]
        encoding = _encoding_of(component, data)
    else:
        if data[:1] != OLDER:
            raise DecodeError(f"section `{SECTION}` is of a version that is not known", offset)
        reader = Reader(memoryview(data), 1)
        encoding, name = _encoding(reader.byte()), reader.name()
        data = data[reader.position :]
        component = decode(data)
        exports = component_type(component, data).exports
        worlds = [
            world
            for of in exports.values()
            for full_name, world in _worlds_in(of)
            if full_name.partition("@")[0].endswith(f"/{name}")
        ]
    if not worlds:
        raise DecodeError(f"section `{SECTION}` holds no world", offset)
    return ModuleWorld(worlds[-1], encoding, _producers_in(component, data))


def _worlds_in(package: ExternType) -> Iterator[tuple[str, ComponentType]]:
    """The worlds that an exported package has, by their full names."""
    type = package.type if isinstance(package, TypeEq) else None
    if isinstance(type, ComponentType):
        for name, extern in type.exports.items():
            if isinstance(extern, ComponentType):
                yield name, extern


def _custom(component: Component, name: str) -> Iterator[CustomSection]:
    for definition in component.definitions:
        if isinstance(definition, CustomSection) and definition.name == name:
            yield definition


def _encoding_of(component: Component, data: bytes) -> StringEncoding:
    for section in _custom(component, _ENCODING_SECTION):
        if section.end - section.start == 2:
            return _encoding(data[section.start + 1])
    return "utf8"


def _encoding(code: int) -> StringEncoding:
    return _ENCODINGS[code] if code < len(_ENCODINGS) else "utf8"


def _producers_in(component: Component, data: bytes) -> Producers:
    for section in _custom(component, PRODUCERS):
        with memoryview(data) as view:
            return read_producers(Reader(view, section.start, section.end))
    return {}
