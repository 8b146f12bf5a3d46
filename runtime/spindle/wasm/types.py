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
from typing import Any, NamedTuple, TypeAlias, TypeVar

T = TypeVar("T", bound=tuple[Any, ...])


def of_its_own_kind(cls: type[T]) -> type[T]:
    """Have the values of a class of named tuples equal none of another class.

    The types are named tuples because all of these classes are made at every start, and whole
    components of them read from a cache; dataclasses take several times as long.
    """

    def equal(self: T, other: object) -> bool:
        return self.__class__ is other.__class__ and tuple.__eq__(self, other)

    def unequal(self: T, other: object) -> bool:
        return self.__class__ is not other.__class__ or tuple.__ne__(self, other)

    cls.__eq__ = equal  # type: ignore[method-assign, assignment]  # narrower than a tuple's own
    cls.__ne__ = unequal  # type: ignore[method-assign, assignment]  # the same
    return cls


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


@of_its_own_kind
class ListType(NamedTuple):
    """A list; `length` makes it a fixed-length one."""

    element: ValType
    length: int | None = None


@of_its_own_kind
class MapType(NamedTuple):
    """A map from a key type (bool, integer, char or string) to values."""

    key: ValType
    value: ValType


@of_its_own_kind
class FieldType(NamedTuple):
    """One field of a record."""

    label: str
    type: ValType


@of_its_own_kind
class RecordType(NamedTuple):
    """A record of at least one field."""

    fields: tuple[FieldType, ...]


@of_its_own_kind
class TupleType(NamedTuple):
    """A tuple of at least one type."""

    types: tuple[ValType, ...]


@of_its_own_kind
class CaseType(NamedTuple):
    """One case of a variant, with or without a payload."""

    label: str
    type: ValType | None


@of_its_own_kind
class VariantType(NamedTuple):
    """A variant of at least one case."""

    cases: tuple[CaseType, ...]


@of_its_own_kind
class EnumType(NamedTuple):
    """A variant without payloads."""

    labels: tuple[str, ...]


@of_its_own_kind
class FlagsType(NamedTuple):
    """A set of up to 32 labelled bits, the first label being bit 0."""

    labels: tuple[str, ...]


@of_its_own_kind
class OptionType(NamedTuple):
    """A value or none."""

    type: ValType


@of_its_own_kind
class ResultType(NamedTuple):
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


@of_its_own_kind
class OwnType(NamedTuple):
    """A handle that owns its resource."""

    resource: ResourceType


@of_its_own_kind
class BorrowType(NamedTuple):
    """A handle lent for the time of a call."""

    resource: ResourceType


@of_its_own_kind
class StreamType(NamedTuple):
    """The readable end of a stream; `element` None is a stream of units."""

    element: ValType | None


@of_its_own_kind
class FutureType(NamedTuple):
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


@of_its_own_kind
class CoreFuncType(NamedTuple):
    """A core function's parameters and results."""

    params: tuple[CoreValType, ...]
    results: tuple[CoreValType, ...]


@of_its_own_kind
class Limits(NamedTuple):
    """A size range in pages or elements."""

    minimum: int
    maximum: int | None = None
    shared: bool = False
    is_64: bool = False
    """Whether addresses are `i64`."""


@of_its_own_kind
class CoreTableType(NamedTuple):
    """A table of references."""

    element: CoreValType
    limits: Limits


@of_its_own_kind
class CoreMemoryType(NamedTuple):
    """A linear memory."""

    limits: Limits
    page_size_log2: int = 16


@of_its_own_kind
class CoreGlobalType(NamedTuple):
    """A global variable."""

    type: CoreValType
    mutable: bool


@of_its_own_kind
class CoreTagType(NamedTuple):
    """An exception's or effect's tag."""

    type: CoreFuncType


@of_its_own_kind
class OpaqueCoreType(NamedTuple):
    """A core type that no component definition looks into: a struct, an array, a continuation."""

    text: str


CoreExternType: TypeAlias = (
    CoreFuncType | CoreTableType | CoreMemoryType | CoreGlobalType | CoreTagType | OpaqueCoreType
)
"""The type of a core import or export; opaque where a function has a type we do not read."""


@of_its_own_kind
class CoreImportDecl(NamedTuple):
    """One import of a core module."""

    module: str
    name: str
    type: CoreExternType


@of_its_own_kind
class CoreExportDecl(NamedTuple):
    """One export of a core module."""

    name: str
    type: CoreExternType


@of_its_own_kind
class ModuleType(NamedTuple):
    """What a core module imports and exports."""

    imports: tuple[CoreImportDecl, ...]
    exports: tuple[CoreExportDecl, ...]


# Extern types: what a component imports and exports.


@of_its_own_kind
class FuncType(NamedTuple):
    """A component function; `result` None means it returns nothing."""

    params: tuple[FieldType, ...]
    result: ValType | None
    is_async: bool = False
    """Declared `async`: it may block its caller."""


@of_its_own_kind
class ValueType(NamedTuple):
    """A value of a value type."""

    type: ValType


@of_its_own_kind
class TypeEq(NamedTuple):
    """The bound of a type import or export that is this very type."""

    type: DefType


@of_its_own_kind
class SubResource(NamedTuple):
    """The bound of a type import or export that is an abstract resource, here named."""

    resource: ResourceType


@of_its_own_kind
class InstanceType(NamedTuple):
    """What an instance exports, in order.

    `resources` are those that this type introduces with `(sub resource)` at any depth: who makes
    an instance of the type out of nothing (an import) takes fresh ones in their stead.
    """

    exports: dict[str, ExternType]
    resources: tuple[ResourceType, ...] = ()


@of_its_own_kind
class ComponentType(NamedTuple):
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
