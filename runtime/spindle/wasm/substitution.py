"""Types with their resources exchanged, and measured.

Spec: Explainer.md#type-checking.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TypeAlias, TypeVar, cast

from spindle.wasm.scopes import ValidationError
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

PARTS: dict[type, tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind))
    for kind in (
        ListType, MapType, FieldType, RecordType, TupleType, CaseType, VariantType, OptionType,
        ResultType, OwnType, BorrowType, StreamType, FutureType, FuncType, ValueType, TypeEq,
        SubResource, InstanceType, ComponentType,
    )
}  # fmt: skip
"""The types that may hold a resource, with the names of their parts."""


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
        if kind not in PARTS and kind is not tuple and kind is not dict:
            return part
        known = self._memo.get(id(part))
        if known is None:
            # The original is kept beside its id, so that no other object takes the id.
            known = self._memo[id(part)] = (part, self._rebuild(part))
        return cast(T, known[1])

    def _rebuild(self, part: object) -> object:
        if isinstance(part, tuple):
            items = tuple(map(self, part))
            return part if all(map(_same, items, part)) else items
        if isinstance(part, dict):
            values = list(map(self, part.values()))
            same = all(map(_same, values, part.values()))
            return part if same else dict(zip(part, values, strict=True))
        old = [getattr(part, name) for name in PARTS[type(part)]]
        new = list(map(self, old))
        return part if all(map(_same, new, old)) else type(part)(*new)


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
    return _free(part, {})


def _free(part: object, memo: dict[int, set[ResourceType]]) -> set[ResourceType]:
    if isinstance(part, ResourceType):
        return {part}
    known = memo.get(id(part))
    if known is None:
        found = set().union(*(_free(child, memo) for child in children(part)))
        known = memo[id(part)] = found - introduced(part)
    return known


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
    if isinstance(part, tuple):
        return part
    if isinstance(part, dict):
        return tuple(part.values())
    return tuple([getattr(part, name) for name in PARTS.get(type(part), ())])


MAX_DEPTH = 100
"""How deep a type may be: what walks types recursively relies on it."""
MAX_SIZE = 1_000_000
"""How many parts a type may have, written out in full."""


class Measure:
    """Keeps types within a depth and a size, each looked at once."""

    def __init__(self) -> None:
        self._memo: dict[int, tuple[object, int, int]] = {}

    def check(self, part: object) -> None:
        """Raise `ValidationError` if a type is too deep or too large."""
        self._measure(part)

    def _measure(self, part: object) -> tuple[int, int]:
        known = self._memo.get(id(part))
        if known is None:
            # The part is kept beside its id, so that no other object takes the id.
            known = self._memo[id(part)] = (part, *self._add_up(part))
        return known[1], known[2]

    def _add_up(self, part: object) -> tuple[int, int]:
        size, depth = 1, 0
        for child in children(part):
            child_size, child_depth = self._measure(child)
            size += child_size
            depth = max(depth, child_depth)
        if part.__class__ in PARTS:
            depth += 1
        if depth > MAX_DEPTH:
            raise ValidationError(f"types nest more than {MAX_DEPTH} deep")
        if size > MAX_SIZE:
            raise ValidationError(f"a type has more than {MAX_SIZE} parts")
        return size, depth
