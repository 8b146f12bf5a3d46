"""Types with their resources exchanged.

Spec: Explainer.md#type-checking.
"""

from __future__ import annotations

from typing import TypeAlias, TypeVar, cast

from spindle.wasm.types import (
    BorrowType,
    CaseType,
    ComponentType,
    ExternType,
    FieldType,
    FuncType,
    FutureType,
    InstanceType,
    ListType,
    MapType,
    OptionType,
    OwnType,
    RecordType,
    ResourceType,
    ResultType,
    StreamType,
    SubResource,
    TupleType,
    TypeEq,
    ValueType,
    VariantType,
)

T = TypeVar("T")

Binding: TypeAlias = dict[ResourceType, ResourceType]
"""Which resource stands for which."""

COMPOUND = frozenset(
    (
        ListType, MapType, FieldType, RecordType, TupleType, CaseType, VariantType, OptionType,
        ResultType, OwnType, BorrowType, StreamType, FutureType, FuncType, ValueType, TypeEq,
        SubResource, InstanceType, ComponentType,
    )
)  # fmt: skip
"""The types that may hold a resource."""


class Substitution:
    """Exchanges resources in types; what holds none of them comes back as the same object."""

    def __init__(self, binding: Binding) -> None:
        self.binding = binding
        self._memo: dict[int, tuple[object, object]] = {}

    def __call__(self, part: T) -> T:
        """A type, or a part of one, with each bound resource exchanged."""
        kind = part.__class__
        if kind is ResourceType:
            resource = cast(ResourceType, part)
            return cast(T, self.binding.get(resource, resource))
        if kind not in COMPOUND and kind is not tuple and kind is not dict:
            return part
        known = self._memo.get(id(part))
        if known is None:
            # The original is kept beside its id, so that no other object takes the id.
            known = self._memo[id(part)] = (part, self._rebuild(part))
        return cast(T, known[1])

    def _rebuild(self, part: object) -> object:
        old = children(part)
        new = tuple(map(self, old))
        if all(map(_same, new, old)):
            return part
        if isinstance(part, dict):
            return dict(zip(part, new, strict=True))
        return new if type(part) is tuple else type(part)(*new)


def _same(one: object, other: object) -> bool:
    return one is other


def freshen(extern: ExternType) -> tuple[ExternType, tuple[ResourceType, ...]]:
    """What an import of a type brings in: the type with fresh resources, and those."""
    if isinstance(extern, SubResource):
        return extern, (extern.resource,)
    if not isinstance(extern, InstanceType) or not extern.resources:
        return extern, ()
    binding = {old: ResourceType(old.name) for old in extern.resources}
    return Substitution(binding)(extern), tuple(binding.values())


def free_resources(part: object) -> set[ResourceType]:
    """The resources in a type that the type does not introduce itself."""
    return FreeResources()(part)


class FreeResources:
    """`free_resources` of many types, each part looked at once."""

    def __init__(self) -> None:
        self._memo: dict[int, tuple[object, set[ResourceType]]] = {}

    def __call__(self, part: object) -> set[ResourceType]:
        """The resources of a type, or of a part of one."""
        if isinstance(part, ResourceType):
            return {part}
        known = self._memo.get(id(part))
        if known is None:
            found = set().union(*map(self, children(part))) - introduced(part)
            # The part is kept beside its id, so that no other object takes the id.
            known = self._memo[id(part)] = (part, found)
        return known[1]


def introduced(part: object) -> set[ResourceType]:
    """The resources a type introduces."""
    match part:
        case InstanceType():
            return set(part.resources)
        case ComponentType():
            return {*part.imported, *part.defined}
    return set()


def children(part: object) -> tuple[object, ...]:
    """The parts a type, or a part of one, is made of."""
    if isinstance(part, dict):
        return tuple(part.values())
    if isinstance(part, tuple) and (type(part) is tuple or type(part) in COMPOUND):
        return part
    return ()
