"""A component binary as a tree, in the binary's order, with its indices as they stand.

One pass over `Component.definitions` rebuilds every index space: each definition says in its
docstring which space it appends to. Types appear here as written, a value type being a primitive
or an index into the type index space; resolved types are in `spindle.wasm.types`.

Core modules are byte ranges of the file and are never copied.

The classes are named tuples because a large component has thousands of definitions and a host
starts often: they are made faster than frozen dataclasses, the classes themselves as well. The
exceptions have fields that a tuple has methods of the same name for, or no fields at all.

Spec: Binary.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, TypeAlias

from spindle.wasm.canonical import CanonBuiltin, CanonLift, CanonLower
from spindle.wasm.types import (
    CoreFuncType,
    CoreGlobalType,
    CoreMemoryType,
    CoreTableType,
    CoreValType,
    OpaqueCoreType,
    PrimValType,
)

Index: TypeAlias = int
"""A position in one of a component's index spaces."""


class Sort(Enum):
    """The sort of a definition; the value is its name in the text format."""

    CORE_FUNC = "core func"
    CORE_TABLE = "core table"
    CORE_MEMORY = "core memory"
    CORE_GLOBAL = "core global"
    CORE_TAG = "core tag"
    CORE_TYPE = "core type"
    CORE_MODULE = "core module"
    CORE_INSTANCE = "core instance"
    FUNC = "func"
    VALUE = "value"
    TYPE = "type"
    COMPONENT = "component"
    INSTANCE = "instance"

    # Members are singletons: identity is cheaper than Enum's hash of the name.
    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True)
class SortIndex:
    """One definition, by sort and index in that sort's space."""

    sort: Sort
    index: Index


class Attributes(NamedTuple):
    """The annotations of an import's or export's name; each at most once."""

    implements: str | None = None
    version_suffix: str | None = None
    external_id: str | None = None


NO_ATTRIBUTES = Attributes()

# Sections 0, 1 and 4: bytes and nesting.


class CustomSection(NamedTuple):
    """A custom section; its payload, after the name, is file bytes `start` to `end`."""

    name: str
    start: int
    end: int


class CoreModule(NamedTuple):
    """A core module, which is file bytes `start` to `end`; appends to the core module space."""

    start: int
    end: int


class Component(NamedTuple):
    """A component, file bytes `start` to `end`; a nested one appends to the component space."""

    start: int
    end: int
    definitions: tuple[Definition, ...]
    """Everything, flattened out of the sections, in binary order."""
    offsets: tuple[int, ...]
    """The file offset of each definition."""


# Section 2: core instances.


class CoreInstantiate(NamedTuple):
    """Instantiate a core module; appends to the core instance space."""

    module: Index
    args: tuple[tuple[str, Index], ...]
    """Each import module name with the core instance that provides it."""


class CoreInlineExports(NamedTuple):
    """A core instance made of existing core definitions; appends to the core instance space."""

    exports: tuple[tuple[str, SortIndex], ...]


# Section 3: core types. Each appends one or more types to the core type space.


class CoreTypeDef(NamedTuple):
    """A core type: a function type, or one that components do not look into."""

    type: CoreFuncType | OpaqueCoreType


class CoreTagDecl(NamedTuple):
    """A tag's type, as an index into the declaring module type's own types."""

    type: Index


class CoreFuncDecl(NamedTuple):
    """A function's type, as an index into the declaring module type's own types."""

    type: Index


CoreExternDecl: TypeAlias = (
    CoreFuncDecl | CoreTableType | CoreMemoryType | CoreGlobalType | CoreTagDecl
)


class CoreImportItem(NamedTuple):
    """An import of a declared module type."""

    module: str
    name: str
    type: CoreExternDecl


class CoreExportItem(NamedTuple):
    """An export of a declared module type."""

    name: str
    type: CoreExternDecl


class ModuleTypeDef(NamedTuple):
    """A core module type, with an index space of its own; appends to the core type space."""

    declarations: tuple[ModuleDecl, ...]


# Section 5: instances.


class Instantiate(NamedTuple):
    """Instantiate a component; appends to the instance space."""

    component: Index
    args: tuple[tuple[str, SortIndex], ...]


class InlineExports(NamedTuple):
    """An instance made of existing definitions; appends to the instance space."""

    exports: tuple[tuple[str, SortIndex], ...]
    attributes: tuple[Attributes, ...] = ()
    """Those of each export's name."""


# Section 6: aliases. Each appends to the space of its sort.


class AliasExport(NamedTuple):
    """An export of an instance."""

    sort: Sort
    instance: Index
    name: str


class AliasCoreExport(NamedTuple):
    """An export of a core instance."""

    sort: Sort
    instance: Index
    name: str


@dataclass(frozen=True, slots=True)
class AliasOuter:
    """A definition of an enclosing scope, `count` scopes outward (0 is this one)."""

    sort: Sort
    count: int
    index: Index


# Section 7: types as written. Each appends to the type space.

ValTypeRef: TypeAlias = PrimValType | Index
"""A primitive, or an index into the type space."""


class LabelValType(NamedTuple):
    """A record field or a parameter."""

    label: str
    type: ValTypeRef


class RecordDef(NamedTuple):
    """`record`."""

    fields: tuple[LabelValType, ...]


class CaseDef(NamedTuple):
    """One case of a variant."""

    label: str
    type: ValTypeRef | None


