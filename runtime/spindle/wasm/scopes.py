"""Index spaces: what each index of a component, component type or instance type refers to.

Spec: Explainer.md#index-spaces.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from spindle.wasm.definitions import Component, CoreModule, Sort
from spindle.wasm.facts import FactBook
from spindle.wasm.problems import ValidationError
from spindle.wasm.types import (
    ComponentType,
    CoreExternType,
    CoreFuncType,
    DefType,
    FuncType,
    InstanceType,
    ModuleType,
    OpaqueCoreType,
    ResourceType,
    ValType,
)

__all__ = ["Closure", "CoreInstanceType", "Scope", "ValidationError", "element"]

T = TypeVar("T")


CoreInstanceType: TypeAlias = dict[str, tuple[Sort, CoreExternType | None]] | None
"""What a core instance exports, a type being None if unread; None for an instantiated module."""


@dataclass(slots=True, eq=False)
class Scope:
    """The index spaces of one component, component type or instance type.

    Spaces only grow, so an index means the same while they are built and after. A core definition
    whose type was not read from its module is None.
    """

    kind: str
    """`component`, `component type`, `instance type` or `module type`."""
    parent: Scope | None = None
    facts: FactBook = field(default_factory=FactBook)
    """Shared by a component and all that is in it."""
    types: list[DefType] = field(default_factory=list)
    funcs: list[FuncType] = field(default_factory=list)
    instances: list[InstanceType] = field(default_factory=list)
    components: list[ComponentType] = field(default_factory=list)
    values: list[ValType] = field(default_factory=list)
    core_types: list[CoreFuncType | OpaqueCoreType | ModuleType] = field(default_factory=list)
    core_modules: list[CoreModule | ModuleType] = field(default_factory=list)
    core_instances: list[CoreInstanceType] = field(default_factory=list)
    core_funcs: list[CoreExternType | None] = field(default_factory=list)
    core_tables: list[CoreExternType | None] = field(default_factory=list)
    core_memories: list[CoreExternType | None] = field(default_factory=list)
    core_globals: list[CoreExternType | None] = field(default_factory=list)
    core_tags: list[CoreExternType | None] = field(default_factory=list)

    def inner(self, kind: str) -> Scope:
        """A scope inside this one."""
        return Scope(kind, self, self.facts)

    def copy(self) -> Scope:
        """The same definitions, to be followed by others."""
        other = copy(self)
        for name in SPACES.values():
            setattr(other, name, [*getattr(self, name)])
        return other

    @property
    def is_type(self) -> bool:
        """Whether this is the inside of a type rather than of a component."""
        return self.kind != "component"

    @property
    def article(self) -> str:
        """The kind with its article."""
        return f"{'an' if self.kind[0] in 'aeiou' else 'a'} {self.kind}"

    def space(self, sort: Sort) -> list[Any]:
        """The index space of a sort."""
        space: list[Any] = getattr(self, SPACES[sort])
        return space

    def at(self, sort: Sort, index: int) -> Any:
        """The definition of a sort at an index."""
        return element(self.space(sort), index, sort.value)

    def outer(self, count: int) -> Scope:
        """The scope `count` scopes outward."""
        scope: Scope | None = self
        for _ in range(count):
            if scope is None:
                break
            scope = scope.parent
        if scope is None:
            raise ValidationError(f"outer count {count} goes beyond the outermost scope")
        return scope

    def resource(self, index: int) -> ResourceType:
        """The resource type at a type index."""
        found = element(self.types, index, "type")
        if not isinstance(found, ResourceType):
            raise ValidationError(f"type {index} is not a resource type")
        return found

    def func_type(self, index: int) -> FuncType:
        """The function type at a type index."""
        found = element(self.types, index, "type")
        if not isinstance(found, FuncType):
            raise ValidationError(f"type {index} is not a function type")
        return found


SPACES = {
    Sort.CORE_FUNC: "core_funcs",
    Sort.CORE_TABLE: "core_tables",
    Sort.CORE_MEMORY: "core_memories",
    Sort.CORE_GLOBAL: "core_globals",
    Sort.CORE_TAG: "core_tags",
    Sort.CORE_TYPE: "core_types",
    Sort.CORE_MODULE: "core_modules",
    Sort.CORE_INSTANCE: "core_instances",
    Sort.FUNC: "funcs",
    Sort.VALUE: "values",
    Sort.TYPE: "types",
    Sort.COMPONENT: "components",
    Sort.INSTANCE: "instances",
}


def element(space: list[T], index: int, what: str) -> T:
    """An element of an index space."""
    if index >= len(space):
        count = len(space)
        are = "is" if count == 1 else "are"
        raise ValidationError(f"{what} index {index} is out of range: {count} {are} defined here")
    return space[index]


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """A component's definition with the scope it was defined in."""

    component: Component
    scope: Scope | None
