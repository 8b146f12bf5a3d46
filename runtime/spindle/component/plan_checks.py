"""Checks that core definitions are of the kinds and types the canonical definitions need.

The engine calls some of them without a check of its own, so a wrong one must not get that far.

Spec: CanonicalABI.md#canon-lift (validation).
"""

from __future__ import annotations

from typing import Literal

from spindle.component.canon.flatten import flatten_functype
from spindle.component.plan import OptionsPlan, Slot
from spindle.component.plan_builder import PlanBuilder
from spindle.wasm.definitions import AliasCoreExport, Sort
from spindle.wasm.scopes import ValidationError
from spindle.wasm.subtyping import core_text
from spindle.wasm.types import (
    CoreExternType,
    CoreFuncType,
    CoreGlobalType,
    CoreMemoryType,
    CoreTableType,
    CoreTagType,
    FuncType,
    OpaqueCoreType,
)

KINDS: dict[Sort, tuple[type, ...]] = {
    Sort.CORE_FUNC: (CoreFuncType, OpaqueCoreType),
    Sort.CORE_TABLE: (CoreTableType,),
    Sort.CORE_MEMORY: (CoreMemoryType,),
    Sort.CORE_GLOBAL: (CoreGlobalType, type(None)),
    Sort.CORE_TAG: (CoreTagType,),
}


def check_sort(kind: CoreExternType | None, alias: AliasCoreExport) -> None:
    """Check that an aliased core export is of the sort the alias says."""
    if not isinstance(kind, KINDS[alias.sort]):
        raise ValidationError(f"core export `{alias.name}` is not a {alias.sort.value}")


def pointer_type(builder: PlanBuilder, memory: Slot | None) -> Literal["i32", "i64"]:
    """The type of a memory's addresses."""
    kind = builder.slot_types[memory] if memory is not None else None
    return "i64" if isinstance(kind, CoreMemoryType) and kind.limits.is_64 else "i32"


def check_func(builder: PlanBuilder, slot: Slot | None, expected: CoreFuncType, what: str) -> None:
    """Check the type of a core function of a guest, if there is one."""
    found = builder.slot_types[slot] if slot is not None else expected
    if found != expected:
        not_so = "another" if found is None else core_text(found)
        raise ValidationError(f"{what} needs the core type {core_text(expected)}, not {not_so}")


def check_lift(builder: PlanBuilder, core_func: Slot, ft: FuncType, options: OptionsPlan) -> None:
    """Check the core functions of a `canon lift`."""
    flat = flatten_functype(
        ft, options.is_async, "lift", options.callback is not None, options.ptr_type
    )
    expected = CoreFuncType(flat.params, flat.results)
    check_func(builder, core_func, expected, "the core function lifted to this type")
    post_return = CoreFuncType(flat.results, ())
    check_func(builder, options.post_return, post_return, "`post-return`")
    callback = CoreFuncType(("i32", "i32", "i32"), ("i32",))
    check_func(builder, options.callback, callback, "`callback`")
