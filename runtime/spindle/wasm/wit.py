"""The world of a component as WIT text.

A binary keeps the names of types only where an interface exports them, so a type is printed by
the name its own interface gives it, as a `use` where another interface named it first, and written
out where nobody did. An alias of a primitive (`type duration = u64`) is printed, but functions
that took it show the primitive.

Spec: WIT.md; wit-component's encoding of worlds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from spindle.wasm.names import InterfaceName, PlainName, parse_extern_name
from spindle.wasm.spelling import Names, spell, spell_func, spell_name, spell_out
from spindle.wasm.subtyping import bound_type, kind_name
from spindle.wasm.types import (
    ComponentType,
    DefType,
    EnumType,
    ExternType,
    FlagsType,
    FuncType,
    InstanceType,
    PrimValType,
    RecordType,
    ResourceType,
    ResultType,
    SubResource,
    TypeEq,
    ValType,
    VariantType,
)
from spindle.wasm.validator import ResolvedComponent

INDENT = "  "


def render_wit(component: ResolvedComponent, world: str = "root") -> str:
    """A component's imports and exports as a world, with the packages it speaks of."""
    printer = _Printer()
    imports = list(printer.items("import", component.imports))
    exports = list(printer.items("export", component.exports))
    lines = ["package root:component;", "", *block(f"world {world}", [*imports, *exports])]
    for package, interfaces in printer.packages.items():
        lines += ["", *block(f"package {package}", separated(interfaces.values()))]
    return "\n".join(lines) + "\n"


def block(head: str, body: Iterable[str]) -> list[str]:
    """Lines in braces."""
    inner = [f"{INDENT}{line}" if line else "" for line in body]
    return [f"{head} {{", *inner, "}"] if inner else [f"{head} {{}}"]


def separated(blocks: Iterable[list[str]]) -> Iterator[str]:
    """Blocks of lines with an empty line between them."""
    for number, lines in enumerate(blocks):
        if number:
            yield ""
        yield from lines


@dataclass(frozen=True, slots=True)
class Origin:
    """The interface that named a type first."""

    interface: InterfaceName
    name: str

    def seen_from(self, user: InterfaceName | None) -> str:
        """How another interface refers to this one."""
        here = self.interface
        if user is not None and package_of(user) == package_of(here):
            return spell_name(here.interface)
        return here.unversioned + version_of(here)


def version_of(name: InterfaceName) -> str:
    """The version with its `@`, or nothing."""
    return f"@{name.version}" if name.version else ""


def package_of(name: InterfaceName) -> str:
    """The package an interface is in, with its version."""
    return f"{name.namespace}:{name.package}{version_of(name)}"


