"""Worlds and packages as WIT text.

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
from spindle.wasm.wit_binary import Wit, World
from spindle.wasm.wit_docs import NO_DOCS, Docs

INDENT = "  "


def render_wit(wit: Wit) -> str:
    """A package as text, with all that it uses of others."""
    printer = _Printer(wit.package, wit.docs)
    for interface in wit.interfaces:
        printer.interfaces(interface.imports)
        printer.interfaces(interface.exports)
    worlds = [printer.world(world) for world in wit.worlds]
    own = printer.packages.pop(wit.package, {})
    lines = [*wit.docs.lines(), f"package {wit.package};"]
    lines += ["", *separated([*blocks_of(own), *worlds])]
    for package, interfaces in printer.packages.items():
        lines += ["", *block(f"package {package}", separated(blocks_of(interfaces)))]
    return "\n".join(lines) + "\n"


def blocks_of(interfaces: Mapping[str, Body]) -> Iterator[list[str]]:
    """The lines of each interface."""
    for name, body in interfaces.items():
        yield [*body.docs.lines(), *block(f"interface {spell_name(name)}", body.lines())]


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


def spell_interface(name: InterfaceName, package: str) -> str:
    """An interface as text inside a package refers to it, its own ones without the package."""
    if name.qualified_package == package:
        return spell_name(name.interface)
    return name.unversioned + (f"@{name.version}" if name.version else "")


@dataclass(slots=True)
class Body:
    """What is between the braces of an interface."""

    docs: Docs = NO_DOCS
    uses: Mapping[str, dict[str, None]] = field(default_factory=dict)
    """The names used of each other interface."""
    members: dict[str, list[str]] = field(default_factory=dict)
    """The lines of each type and function, by name."""

    def lines(self) -> Iterator[str]:
        """The lines, those that begin with `use` first."""
        for interface, items in self.uses.items():
            yield f"use {interface}.{{{', '.join(items)}}};"
        for lines in self.members.values():
            yield from lines

    def merged(self, other: Body) -> Body:
        """Both together: what is printed for a user of an interface has only what it uses."""
        uses = {name: {**items} for name, items in self.uses.items()}
        for interface, items in other.uses.items():
            uses[interface] = {**uses.get(interface, {}), **items}
        members = dict(self.members)
        for name, lines in other.members.items():
            if len(lines) > len(members.get(name, ())):
                members[name] = lines
        return Body(self.docs, uses, members)


@dataclass(slots=True)
class _Printer:
    package: str
    """The one that `docs` is about."""
    docs: Docs
    packages: defaultdict[str, dict[str, Body]] = field(default_factory=lambda: defaultdict(dict))
    """Interfaces by package and name."""
    origins: dict[int, Origin] = field(default_factory=dict)
    """Types that have a name, by the object's id."""

    def world(self, world: World) -> list[str]:
        """The lines of a world."""
        docs = self.docs.of("worlds", world.name)
        names = Names()
        for name, extern in world.imports.items():
            if isinstance(extern, SubResource | TypeEq):
                names.add(bound_type(extern), name)
        imports = list(self.items("import", world.imports, names, docs))
        exports = list(self.items("export", world.exports, names, docs))
        return [*docs.lines(), *block(f"world {spell_name(world.name)}", [*imports, *exports])]

    def items(
        self, verb: str, externs: Mapping[str, ExternType], names: Names, docs: Docs
    ) -> Iterator[str]:
        """The lines of a world for its imports or exports."""
        plain: dict[str, ExternType] = {}
        self.interfaces(externs)
        for name, extern in externs.items():
            parsed = parse_extern_name(name)
            if isinstance(parsed, InterfaceName) and isinstance(extern, InstanceType):
                yield f"{verb} {spell_interface(parsed, self.package)};"
            elif isinstance(extern, InstanceType):
                about = docs.of("interfaces", name)
                yield from about.lines()
                lines = self.body(None, extern.exports, Names(), about).lines()
                yield from block(f"{verb} {spell_name(name)}: interface", lines)
            elif isinstance(extern, FuncType) and not is_annotated(name):
                yield from docs.of("funcs", name).lines()
                yield f"{verb} {spell_name(name)}: {spell_func(extern, names)};"
            else:
                plain[name] = extern
        yield from self.body(None, plain, names, docs).lines()

    def interfaces(self, externs: Mapping[str, ExternType]) -> None:
        """Print those of some externs that are interfaces into their packages."""
        for text, extern in externs.items():
            name = parse_extern_name(text)
            if isinstance(name, InterfaceName) and isinstance(extern, InstanceType):
                in_package = self.packages[name.qualified_package]
                is_own = name.qualified_package == self.package
                docs = self.docs.of("interfaces", name.interface) if is_own else NO_DOCS
                body = self.body(name, extern.exports, Names(), docs)
                known = in_package.get(name.interface)
                in_package[name.interface] = body if known is None else known.merged(body)

    def body(
        self,
        interface: InterfaceName | None,
        exports: Mapping[str, ExternType],
        names: Names,
        docs: Docs,
    ) -> Body:
        """What an interface has; `names` gets what its types are called."""
        types = {
            name: bound_type(extern)
            for name, extern in exports.items()
            if isinstance(extern, SubResource | TypeEq)
        }
        for name, type in types.items():
            names.add(type, name)
        body = Body(docs, self.uses(interface, types, names))
        functions = functions_by_resource(exports)
        for name, extern in exports.items():
            if name in types:
                own = functions.get(name, [])
                lines = self.type(interface, name, types[name], names, own, docs)
            elif isinstance(extern, FuncType):
                text = f"{spell_name(name)}: {spell_func(extern, names)};"
                lines = [] if is_annotated(name) else [*docs.of("funcs", name).lines(), text]
            else:
                lines = [f"// {spell_name(name)}: {kind_name(extern)}"]
            if lines:
                body.members[name] = lines
        return body

    def uses(
        self, user: InterfaceName | None, types: Mapping[str, DefType], names: Names
    ) -> Mapping[str, dict[str, None]]:
        """What is brought in because other interfaces named it first."""
        package = self.package if user is None else user.qualified_package
        used: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for name, type in types.items():
            origin = self.origins.get(id(type))
            if origin is not None and origin.interface != user and names.find(type) == name:
                as_ = "" if origin.name == name else f" as {spell_name(name)}"
                used[spell_interface(origin.interface, package)][
                    f"{spell_name(origin.name)}{as_}"
                ] = None
        return used

    def type(
        self,
        interface: InterfaceName | None,
        name: str,
        type: DefType,
        names: Names,
        functions: list[tuple[PlainName, FuncType]],
        docs: Docs,
    ) -> list[str]:
        """The lines that give a type a name, none if a `use` does."""
        about = docs.of("types", name)
        first = names.find(type) or name
        if first != name:
            return [*about.lines(), f"type {spell_name(name)} = {spell_name(first)};"]
        origin = self.origins.get(id(type))
        if origin is not None and origin.interface != interface:
            return []
        if interface is not None and not isinstance(type, PrimValType):
            self.origins[id(type)] = Origin(interface, name)
        return [*about.lines(), *definition(name, type, names, functions, docs)]


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
    docs: Docs = NO_DOCS,
) -> list[str]:
    """The lines that define a type; `docs` is about the interface it is in."""
    label = spell_name(name)
    items = docs.of("types", name, "items")
    match type:
        case ResourceType():
            body = resource_body(functions, names, docs.of("funcs"))
            return block(f"resource {label}", body) if body else [f"resource {label};"]
        case RecordType(fields):
            lines = {f.label: f"{spell_name(f.label)}: {spell(f.type, names)}," for f in fields}
            return block(f"record {label}", documented(lines, items))
        case VariantType(cases):
            lines = {c.label: case(c.label, c.type, names) for c in cases}
            return block(f"variant {label}", documented(lines, items))
        case EnumType(labels) | FlagsType(labels):
            kind = "enum" if isinstance(type, EnumType) else "flags"
            lines = {item: f"{spell_name(item)}," for item in labels}
            return block(f"{kind} {label}", documented(lines, items))
        case FuncType() | InstanceType() | ComponentType():
            return [f"// type {label}"]
        case _:
            return [f"type {label} = {spell_out(type, names)};"]


def resource_body(
    functions: Iterable[tuple[PlainName, FuncType]], names: Names, docs: Docs
) -> list[str]:
    """The lines of a resource's functions; `docs` is about functions."""
    lines = {str(name): resource_function(name, func, names) for name, func in functions}
    return list(documented(lines, docs))


def documented(lines: Mapping[str, str], docs: Docs) -> Iterator[str]:
    """Lines by name, each after what is said of it."""
    for name, line in lines.items():
        yield from docs.of(name).lines()
        yield line


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
