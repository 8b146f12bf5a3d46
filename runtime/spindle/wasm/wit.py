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
    printer = Printer(wit.package, wit.docs)
    for interface in wit.interfaces:
        printer.interfaces(interface.imports)
        printer.interfaces(interface.exports)
    worlds = [printer.world(world) for world in wit.worlds]
    own = printer.packages.pop(wit.package, {})
    lines = [*wit.docs.lines(), f"package {spell_package(wit.package)};"]
    lines += ["", *separated([*blocks_of(wit.package, own), *worlds])]
    return text_of([*lines, *nested_packages(printer.packages)])


def nested_packages(packages: Mapping[str, Mapping[str, Body]]) -> Iterator[str]:
    """The lines of packages in braces, each after an empty line."""
    for package, interfaces in packages.items():
        yield from (
            "",
            *block(f"package {spell_package(package)}", separated(blocks_of(package, interfaces))),
        )


def blocks_of(package: str, interfaces: Mapping[str, Body]) -> Iterator[list[str]]:
    """The lines of each interface of a package."""
    for name, body in interfaces.items():
        head = f"interface {spell_name(name)}"
        yield [*body.docs.lines(), *block(head, body.lines(package))]


def text_of(lines: Iterable[str]) -> str:
    """Lines as one text."""
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


def spell_interface(name: InterfaceName, package: str) -> str:
    """An interface as text inside a package refers to it, its own ones without the package."""
    if name.qualified_package == package:
        return spell_name(name.interface)
    version = f"@{name.version}" if name.version else ""
    namespace, in_namespace = spell_name(name.namespace), spell_name(name.package)
    return f"{namespace}:{in_namespace}/{spell_name(name.interface)}{version}"


def spell_package(package: str) -> str:
    """A package's name, `namespace:name@version`, as WIT."""
    name, at, version = package.partition("@")
    return ":".join(map(spell_name, name.split(":"))) + at + version


@dataclass(slots=True)
class Body:
    """What is between the braces of an interface."""

    docs: Docs = NO_DOCS
    uses: Mapping[InterfaceName, Mapping[str, None]] = field(default_factory=dict)
    """The names used of each other interface."""
    members: dict[str, list[str]] = field(default_factory=dict)
    """The lines of each type and function, by name."""

    def lines(self, package: str) -> Iterator[str]:
        """The lines within a package, those that begin with `use` first."""
        for interface, items in self.uses.items():
            yield f"use {spell_interface(interface, package)}.{{{', '.join(items)}}};"
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
class Printer:
    """Prints worlds and interfaces; types that one interface took from another stay its."""

    package: str
    """The one that worlds are in, and that `docs` is about."""
    docs: Docs = NO_DOCS
    packages: defaultdict[str, dict[str, Body]] = field(default_factory=lambda: defaultdict(dict))
    """Interfaces by package and name."""
    origins: dict[int, Origin] = field(default_factory=dict)
    """Types that have a name, by the object's id."""
    named: set[InterfaceName] = field(default_factory=set)
    """The interfaces that worlds speak of."""

    def reachable(self) -> dict[str, dict[str, Body]]:
        """The packages with nothing but what worlds speak of, and what that speaks of."""
        found = set(self.named)
        rest = list(found)
        while rest:
            name = rest.pop()
            new = {*self.packages[name.qualified_package][name.interface].uses} - found
            found |= new
            rest += new
        paths = {(name.qualified_package, name.interface) for name in found}
        kept = {
            package: {name: body for name, body in bodies.items() if (package, name) in paths}
            for package, bodies in self.packages.items()
        }
        return {package: bodies for package, bodies in kept.items() if bodies}

    def world(self, world: World) -> list[str]:
        """The lines of a world."""
        docs = self.docs.of("worlds", world.name)
        names = Names()
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
            if isinstance(extern, SubResource | TypeEq):
                names.add(bound_type(extern), name)
        for name, extern in externs.items():
            parsed = parse_extern_name(name)
            if isinstance(parsed, InterfaceName) and isinstance(extern, InstanceType):
                self.named.add(parsed)
                yield f"{verb} {spell_interface(parsed, self.package)};"
            elif isinstance(extern, InstanceType):
                about = docs.of("interfaces", name)
                yield from about.lines()
                body = self.body(None, extern.exports, Names(), about)
                head = f"{verb} {spell_name(name)}: interface"
                yield from block(head, body.lines(self.package))
            elif isinstance(extern, FuncType) and not is_annotated(name):
                yield from docs.of("funcs", name).lines()
                yield f"{verb} {spell_name(name)}: {spell_func(extern, names)};"
            else:
                plain[name] = extern
        yield from self.body(None, plain, names, docs).lines(self.package)

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
    ) -> Mapping[InterfaceName, Mapping[str, None]]:
        """What is brought in because other interfaces named it first."""
        used: defaultdict[InterfaceName, dict[str, None]] = defaultdict(dict)
        for name, type in types.items():
            origin = self.origins.get(id(type))
            if origin is not None and origin.interface != user and names.find(type) == name:
                as_ = "" if origin.name == name else f" as {spell_name(name)}"
                used[origin.interface][f"{spell_name(origin.name)}{as_}"] = None
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
