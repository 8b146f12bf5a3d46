"""The types of the Component Model, resolved: no index is left, resources have identity.

This is what the canonical ABI, the linker and the WIT printer speak of. The types as a binary
spells them, with indices, are in `spindle.wasm.definitions`.

Value types compare and hash by structure, as the specification's type equality does; a
`ResourceType` is equal to itself alone.

Spec: Explainer.md#type-definitions; the class names are those of canonical-abi/definitions.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

# Value types.


class PrimValType(Enum):
    """A primitive value type; the value is its name in WIT."""

    BOOL = "bool"
    S8 = "s8"
    U8 = "u8"
    S16 = "s16"
    U16 = "u16"
    S32 = "s32"
    U32 = "u32"
    S64 = "s64"
    U64 = "u64"
    F32 = "f32"
    F64 = "f64"
    CHAR = "char"
    STRING = "string"
    ERROR_CONTEXT = "error-context"

    # Members are singletons: identity is cheaper than Enum's hash of the name.
    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True)
class ListType:
    """A list; `length` makes it a fixed-length one."""

    element: ValType
    length: int | None = None


@dataclass(frozen=True, slots=True)
class MapType:
    """A map from a key type (bool, integer, char or string) to values."""

    key: ValType
    value: ValType


@dataclass(frozen=True, slots=True)
class FieldType:
    """One field of a record."""

    label: str
    type: ValType


@dataclass(frozen=True, slots=True)
class RecordType:
    """A record of at least one field."""

    fields: tuple[FieldType, ...]


@dataclass(frozen=True, slots=True)
class TupleType:
    """A tuple of at least one type."""

    types: tuple[ValType, ...]


@dataclass(frozen=True, slots=True)
class CaseType:
    """One case of a variant, with or without a payload."""

    label: str
    type: ValType | None


@dataclass(frozen=True, slots=True)
class VariantType:
    """A variant of at least one case."""

    cases: tuple[CaseType, ...]


@dataclass(frozen=True, slots=True)
class EnumType:
    """A variant without payloads."""

    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FlagsType:
    """A set of up to 32 labelled bits, the first label being bit 0."""

    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OptionType:
    """A value or none."""

    type: ValType


@dataclass(frozen=True, slots=True)
class ResultType:
    """A success or an error, each with or without a payload."""

    ok: ValType | None
    error: ValType | None


@dataclass(frozen=True, eq=False, slots=True)
class ResourceType:
    """The identity of one resource type; equal to itself alone."""

    name: str | None = None
    """What an import or export calls it; for people only."""

    def __repr__(self) -> str:
        return f"ResourceType({self.name!r} at {id(self):#x})"


@dataclass(frozen=True, slots=True)
class OwnType:
    """A handle that owns its resource."""

    resource: ResourceType


@dataclass(frozen=True, slots=True)
class BorrowType:
    """A handle lent for the time of a call."""

    resource: ResourceType


@dataclass(frozen=True, slots=True)
class StreamType:
    """The readable end of a stream; `element` None is a stream of units."""

    element: ValType | None


@dataclass(frozen=True, slots=True)
class FutureType:
    """The readable end of a future; `element` None is a future of a unit."""

    element: ValType | None


ValType: TypeAlias = (
    PrimValType
    | ListType
    | MapType
    | RecordType
    | TupleType
    | VariantType
    | EnumType
    | FlagsType
    | OptionType
    | ResultType
    | OwnType
    | BorrowType
    | StreamType
    | FutureType
)

# Core types.

CoreValType: TypeAlias = str
"""`i32`, `i64`, `f32`, `f64`, `v128`, or a reference type as text, such as `(ref null func)`."""


@dataclass(frozen=True, slots=True)
class CoreFuncType:
    """A core function's parameters and results."""

    params: tuple[CoreValType, ...]
    results: tuple[CoreValType, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """A size range in pages or elements."""

    minimum: int
    maximum: int | None = None
    shared: bool = False
    is_64: bool = False
    """Whether addresses are `i64`."""


@dataclass(frozen=True, slots=True)
class CoreTableType:
    """A table of references."""

    element: CoreValType
    limits: Limits


@dataclass(frozen=True, slots=True)
class CoreMemoryType:
    """A linear memory."""

    limits: Limits
    page_size_log2: int = 16


@dataclass(frozen=True, slots=True)
class CoreGlobalType:
    """A global variable."""

    type: CoreValType
    mutable: bool


@dataclass(frozen=True, slots=True)
class CoreTagType:
    """An exception's or effect's tag."""

    type: CoreFuncType


@dataclass(frozen=True, slots=True)
class OpaqueCoreType:
    """A core type that no component definition looks into: a struct, an array, a continuation."""

    text: str


CoreExternType: TypeAlias = (
    CoreFuncType | CoreTableType | CoreMemoryType | CoreGlobalType | CoreTagType | OpaqueCoreType
)
"""The type of a core import or export; opaque where a function has a type we do not read."""


@dataclass(frozen=True, slots=True)
class CoreImportDecl:
    """One import of a core module."""

    module: str
    name: str
    type: CoreExternType


@dataclass(frozen=True, slots=True)
class CoreExportDecl:
    """One export of a core module."""

    name: str
    type: CoreExternType


@dataclass(frozen=True, slots=True)
class ModuleType:
    """What a core module imports and exports."""

    imports: tuple[CoreImportDecl, ...]
    exports: tuple[CoreExportDecl, ...]


# Extern types: what a component imports and exports.


@dataclass(frozen=True, slots=True)
class FuncType:
    """A component function; `result` None means it returns nothing."""

    params: tuple[FieldType, ...]
    result: ValType | None
    is_async: bool = False
    """Declared `async`: it may block its caller."""


@dataclass(frozen=True, slots=True)
class ValueType:
    """A value of a value type."""

    type: ValType


@dataclass(frozen=True, slots=True)
class TypeEq:
    """The bound of a type import or export that is this very type."""

    type: DefType


@dataclass(frozen=True, slots=True)
class SubResource:
    """The bound of a type import or export that is an abstract resource, here named."""

    resource: ResourceType


@dataclass(frozen=True, slots=True)
class InstanceType:
    """What an instance exports, in order.

    `resources` are those that this type introduces with `(sub resource)` at any depth: who makes
    an instance of the type out of nothing (an import) takes fresh ones in their stead.
    """

    exports: dict[str, ExternType]
    resources: tuple[ResourceType, ...] = ()


@dataclass(frozen=True, slots=True)
class ComponentType:
    """What a component imports and exports, in order.

    `imported` are the resources the imports introduce, bound by the arguments of an instantiation;
    `defined` are those each instantiation makes afresh and exports.
    """

    imports: dict[str, ExternType]
    exports: dict[str, ExternType]
    imported: tuple[ResourceType, ...] = ()
    defined: tuple[ResourceType, ...] = ()


ExternType: TypeAlias = (
    ModuleType | FuncType | ValueType | TypeEq | SubResource | ComponentType | InstanceType
)
"""The type of an import or export of a component or instance."""

DefType: TypeAlias = ValType | FuncType | ComponentType | InstanceType | ResourceType
"""What a component's type index space holds."""