class VariantDef(NamedTuple):
    """`variant`."""

    cases: tuple[CaseDef, ...]


class ListDef(NamedTuple):
    """`list`, of a fixed length if there is one."""

    element: ValTypeRef
    length: int | None = None


class MapDef(NamedTuple):
    """`map`."""

    key: ValTypeRef
    value: ValTypeRef


class TupleDef(NamedTuple):
    """`tuple`."""

    types: tuple[ValTypeRef, ...]


class FlagsDef(NamedTuple):
    """`flags`."""

    labels: tuple[str, ...]


class EnumDef(NamedTuple):
    """`enum`."""

    labels: tuple[str, ...]


class OptionDef(NamedTuple):
    """`option`."""

    type: ValTypeRef


class ResultDef(NamedTuple):
    """`result`."""

    ok: ValTypeRef | None
    error: ValTypeRef | None


class OwnDef(NamedTuple):
    """`own`, of a resource type by index."""

    resource: Index


class BorrowDef(NamedTuple):
    """`borrow`, of a resource type by index."""

    resource: Index


class StreamDef(NamedTuple):
    """`stream`."""

    element: ValTypeRef | None


class FutureDef(NamedTuple):
    """`future`."""

    element: ValTypeRef | None


class ResourceDef(NamedTuple):
    """A resource type defined here: its representation and its destructor, a core function."""

    rep: CoreValType
    dtor: Index | None


class FuncDef(NamedTuple):
    """A function type."""

    params: tuple[LabelValType, ...]
    result: ValTypeRef | None
    is_async: bool = False


class InstanceTypeDef(NamedTuple):
    """An instance type, a scope with index spaces of its own."""

    declarations: tuple[InstanceDecl, ...]


class ComponentTypeDef(NamedTuple):
    """A component type, a scope with index spaces of its own."""

    declarations: tuple[ComponentDecl, ...]


DefValType: TypeAlias = (
    RecordDef
    | VariantDef
    | ListDef
    | MapDef
    | TupleDef
    | FlagsDef
    | EnumDef
    | OptionDef
    | ResultDef
    | OwnDef
    | BorrowDef
    | StreamDef
    | FutureDef
    | PrimValType
)


class TypeDef(NamedTuple):
    """A type definition; appends to the type space."""

    type: DefValType | ResourceDef | FuncDef | InstanceTypeDef | ComponentTypeDef


# Extern types as written.


class ExternDecl(NamedTuple):
    """The type of an import or export whose `type` is an index.

    `sort` is `CORE_MODULE` (an index into the core type space), `FUNC`, `COMPONENT`, `INSTANCE`,
    or `TYPE` for a type bound `(eq type)`; `VALUE` for a value of a value type.
    """

    sort: Sort
    type: ValTypeRef


@dataclass(frozen=True, slots=True)
class SubResourceDecl:
    """The type bound `(sub resource)`: a fresh abstract resource type."""

    @property
    def sort(self) -> Sort:
        """The space an import or export of this appends to."""
        return Sort.TYPE


class ValueEqDecl(NamedTuple):
    """The value bound `(eq value)`."""

    value: Index

    @property
    def sort(self) -> Sort:
        """The space an import or export of this appends to."""
        return Sort.VALUE


ExternTypeRef: TypeAlias = ExternDecl | SubResourceDecl | ValueEqDecl


class ImportDecl(NamedTuple):
    """An import, of a component or in a component type; appends to its sort's space."""

    name: str
    type: ExternTypeRef
    attributes: Attributes = NO_ATTRIBUTES


class ExportDecl(NamedTuple):
    """An export in a component or instance type; appends to its sort's space."""

    name: str
    type: ExternTypeRef
    attributes: Attributes = NO_ATTRIBUTES


# Sections 9 to 12.


class Start(NamedTuple):
    """Call a function with values; appends `results` values to the value space."""

    func: Index
    args: tuple[Index, ...]
    results: int


class Export(NamedTuple):
    """An export of a component; appends an alias of the target to its sort's space."""

    name: str
    target: SortIndex
    type: ExternTypeRef | None = None
    """A supertype it is seen as from here on, if ascribed."""
    attributes: Attributes = NO_ATTRIBUTES


class ValueDef(NamedTuple):
    """A literal value, encoded as file bytes `start` to `end`; appends to the value space."""

    type: ValTypeRef
    start: int
    end: int


CoreTypeItem: TypeAlias = CoreTypeDef | ModuleTypeDef
ModuleDecl: TypeAlias = CoreImportItem | CoreExportItem | CoreTypeDef | AliasOuter
InstanceDecl: TypeAlias = (
    CoreTypeItem | TypeDef | AliasExport | AliasOuter | AliasCoreExport | ExportDecl
)
ComponentDecl: TypeAlias = InstanceDecl | ImportDecl
Alias: TypeAlias = AliasExport | AliasCoreExport | AliasOuter
Canon: TypeAlias = CanonLift | CanonLower | CanonBuiltin
Definition: TypeAlias = (
    CustomSection
    | CoreModule
    | CoreInstantiate
    | CoreInlineExports
    | CoreTypeItem
    | Component
    | Instantiate
    | InlineExports
    | Alias
    | TypeDef
    | Canon
    | Start
    | ImportDecl
    | Export
    | ValueDef
)
