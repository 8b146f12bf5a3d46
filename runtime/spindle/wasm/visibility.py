"""Which types an import or export may use: those that have a name outside the component.

Records, variants, enums, flags and resources have one once they are imported or exported, by
themselves or in an instance; an import may use only what was imported. Other types need no name,
their parts do. Types of equal structure share their names. Of an instance type that is imported or
exported as a type, the exports name nothing: those of its instances do.

Spec: Explainer.md#external-visibility-of-types.
"""

from __future__ import annotations

from spindle.wasm.numbering import Numbering
from spindle.wasm.problems import ValidationError
from spindle.wasm.substitution import children
from spindle.wasm.types import (
    ComponentType,
    EnumType,
    ExternType,
    FlagsType,
    InstanceType,
    PrimValType,
    RecordType,
    ResourceType,
    SubResource,
    TypeEq,
    VariantType,
)

NAMED = {
    RecordType: "a record",
    VariantType: "a variant",
    EnumType: "an enum",
    FlagsType: "a flags type",
    ResourceType: "a resource",
}
"""The types that need a name."""


class Visibility:
    """The types with names, of one component or component type."""

    def __init__(self) -> None:
        self._imported: set[int] = set()
        self._named: set[int] = set()
        """Those exported too."""
        self._number = Numbering()
        self._added: dict[tuple[str, int], tuple[ExternType, set[int]]] = {}

    def add(self, what: str, extern: ExternType) -> None:
        """Check an import or export (`what`), and let others use the types it names."""
        used = self._imported if what == "import" else self._named
        key = (what, id(extern))
        if key not in self._added:  # what was good is so again: names only become more
            visible = frozenset(used) if isinstance(extern, InstanceType) else used
            self._added[key] = (extern, self._check(extern, visible))
        _, names = self._added[key]
        self._named |= names
        if what == "import":
            self._imported |= names

    def _check(self, extern: ExternType, visible: set[int] | frozenset[int]) -> set[int]:
        """The names an extern gives; raises if it uses a type without one."""
        if isinstance(extern, SubResource):
            return {self._number(extern.resource)}
        if isinstance(extern, InstanceType):
            return self._check_instance(extern, visible)
        if isinstance(extern, TypeEq):
            type = extern.type
            if isinstance(type, InstanceType):
                self._check_instance_type(type, visible)
                return set()
            if not isinstance(type, ResourceType | ComponentType):
                self._check_parts(type, visible)
            return {self._number(type)} if type.__class__ in NAMED else set()
        if not isinstance(extern, ComponentType):
            self._check_parts(extern, visible)
        return set()

    def _check_instance(
        self, instance: InstanceType, visible: set[int] | frozenset[int]
    ) -> set[int]:
        """The names an instance gives: what it exports may use what it names."""
        names: set[int] = set()
        for extern in instance.exports.values():
            names |= self._check(extern, visible | names)
        return names

    def _check_instance_type(self, type: InstanceType, visible: set[int] | frozenset[int]) -> None:
        """Check an instance type by itself: only an instance of it would name anything."""
        for extern in type.exports.values():
            if isinstance(extern, InstanceType):
                self._check_instance_type(extern, visible)
            else:
                self._check(extern, visible)

    def _check_parts(self, part: object, visible: set[int] | frozenset[int]) -> None:
        pending, seen = list(children(part)), set()
        while pending:
            part = pending.pop()
            if id(part) in seen or isinstance(part, PrimValType | str):
                continue
            seen.add(id(part))
            kind = NAMED.get(part.__class__)
            if kind is None:
                pending += children(part)
            elif self._number(part) not in visible:
                raise ValidationError(f"it uses {kind} that is not imported or exported before it")
