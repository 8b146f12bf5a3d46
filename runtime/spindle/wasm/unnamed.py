"""Type indices that have no name outside a component: those that definitions introduce.

A name belongs to the type index an import or export introduces, never to the one it was given:
what uses a record, variant, enum, flags or resource by the index of its definition cannot be
imported or exported. `spindle.wasm.visibility` judges types themselves, which aliases lead to.

Spec: Explainer.md#external-visibility-of-types.
"""

from __future__ import annotations

from typing import Any

from spindle.wasm.definitions import (
    BorrowDef,
    EnumDef,
    Export,
    ExternDecl,
    FlagsDef,
    FuncDef,
    FutureDef,
    ListDef,
    MapDef,
    OptionDef,
    OwnDef,
    RecordDef,
    ResourceDef,
    ResultDef,
    Sort,
    StreamDef,
    TupleDef,
    TypeDef,
    VariantDef,
)
from spindle.wasm.problems import ValidationError

NAMED_DEFS = (RecordDef, VariantDef, EnumDef, FlagsDef, ResourceDef)
"""The definitions of types that need a name."""


class UnnamedIndices:
    """The indices of one component that its imports and exports may not use."""

    def __init__(self) -> None:
        self._types: set[int] = set()
        """Types that need a name, and those with a part among these."""
        self._composed: set[int] = set()
        """Types with a part among those: not even a name makes them visible."""
        self._funcs: set[int] = set()
        """Functions whose type is among those."""

    def define(self, index: int, definition: TypeDef) -> None:
        """Note the type at an index."""
        if not self._types.isdisjoint(parts(definition.type)):
            self._composed.add(index)
            self._types.add(index)
        elif isinstance(definition.type, NAMED_DEFS):
            self._types.add(index)

    def lift(self, index: int, type: int) -> None:
        """Note the function at an index."""
        if type in self._types:
            self._funcs.add(index)

    def check_declared(self, declared: object) -> None:
        """Check what an import is declared to be, or an export seen as."""
        if isinstance(declared, ExternDecl) and declared.sort is Sort.FUNC:
            _refuse_if(declared.type in self._types)
        elif isinstance(declared, ExternDecl) and declared.sort is Sort.TYPE:
            _refuse_if(declared.type in self._composed)

    def check_export(self, export: Export) -> None:
        """Check an export."""
        if export.type is not None:
            self.check_declared(export.type)
        elif export.target.sort is Sort.FUNC:
            _refuse_if(export.target.index in self._funcs)
        elif export.target.sort is Sort.TYPE:
            _refuse_if(export.target.index in self._composed)


def _refuse_if(unnamed: bool) -> None:
    if unnamed:
        raise ValidationError(
            "it uses a type by the index of its definition; only the index that the type's import"
            " or export introduces has a name"
        )


def parts(definition: Any) -> list[Any]:
    """What the definition of a value or function type refers to, type indices among it."""
    match definition:
        case RecordDef(items) | VariantDef(items):
            return [item.type for item in items]
        case FuncDef(params, result):
            return [*(param.type for param in params), result]
        case TupleDef(types):
            return list(types)
        case MapDef(one, other) | ResultDef(one, other):
            return [one, other]
        case (
            ListDef(element=of) | OptionDef(of) | StreamDef(of) | FutureDef(of)
            | OwnDef(of) | BorrowDef(of)
        ):  # fmt: skip
            return [of]
    return []
