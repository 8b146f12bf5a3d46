"""From types as written to types resolved, in a scope.

Value types are checked here for what their definition alone can get wrong: labels, emptiness,
kinds, and a size and depth that everything walking them can live with.

Spec: Binary.md#type-definitions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from spindle.wasm.definitions import (
    BorrowDef,
    DefValType,
    EnumDef,
    FlagsDef,
    FuncDef,
    FutureDef,
    LabelValType,
    ListDef,
    MapDef,
    OptionDef,
    OwnDef,
    RecordDef,
    ResultDef,
    StreamDef,
    TupleDef,
    ValTypeRef,
    VariantDef,
)
from spindle.wasm.names import is_label
from spindle.wasm.problems import ValidationError
from spindle.wasm.scopes import Scope, element
from spindle.wasm.types import (
    BorrowType,
    CaseType,
    ComponentType,
    EnumType,
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
    TupleType,
    ValType,
    VariantType,
)

KEY_TYPES = frozenset(PrimValType) - {
    PrimValType.F32,
    PrimValType.F64,
    PrimValType.ERROR_CONTEXT,
}
"""What a map's key may be."""


def resolve_valtype(scope: Scope, ref: ValTypeRef) -> ValType:
    """The value type a reference means in a scope."""
    if isinstance(ref, PrimValType):
        return ref
    found = element(scope.types, ref, "type")
    if isinstance(found, FuncType | ComponentType | InstanceType | ResourceType):
        raise ValidationError(f"type {ref} is not a value type")
    return found


def resolve_optional(scope: Scope, ref: ValTypeRef | None) -> ValType | None:
    """The value type a reference means, if there is one."""
    return None if ref is None else resolve_valtype(scope, ref)


def resolve_defvaltype(scope: Scope, definition: DefValType) -> ValType:
    """The value type a definition means in a scope."""
    if isinstance(definition, PrimValType):
        return definition
    return RESOLVE[definition.__class__](scope, definition)


def resolve_functype(scope: Scope, definition: FuncDef) -> FuncType:
    """The function type a definition means in a scope."""
    params = resolve_fields(scope, definition.params, "parameter")
    result = resolve_optional(scope, definition.result)
    if has_borrow(scope, result):
        raise ValidationError("a function's result cannot contain a `borrow`")
    return FuncType(params, result, definition.is_async)


def resolve_fields(
    scope: Scope, fields: tuple[LabelValType, ...], what: str
) -> tuple[FieldType, ...]:
    """Labelled value types, their labels checked."""
    check_labels((f.label for f in fields), what)
    return tuple([FieldType(f.label, resolve_valtype(scope, f.type)) for f in fields])


def check_labels(labels: Iterable[str], what: str) -> None:
    """Check that labels are in kebab case and differ by more than case."""
    seen: set[str] = set()
    for label in labels:
        if not is_label(label):
            raise ValidationError(f"{what} name `{label}` is not in kebab case")
        key = label.lower()
        if key in seen:
            raise ValidationError(f"{what} name `{label}` conflicts with an earlier one")
        seen.add(key)


def require(items: tuple[Any, ...], what: str) -> None:
    """Check that a type has at least one item."""
    if not items:
        raise ValidationError(f"{what} needs at least one item")


def has_borrow(scope: Scope, type: ValType | None) -> bool:
    """Whether a value type contains a `borrow`."""
    return type is not None and scope.facts.of(type).has_borrow


def _record(scope: Scope, definition: RecordDef) -> RecordType:
    require(definition.fields, "a record")
    return RecordType(resolve_fields(scope, definition.fields, "record field"))


def _variant(scope: Scope, definition: VariantDef) -> VariantType:
    require(definition.cases, "a variant")
    check_labels((c.label for c in definition.cases), "variant case")
    return VariantType(
        tuple([CaseType(c.label, resolve_optional(scope, c.type)) for c in definition.cases])
    )


def _list(scope: Scope, definition: ListDef) -> ListType:
    if definition.length == 0:
        raise ValidationError("a fixed-length list needs a length of at least 1")
    return ListType(resolve_valtype(scope, definition.element), definition.length)


def _map(scope: Scope, definition: MapDef) -> MapType:
    key = resolve_valtype(scope, definition.key)
    if not (isinstance(key, PrimValType) and key in KEY_TYPES):
        raise ValidationError("a map's key must be a bool, an integer, a char or a string")
    return MapType(key, resolve_valtype(scope, definition.value))


def _tuple(scope: Scope, definition: TupleDef) -> TupleType:
    require(definition.types, "a tuple")
    return TupleType(tuple([resolve_valtype(scope, t) for t in definition.types]))


def _flags(scope: Scope, definition: FlagsDef) -> FlagsType:
    require(definition.labels, "a flags type")
    if len(definition.labels) > 32:
        raise ValidationError("a flags type has at most 32 flags")
    check_labels(definition.labels, "flag")
    return FlagsType(definition.labels)


def _enum(scope: Scope, definition: EnumDef) -> EnumType:
    require(definition.labels, "an enum")
    check_labels(definition.labels, "enum case")
    return EnumType(definition.labels)


def _option(scope: Scope, definition: OptionDef) -> OptionType:
    return OptionType(resolve_valtype(scope, definition.type))


def _result(scope: Scope, definition: ResultDef) -> ResultType:
    ok = resolve_optional(scope, definition.ok)
    return ResultType(ok, resolve_optional(scope, definition.error))


def _own(scope: Scope, definition: OwnDef) -> OwnType:
    return OwnType(scope.resource(definition.resource))


def _borrow(scope: Scope, definition: BorrowDef) -> BorrowType:
    return BorrowType(scope.resource(definition.resource))


def _stream(scope: Scope, definition: StreamDef) -> StreamType:
    element = _transferred(scope, definition.element, "stream")
    if element is PrimValType.CHAR:
        raise ValidationError("a stream of `char` is not supported yet")
    return StreamType(element)


def _future(scope: Scope, definition: FutureDef) -> FutureType:
    return FutureType(_transferred(scope, definition.element, "future"))


def _transferred(scope: Scope, ref: ValTypeRef | None, what: str) -> ValType | None:
    element = resolve_optional(scope, ref)
    if has_borrow(scope, element):
        raise ValidationError(f"a {what} cannot contain a `borrow`")
    return element


RESOLVE: dict[type, Callable[[Scope, Any], ValType]] = {
    RecordDef: _record,
    VariantDef: _variant,
    ListDef: _list,
    MapDef: _map,
    TupleDef: _tuple,
    FlagsDef: _flags,
    EnumDef: _enum,
    OptionDef: _option,
    ResultDef: _result,
    OwnDef: _own,
    BorrowDef: _borrow,
    StreamDef: _stream,
    FutureDef: _future,
}
