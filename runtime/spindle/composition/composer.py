"""Parts and the wires between them made into one component.

The root imports what no part provides, nests the parts, instantiates each once with wires and
imports as its arguments, and exports what it is told to.

Spec: Explainer.md#instance-definitions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from spindle.composition.encoder import Custom, Definition, Nested, encode_component, sort_names
from spindle.composition.fitting import check_exports, check_part, check_roots
from spindle.composition.merging import RootImport, RootImports
from spindle.composition.part import Composition, Import, Part, Provided, Wires
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
    check_roots(roots, wires)
    binding = imports.binding
    for part in parts:
        check_part(part, wires, binding)
    exported = list(exports)
    check_exports(exported, roots, binding)
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
