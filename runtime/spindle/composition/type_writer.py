"""From types resolved to types as written: the inverse of `spindle.wasm.declarations`.

A type that needs a name (a record, a resource) is referred to by the one it already has: in this
scope, in an instance that was imported before it, or in a scope further out. Others are written
where they are used.

Spec: Explainer.md#type-definitions, #external-visibility-of-types.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from spindle.errors import ComponentError
from spindle.wasm.declarations import sort_of
from spindle.wasm.definitions import (
    NO_ATTRIBUTES,
    AliasExport,
    AliasOuter,
    Attributes,
    BorrowDef,
    CaseDef,
    ComponentTypeDef,
    DefValType,
    EnumDef,
    ExportDecl,
    ExternDecl,
    ExternTypeRef,
    FlagsDef,
    FuncDef,
    FutureDef,
    ImportDecl,
    Index,
    InstanceTypeDef,
    LabelValType,
    ListDef,
    MapDef,
    OptionDef,
    OwnDef,
    RecordDef,
    ResourceDef,
    ResultDef,
    Sort,
    StreamDef,
    SubResourceDecl,
    TupleDef,
    TypeDef,
    ValTypeRef,
    VariantDef,
)
from spindle.wasm.numbering import Numbering
from spindle.wasm.subtyping import bound_type, kind_name
from spindle.wasm.types import (
    BorrowType,
    ComponentType,
    DefType,
    EnumType,
    ExternType,
    FieldType,
    FlagsType,
    FuncType,
    FutureType,
    InstanceType,
    ListType,
    MapType,
    OptionType,
    OwnType,
    PrimValType,
    RecordType,
    ResourceType,
    ResultType,
    StreamType,
    SubResource,
    TupleType,
    TypeEq,
    ValType,
    VariantType,
)
from spindle.wasm.visibility import NAMED


class TypeWriter:
    """The definitions of one component or type so far, and where each type is to be found."""

    def __init__(self, parent: TypeWriter | None = None) -> None:
        self.definitions: list[Any] = []
        self.counts: Counter[Sort] = Counter()
        """The size of each index space."""
        self._parent = parent
        self._number: Numbering = parent._number if parent else Numbering()
        self._known: dict[int, Index] = {}
        """The indices of types, by the types' numbers."""
        self._exported: dict[int, tuple[Index, tuple[str, ...]]] = {}
        """Types that instances of this scope export: the instance and the names that lead there."""
        self._named: set[ResourceType] = set()
        """Resources that have a name in this scope; functions must keep to the first."""

    def import_(
        self, name: str, extern: ExternType, attributes: Attributes = NO_ATTRIBUTES
    ) -> Index:
        """Write an import; the index it has."""
        self.definitions.append(ImportDecl(name, self._extern(extern), attributes))
        return self._introduce(extern)

    def export(self, name: str, extern: ExternType) -> Index:
        """Write an export of a component or instance type."""
        self.definitions.append(ExportDecl(name, self._extern(extern)))
        return self._introduce(extern)

    def append(self, sort: Sort, definition: Any) -> Index:
        """Write a definition of a sort; its index."""
        self.definitions.append(definition)
        self.counts[sort] += 1
        return self.counts[sort] - 1

    def index_of(self, type: DefType) -> Index:
        """The index of a type, written now unless it has one already."""
        return self._deftype(type)

    def ref_of(self, type: ValType) -> ValTypeRef:
        """A value type as it is referred to: a primitive, or an index as `index_of` gives it."""
        return self._valtype(type)

    def define(self, type: DefType, definition: DefValType | FuncDef | ResourceDef) -> Index:
        """The index of a type that is written as given unless it has one already."""
        number = self._number(type)
        index = self._known.get(number)
        if index is None:
            index = self._known[number] = self.append(Sort.TYPE, TypeDef(definition))
        return index

    # Extern types.

    def _extern(self, extern: ExternType) -> ExternTypeRef:
        match extern:
            case SubResource():
                return SubResourceDecl()
            case TypeEq(type):
                return ExternDecl(Sort.TYPE, self._deftype(type))
            case FuncType() | InstanceType() | ComponentType():
                return ExternDecl(sort_of(extern), self._deftype(extern))
        raise ComponentError(f"{kind_name(extern)} cannot be passed on by a composition")

    def _introduce(self, extern: ExternType) -> Index:
        sort = sort_of(extern)
        index = self.counts[sort]
        self.counts[sort] += 1
        match extern:
            case InstanceType(exports):
                self._remember(exports, index, ())
            case TypeEq() | SubResource():
                self._name(bound_type(extern), index)
        return index

    def _name(self, type: DefType, index: Index) -> None:
        """Let a type be the one imported or exported with this index."""
        if isinstance(type, ResourceType):
            if type in self._named:
                return
            self._named.add(type)
        if _is_key(type):
            self._known[self._number(type)] = index

    def _remember(
        self, exports: Mapping[str, ExternType], instance: Index, path: tuple[str, ...]
    ) -> None:
        for name, extern in exports.items():
            match extern:
                case InstanceType(inner):
                    self._remember(inner, instance, (*path, name))
                case TypeEq() | SubResource():
                    type = bound_type(extern)
                    if _is_key(type):
                        self._exported.setdefault(self._number(type), (instance, (*path, name)))

    # Types.

    def _deftype(self, type: DefType) -> Index:
        match type:
            case PrimValType():
                return self.append(Sort.TYPE, TypeDef(type))
            case ResourceType():
                return self._resource(type)
            case InstanceType(exports):
                return self.append(Sort.TYPE, TypeDef(self._instance_type(exports)))
            case ComponentType():
                return self.append(Sort.TYPE, TypeDef(self._component_type(type)))
            case FuncType():
                return self.define(type, self._func(type))
        index = self._valtype(type)
        assert isinstance(index, int)
        return index

    def _instance_type(self, exports: Mapping[str, ExternType]) -> InstanceTypeDef:
        inner = TypeWriter(self)
        for name, extern in exports.items():
            inner.export(name, extern)
        return InstanceTypeDef(tuple(inner.definitions))

    def _component_type(self, type: ComponentType) -> ComponentTypeDef:
        inner = TypeWriter(self)
        for name, extern in type.imports.items():
            inner.import_(name, extern)
        for name, extern in type.exports.items():
            inner.export(name, extern)
        return ComponentTypeDef(tuple(inner.definitions))

    def _func(self, type: FuncType) -> FuncDef:
        return FuncDef(self._fields(type.params), self._optional(type.result), type.is_async)

    def _fields(self, fields: tuple[FieldType, ...]) -> tuple[LabelValType, ...]:
        return tuple([LabelValType(f.label, self._valtype(f.type)) for f in fields])

    def _optional(self, type: ValType | None) -> ValTypeRef | None:
        return None if type is None else self._valtype(type)

    def _valtype(self, type: ValType) -> ValTypeRef:
        if isinstance(type, PrimValType):
            return type
        number = self._number(type)
        index = self._reach(number) if type.__class__ in NAMED else self._known.get(number)
        return self.define(type, DEFINE[type.__class__](self, type)) if index is None else index

    def _resource(self, resource: ResourceType) -> Index:
        index = self._reach(self._number(resource))
        assert index is not None, f"{resource} is not imported before it is used"
        return index

    def _reach(self, number: int) -> Index | None:
        """The index of a type that has a name here or further out."""
        index = self._known.get(number)
        if index is None and number in self._exported:
            index = self._known[number] = self._follow(*self._exported[number])
        if index is None and self._parent is not None:
            outer = self._parent._reach(number)
            if outer is not None:
                index = self.append(Sort.TYPE, AliasOuter(Sort.TYPE, 1, outer))
                self._known[number] = index
        return index

    def _follow(self, instance: Index, path: tuple[str, ...]) -> Index:
        """The index of an alias of a type that an instance exports."""
        *outer, name = path
        for step in outer:
            instance = self.append(Sort.INSTANCE, AliasExport(Sort.INSTANCE, instance, step))
        return self.append(Sort.TYPE, AliasExport(Sort.TYPE, instance, name))

    def _cases(self, type: VariantType) -> VariantDef:
        return VariantDef(tuple([CaseDef(c.label, self._optional(c.type)) for c in type.cases]))


def _is_key(type: DefType) -> bool:
    """Whether types equal to this one share its index."""
    return not isinstance(type, InstanceType | ComponentType | PrimValType)


DEFINE: dict[type, Callable[[TypeWriter, Any], DefValType]] = {
    RecordType: lambda w, t: RecordDef(w._fields(t.fields)),
    VariantType: TypeWriter._cases,
    ListType: lambda w, t: ListDef(w._valtype(t.element), t.length),
    MapType: lambda w, t: MapDef(w._valtype(t.key), w._valtype(t.value)),
    TupleType: lambda w, t: TupleDef(tuple([w._valtype(of) for of in t.types])),
    FlagsType: lambda w, t: FlagsDef(t.labels),
    EnumType: lambda w, t: EnumDef(t.labels),
    OptionType: lambda w, t: OptionDef(w._valtype(t.type)),
    ResultType: lambda w, t: ResultDef(w._optional(t.ok), w._optional(t.error)),
    OwnType: lambda w, t: OwnDef(w._resource(t.resource)),
    BorrowType: lambda w, t: BorrowDef(w._resource(t.resource)),
    StreamType: lambda w, t: StreamDef(w._optional(t.element)),
    FutureType: lambda w, t: FutureDef(w._optional(t.element)),
}
