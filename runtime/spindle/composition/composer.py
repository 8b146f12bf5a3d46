"""Parts and the wires between them made into one component.

The root imports what no part provides, nests the parts, instantiates each once with wires and
imports as its arguments, and exports what it is told to.

Spec: Explainer.md#instance-definitions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from spindle.composition.encoder import Custom, Definition, Nested, encode_component, sort_names
from spindle.composition.merging import RootImport, RootImports, introduced, named
from spindle.composition.part import Composition, CompositionError, Part
from spindle.composition.type_writer import TypeWriter
from spindle.wasm import name_section
from spindle.wasm.declarations import sort_of
from spindle.wasm.definitions import (
    NO_ATTRIBUTES,
    AliasExport,
    Export,
    Index,
    Instantiate,
    Sort,
    SortIndex,
)
from spindle.wasm.substitution import Binding, Substitution, free_resources
from spindle.wasm.subtyping import Mismatch, check, kind_name
from spindle.wasm.types import ModuleType, ValueType


class Import(NamedTuple):
    """An import of a part."""

    part: Part
    name: str


class Provided(NamedTuple):
    """An export of a part."""

    part: Part
    name: str


Wires: TypeAlias = Mapping[Import, Provided]


def compose(parts: Sequence[Part], wires: Wires, exports: Iterable[Provided]) -> Composition:
    """One component of parts, each after those that provide for it.

    Raises `CompositionError` if a wire's export does not fit its import, or parts do not agree on
    what they both import.
    """
    assert len(set(parts)) == len(parts)
    imports = RootImports()
    for part in parts:
        for name in part.type.imports:
            if Import(part, name) not in wires:
                imports.add(part, name)
    roots = imports.ordered()
    _check_roots(roots, wires)
    binding = imports.binding
    for part in parts:
        _check_part(part, wires, binding)
    exported = list(exports)
    _check_exports(exported, roots, binding)
    definitions = _Root(roots, imports, wires).write(parts, exported)
    return Composition(tuple(encode_component(definitions)), tuple(parts))


class _Root:
    """The definitions of a root as they are written."""

    def __init__(self, roots: Iterable[RootImport], imports: RootImports, wires: Wires) -> None:
        self.writer = TypeWriter()
        self.imports = imports
        self.wires = wires
        self._indices = {
            id(root): SortIndex(
                sort_of(root.extern),
                self.writer.import_(root.name, root.extern, root.attributes),
            )
            for root in roots
        }
        self._components: dict[bytes, Index] = {}
        self._instances: dict[Part, Index] = {}
        self._aliases: dict[Provided, SortIndex] = {}

    def write(self, parts: Iterable[Part], exports: Iterable[Provided]) -> list[Definition]:
        """Nest and instantiate the parts, and export what they provide."""
        for part in parts:
            self._nest(part)
        for part in parts:
            args = tuple([(name, self._argument(part, name)) for name in part.type.imports])
            instantiate = Instantiate(self._components[part.data], args)
            self._instances[part] = self.writer.append(Sort.INSTANCE, instantiate)
        # Each export is a definition of its own: all aliases come before the first of them.
        targets = [(provided, self._alias(provided)) for provided in exports]
        for (part, name), target in targets:
            attributes = part.attributes.get(("export", name), NO_ATTRIBUTES)
            self.writer.append(target.sort, Export(name, target, None, attributes))
        return [*self.writer.definitions, self._names()]

    def _names(self) -> Custom:
        """What people call the parts, as names of their components and instances."""
        components = {self._components[part.data]: part.name for part in self._instances}
        instances = {index: part.name for part, index in self._instances.items()}
        payload = b"".join(
            sort_names(sort, names)
            for sort, names in ((Sort.COMPONENT, components), (Sort.INSTANCE, instances))
        )
        return Custom(name_section.SECTION, payload)

    def _nest(self, part: Part) -> None:
        if part.data not in self._components:
            index = self.writer.append(Sort.COMPONENT, Nested(part.data))
            self._components[part.data] = index

    def _argument(self, part: Part, name: str) -> SortIndex:
        provided = self.wires.get(Import(part, name))
        if provided is None:
            return self._indices[id(self.imports.find(name))]
        return self._alias(provided)

    def _alias(self, provided: Provided) -> SortIndex:
        known = self._aliases.get(provided)
        if known is None:
            part, name = provided
            sort = sort_of(part.type.exports[name])
            alias = AliasExport(sort, self._instances[part], name)
            known = self._aliases[provided] = SortIndex(sort, self.writer.append(sort, alias))
        return known


# What must fit.


def _check_roots(roots: Iterable[RootImport], wires: Wires) -> None:
    """Check that the host can provide every root import: none is about a part's resource."""
    inside = {
        resource: one for one in wires for resource in introduced(one.part.type.imports[one.name])
    }
    for root in roots:
        if isinstance(root.extern, ModuleType | ValueType):
            raise CompositionError(
                f"import `{root.name}` of `{root.parts[0].name}` is {kind_name(root.extern)}, "
                "which a composition cannot pass on"
            )
        for resource in root.uses & inside.keys():
            other = inside[resource]
            provider = wires[other].part
            raise CompositionError(
                f"import `{root.name}` of `{root.parts[0].name}` uses the resource "
                f"`{resource.name}` of `{other.name}`, which `{provider.name}` provides: "
                "the host cannot provide the one without the other",
                hints=(f"provide `{root.name}` by a component, too",),
            )


def _check_part(part: Part, wires: Wires, binding: Binding) -> None:
    """Check what a part is given, and let the resources it imports be those it is given."""
    for name, declared in part.type.imports.items():
        provided = wires.get(Import(part, name))
        if provided is None:
            continue
        actual = Substitution(binding)(provided.part.type.exports[provided.name])
        try:
            check(actual, declared, binding)
        except Mismatch as mismatch:
            raise CompositionError(
                f"`{provided.part.name}` exports `{provided.name}`, which does not fit import "
                f"`{name}` of `{part.name}`: {mismatch}"
            ) from None


def _check_exports(
    exports: Iterable[Provided], roots: Iterable[RootImport], binding: Binding
) -> None:
    """Check that exports speak of no resource that has no name outside."""
    visible = {resource for root in roots for resource in named(root.extern)}
    for part, name in exports:
        extern = Substitution(binding)(part.type.exports[name])
        visible |= named(extern)
        if free_resources(extern) - visible:
            raise CompositionError(
                f"export `{name}` of `{part.name}` uses a resource of another part, which is not "
                "exported with it"
            )
