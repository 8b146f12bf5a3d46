"""What a binary says in WIT: a component its world, a WIT package its interfaces and worlds.

A WIT package is a component that exports nothing but types: for each interface a component type
that imports what the interface uses and exports the interface, for each world one that exports
the world as a component type. A core module that is yet to become a component carries such
packages, of a world each, in custom sections.

Spec: WIT.md#package-format; wit-component's encoding of a module's world.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from spindle.wasm.decoder import Buffer, Kind, decode, kind_of
from spindle.wasm.definitions import Component, CustomSection
from spindle.wasm.module_world import OLDER, read_world
from spindle.wasm.modules import read_module
from spindle.wasm.names import InterfaceName, parse_extern_name
from spindle.wasm.reader import DecodeError
from spindle.wasm.types import ComponentType, ExternType, InstanceType, TypeEq
from spindle.wasm.validator import ResolvedComponent, resolve
from spindle.wasm.wit_docs import NO_DOCS, SECTION, Docs, read_docs

ROOT_PACKAGE = "root:component"
ROOT_WORLD = "root"
MODULE_SECTION = "component-type"
"""The name of a core module's section, or what it begins with before a colon."""


class World(NamedTuple):
    """What is imported and exported, in order."""

    name: str
    imports: Mapping[str, ExternType]
    exports: Mapping[str, ExternType]


class Wit(NamedTuple):
    """One package, with all that it uses of others."""

    package: str
    """`namespace:name`, with a version if it has one."""
    interfaces: tuple[ComponentType, ...]
    """For each of its interfaces: the imports are what it uses, the only export is itself."""
    worlds: tuple[World, ...]
    docs: Docs = NO_DOCS


def read_wit(data: Buffer) -> Wit:
    """The WIT of a binary; raises `DecodeError` and `ValidationError`."""
    if kind_of(data) is Kind.MODULE:
        return _of_module(data)
    component = decode(data)
    resolved = resolve(component, data)
    return _package_of(component, resolved, data) or wit_of(resolved)


def wit_of(component: ResolvedComponent) -> Wit:
    """A component's world; a binary doesn't keep its name."""
    return Wit(ROOT_PACKAGE, (), (World(ROOT_WORLD, component.imports, component.exports),))


def _of_module(data: Buffer) -> Wit:
    found = []
    for section in read_module(data).custom:
        if section.name.partition(":")[0] == MODULE_SECTION:
            inner = bytes(data[section.start : section.end])
            if inner[:1] == OLDER:
                found.append(_of_older(read_world(inner, section.start).type))
                continue
            component = decode(inner)
            wit = _package_of(component, resolve(component, inner), inner)
            if wit is None:
                raise DecodeError(f"the section `{MODULE_SECTION}` holds no world", section.start)
            found.append(wit)
    if not found:
        problem = f"this is a core module without a `{MODULE_SECTION}` section, so it has no WIT"
        raise DecodeError(problem, 4)
    return found[0] if len(found) == 1 else _merged(found)


def _of_older(world: ComponentType) -> Wit:
    """A world that came without the name of its package."""
    return Wit(ROOT_PACKAGE, (), (World(ROOT_WORLD, world.imports, world.exports),))


def _merged(wits: list[Wit]) -> Wit:
    """One world of all: each part of a module may have brought its own."""
    imports: dict[str, ExternType] = {}
    exports: dict[str, ExternType] = {}
    for world in (world for wit in wits for world in wit.worlds):
        imports |= {name: extern for name, extern in world.imports.items() if name not in imports}
        exports |= {name: extern for name, extern in world.exports.items() if name not in exports}
    return Wit(ROOT_PACKAGE, (), (World(ROOT_WORLD, imports, exports),))


def _package_of(component: Component, resolved: ResolvedComponent, data: Buffer) -> Wit | None:
    """The package a component is, if it is one."""
    interfaces: list[ComponentType] = []
    worlds: list[World] = []
    packages = set()
    for extern in resolved.exports.values():
        exported = _only_export(extern)
        if exported is None:
            return None
        type_, name, inner = exported
        packages.add(name.qualified_package)
        if isinstance(inner, ComponentType):
            worlds.append(World(name.interface, inner.imports, inner.exports))
        else:
            interfaces.append(type_)
    if len(packages) != 1:
        return None
    return Wit(packages.pop(), tuple(interfaces), tuple(worlds), _docs(component, data))


def _only_export(
    extern: ExternType,
) -> tuple[ComponentType, InterfaceName, InstanceType | ComponentType] | None:
    """A component type that exports one interface or world, its name and what it is."""
    type_ = extern.type if isinstance(extern, TypeEq) else None
    if not isinstance(type_, ComponentType) or len(type_.exports) != 1:
        return None
    [(text, inner)] = type_.exports.items()
    name = parse_extern_name(text)
    if not isinstance(name, InterfaceName) or not isinstance(inner, InstanceType | ComponentType):
        return None
    return type_, name, inner


def _docs(component: Component, data: Buffer) -> Docs:
    for definition in component.definitions:
        if isinstance(definition, CustomSection) and definition.name == SECTION:
            return read_docs(bytes(data[definition.start : definition.end]))
    return NO_DOCS