@dataclass(slots=True)
class _Printer:
    packages: defaultdict[str, dict[str, list[str]]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    """The lines of each interface, by package and name."""
    origins: dict[int, Origin] = field(default_factory=dict)
    """Types that have a name, by the object's id."""
    world_names: Names = field(default_factory=Names)

    def items(self, verb: str, externs: Mapping[str, ExternType]) -> Iterator[str]:
        """The lines of a world for its imports or exports."""
        plain: dict[str, ExternType] = {}
        for name, extern in externs.items():
            parsed = parse_extern_name(name)
            if isinstance(parsed, InterfaceName) and isinstance(extern, InstanceType):
                self.interface(parsed, extern)
                yield f"{verb} {name};"
            elif isinstance(extern, InstanceType):
                lines = self.members(None, extern.exports, Names())
                yield from block(f"{verb} {spell_name(name)}: interface", lines)
            elif isinstance(extern, FuncType) and not is_annotated(name):
                yield f"{verb} {spell_name(name)}: {spell_func(extern, self.world_names)};"
            else:
                plain[name] = extern
        yield from self.members(None, plain, self.world_names)

    def interface(self, name: InterfaceName, instance: InstanceType) -> None:
        """Print an interface into its package, once."""
        package = self.packages[package_of(name)]
        if name.interface not in package:
            lines = list(self.members(name, instance.exports, Names()))
            package[name.interface] = block(f"interface {spell_name(name.interface)}", lines)

    def members(
        self, interface: InterfaceName | None, exports: Mapping[str, ExternType], names: Names
    ) -> Iterator[str]:
        """The lines of an interface; `names` gets what its types are called."""
        types = {
            name: bound_type(extern)
            for name, extern in exports.items()
            if isinstance(extern, SubResource | TypeEq)
        }
        for name, type in types.items():
            names.add(type, name)
        yield from self.uses(interface, types, names)
        functions = functions_by_resource(exports)
        for name, extern in exports.items():
            if name in types:
                yield from self.type(interface, name, types[name], names, functions.get(name, []))
            elif isinstance(extern, FuncType):
                if not is_annotated(name):
                    yield f"{spell_name(name)}: {spell_func(extern, names)};"
            else:
                yield f"// {spell_name(name)}: {kind_name(extern)}"

    def uses(
        self, user: InterfaceName | None, types: Mapping[str, DefType], names: Names
    ) -> Iterator[str]:
        """The lines that bring in types which other interfaces named first."""
        used: dict[str, list[str]] = defaultdict(list)
        for name, type in types.items():
            origin = self.origins.get(id(type))
            if origin is not None and names.find(type) == name:
                as_ = "" if origin.name == name else f" as {spell_name(name)}"
                used[origin.seen_from(user)].append(f"{spell_name(origin.name)}{as_}")
        for interface, items in used.items():
            yield f"use {interface}.{{{', '.join(items)}}};"

    def type(
        self,
        interface: InterfaceName | None,
        name: str,
        type: DefType,
        names: Names,
        functions: list[tuple[PlainName, FuncType]],
    ) -> Iterator[str]:
        """The lines that give a type a name, if no `use` does."""
        first = names.find(type) or name
        if first != name:
            yield f"type {spell_name(name)} = {spell_name(first)};"
        elif id(type) not in self.origins:
            if interface is not None and not isinstance(type, PrimValType):
                self.origins[id(type)] = Origin(interface, name)
            yield from definition(name, type, names, functions)


def is_annotated(name: str) -> bool:
    """Whether a function belongs to a resource."""
    parsed = parse_extern_name(name)
    return isinstance(parsed, PlainName) and parsed.kind is not None


def functions_by_resource(
    exports: Mapping[str, ExternType],
) -> dict[str, list[tuple[PlainName, FuncType]]]:
    """Constructors, methods and static functions, by their resource's name."""
    found: dict[str, list[tuple[PlainName, FuncType]]] = defaultdict(list)
    for name, extern in exports.items():
        parsed = parse_extern_name(name)
        if isinstance(extern, FuncType) and isinstance(parsed, PlainName) and parsed.resource:
            found[parsed.resource].append((parsed, extern))
    return found


def definition(
    name: str,
    type: DefType,
    names: Names,
    functions: list[tuple[PlainName, FuncType]],
) -> list[str]:
    """The lines that define a type."""
    label = spell_name(name)
    match type:
        case ResourceType():
            body = [resource_function(parsed, func, names) for parsed, func in functions]
            return block(f"resource {label}", body) if body else [f"resource {label};"]
        case RecordType(fields):
            return block(
                f"record {label}",
                [f"{spell_name(f.label)}: {spell(f.type, names)}," for f in fields],
            )
        case VariantType(cases):
            return block(f"variant {label}", [case(c.label, c.type, names) for c in cases])
        case EnumType(labels):
            return block(f"enum {label}", [f"{spell_name(item)}," for item in labels])
        case FlagsType(labels):
            return block(f"flags {label}", [f"{spell_name(item)}," for item in labels])
        case FuncType() | InstanceType() | ComponentType():
            return [f"// type {label}"]
        case _:
            return [f"type {label} = {spell_out(type, names)};"]


def case(label: str, type: ValType | None, names: Names) -> str:
    """A variant's case."""
    payload = "" if type is None else f"({spell(type, names)})"
    return f"{spell_name(label)}{payload},"


def resource_function(name: PlainName, func: FuncType, names: Names) -> str:
    """A function inside its resource: `self` and a constructor's result go without saying."""
    if name.kind == "constructor":
        fallible = func.result if isinstance(func.result, ResultType) else None
        return f"constructor{spell_func(FuncType(func.params, fallible), names)[len('func') :]};"
    if name.kind == "method":
        func = FuncType(func.params[1:], func.result, func.is_async)
    static = "static " if name.kind == "static" else ""
    return f"{spell_name(name.label)}: {static}{spell_func(func, names)};"
