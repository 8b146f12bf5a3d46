"""What the parts of a composition import that no other part provides, as imports of the whole.

Imports of one name are one, and so are those whose versions are compatible, under the highest
version: an instance then exports whatever any of the parts asks for. Their resources become one.

Spec: Explainer.md#subtyping; what `wac plug` does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from spindle.composition.part import CompositionError, Part
from spindle.wasm.definitions import NO_ATTRIBUTES, Attributes
from spindle.wasm.names import Track, track_of, version_order
from spindle.wasm.substitution import Binding, Substitution, free_resources
from spindle.wasm.subtyping import Mismatch, bound_type, check
from spindle.wasm.types import (
    ExternType,
    InstanceType,
    ResourceType,
    SubResource,
    TypeEq,
)


@dataclass(slots=True, eq=False)
class RootImport:
    """An import of the whole composition."""

    name: str
    extern: ExternType
    attributes: Attributes
    parts: list[Part]
    """Those that import it."""
    uses: set[ResourceType] = field(default_factory=set)
    """The resources it speaks of without bringing them, once all imports are there."""


class RootImports:
    """The imports of a composition, as part after part adds its own."""

    def __init__(self) -> None:
        self.by_track: dict[Track, RootImport] = {}
        self._binding: Binding = {}
        self._substitution = Substitution({})
        """Up to date unless resources were unified since."""

    def add(self, part: Part, name: str) -> None:
        """Add an import of a part."""
        extern = part.type.imports[name]
        attributes = part.attributes.get(("import", name), NO_ATTRIBUTES)
        existing = self.by_track.get(track_of(name))
        if existing is None:
            self.by_track[track_of(name)] = RootImport(name, extern, attributes, [part])
            return
        try:
            existing.extern = self._merged(existing.extern, extern)
        except Mismatch as mismatch:
            raise irreconcilable(existing, part, name, mismatch) from None
        if version_order(name) > version_order(existing.name):
            existing.name, existing.attributes = name, attributes
        existing.parts.append(part)

    def find(self, name: str) -> RootImport:
        """The import that serves a part's import."""
        return self.by_track[track_of(name)]

    @property
    def binding(self) -> Binding:
        """Which resource of the whole each resource of an import is."""
        return {resource: self._final(resource) for resource in self._binding}

    def ordered(self) -> list[RootImport]:
        """All imports, each after those whose resources it uses, in terms of final resources."""
        substitute = Substitution(self.binding)
        for root in self.by_track.values():
            root.extern = substitute(root.extern)
            root.uses = free_resources(root.extern) - set(introduced(root.extern))
        owners = {
            resource: root
            for root in self.by_track.values()
            for resource in introduced(root.extern)
        }
        return in_order(self.by_track.values(), owners)

    def _final(self, resource: ResourceType) -> ResourceType:
        while resource in self._binding:
            resource = self._binding[resource]
        return resource

    def _unify(self, one: ResourceType, other: ResourceType) -> None:
        """Let a resource be another from here on."""
        one, other = self._final(one), self._final(other)
        if one is not other:
            self._binding[one] = other

    def _merged(self, mine: ExternType, added: ExternType) -> ExternType:
        """The least that can stand for both types."""
        if isinstance(mine, InstanceType) and isinstance(added, InstanceType):
            return self._merged_instance(mine, added)
        if is_resource(mine) and is_resource(added):
            return self._merged_resource(mine, added)
        if len(self._substitution.binding) < len(self._binding):
            self._substitution = Substitution(self.binding)
        mine, added = self._substitution(mine), self._substitution(added)
        try:
            check(mine, added, {})
        except Mismatch:
            check(added, mine, {})
            return added
        return mine

    def _merged_resource(self, mine: ExternType, added: ExternType) -> ExternType:
        """One resource; it is somebody else's if either of the two is."""
        one, other = resource_of(mine), resource_of(added)
        if isinstance(added, SubResource):
            self._unify(other, one)
            return mine
        if self._final(one) is self._final(other):
            return mine
        if isinstance(mine, TypeEq):
            raise Mismatch(f"resource `{one.name}` is not the same as `{other.name}`")
        self._unify(one, other)
        return added

    def _merged_instance(self, mine: InstanceType, added: InstanceType) -> InstanceType:
        exports = dict(mine.exports)
        for name, extern in added.exports.items():
            try:
                exports[name] = self._merged(exports[name], extern) if name in exports else extern
            except Mismatch as mismatch:
                raise mismatch.within(f"export `{name}`") from None
        merged = InstanceType(exports)
        return merged._replace(resources=tuple(introduced(merged)))


def is_resource(extern: ExternType) -> bool:
    """Whether an import or export is a resource type."""
    if not isinstance(extern, SubResource | TypeEq):
        return False
    return isinstance(bound_type(extern), ResourceType)


def resource_of(extern: ExternType) -> ResourceType:
    """The resource that a type import or export is."""
    assert isinstance(extern, SubResource | TypeEq)
    resource = bound_type(extern)
    assert isinstance(resource, ResourceType)
    return resource


def introduced(extern: ExternType) -> list[ResourceType]:
    """The resources that an import brings."""
    match extern:
        case SubResource(resource):
            return [resource]
        case InstanceType(exports):
            return [resource for export in exports.values() for resource in introduced(export)]
    return []


def named(extern: ExternType) -> set[ResourceType]:
    """The resources that an import or export gives a name, whosoever they are."""
    if isinstance(extern, InstanceType):
        return set().union(*map(named, extern.exports.values()))
    return {resource_of(extern)} if is_resource(extern) else set()


def in_order(
    roots: Collection[RootImport], owners: Mapping[ResourceType, RootImport]
) -> list[RootImport]:
    """Imports, each after those whose resources it uses."""
    done: dict[str, RootImport] = {}
    begun: set[str] = set()

    def visit(root: RootImport) -> None:
        if root.name in done:
            return
        if root.name in begun:
            raise CompositionError(
                f"import `{root.name}` uses resources of interfaces that use its own; no one part "
                "imports them so, but together they do"
            )
        begun.add(root.name)
        needed = {owners[resource].name for resource in root.uses & owners.keys()}
        for other in roots:
            if other.name in needed - {root.name}:
                visit(other)
        done[root.name] = root

    for root in roots:
        visit(root)
    return list(done.values())


def irreconcilable(
    existing: RootImport, part: Part, name: str, mismatch: Mismatch
) -> CompositionError:
    """Two parts want different things under one name."""
    others = ", ".join(f"`{other.name}`" for other in existing.parts)
    same = "" if name == existing.name else f", which {others} imports as `{existing.name}`"
    return CompositionError(
        f"`{part.name}` and {others} do not agree on import `{name}`{same}: {mismatch}",
        hints=("build them against the same version of the interface",),
    )
