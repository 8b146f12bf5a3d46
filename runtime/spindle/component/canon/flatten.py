"""Values and functions as core types.

Spec: CanonicalABI.md#flattening.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

from spindle.component import core
from spindle.component.canon.cache import MAX_SIZE
from spindle.component.canon.despecialize import AnyVariant, payload_types
from spindle.wasm.types import (
    EnumType,
    FlagsType,
    FuncType,
    ListType,
    MapType,
    OptionType,
    PrimValType,
    RecordType,
    ResultType,
    TupleType,
    ValType,
    VariantType,
)

MAX_FLAT_PARAMS = 16
MAX_FLAT_ASYNC_PARAMS = 4
MAX_FLAT_RESULTS = 1

Flat = tuple[str, ...]

_PRIMITIVES = {
    PrimValType.S64: "i64",
    PrimValType.U64: "i64",
    PrimValType.F32: "f32",
    PrimValType.F64: "f64",
}


def flatten_types(ts: Iterable[ValType], ptr_type: str = "i32") -> Flat:
    """The core types several values take.

    Cut off behind one more than any call passes flat: types can be made to take billions.
    """
    flat: Flat = ()
    for t in ts:
        flat += flatten_type(t, ptr_type)
        if len(flat) > MAX_FLAT_PARAMS:
            return flat[: MAX_FLAT_PARAMS + 1]
    return flat


@functools.lru_cache(maxsize=MAX_SIZE)
def flatten_type(t: ValType, ptr_type: str = "i32") -> Flat:
    """The core types a value takes, cut off as those of `flatten_types`."""
    match t:
        case PrimValType.STRING | MapType() | ListType(_, None):
            return (ptr_type, ptr_type)
        case PrimValType():
            return (_PRIMITIVES.get(t, "i32"),)
        case ListType(element, int(length)):
            return flatten_types([element] * min(length, MAX_FLAT_PARAMS + 1), ptr_type)
        case RecordType(fields):
            return flatten_types((field.type for field in fields), ptr_type)
        case TupleType(types):
            return flatten_types(types, ptr_type)
        case VariantType() | EnumType() | OptionType() | ResultType():
            return _flatten_variant(t, ptr_type)
        case FlagsType():
            return ("i32",)
        case _:
            return ("i32",)


def _flatten_variant(t: AnyVariant, ptr_type: str) -> Flat:
    joined: list[str] = []
    for payload in payload_types(t):
        flat = flatten_type(payload, ptr_type)
        common = min(len(flat), len(joined))
        joined[:common] = map(join, joined, flat)
        joined += flat[common:]
    return ("i32", *joined)[: MAX_FLAT_PARAMS + 1]


def join(a: str, b: str) -> str:
    """The core type that holds values of either."""
    if a == b:
        return a
    return "i32" if {a, b} == {"i32", "f32"} else "i64"


@functools.lru_cache(maxsize=MAX_SIZE)
def flatten_functype(
    ft: FuncType, is_async: bool, side: str, callback: bool = False, ptr_type: str = "i32"
) -> core.CoreType:
    """The core function a component function is lifted from or lowered to.

    `side` is `lift` or `lower`; `callback` says whether an async lift has one.
    """
    params = flatten_types((param.type for param in ft.params), ptr_type)
    results = flatten_types((ft.result,) if ft.result is not None else (), ptr_type)
    limit = MAX_FLAT_ASYNC_PARAMS if is_async and side == "lower" else MAX_FLAT_PARAMS
    if len(params) > limit:
        params = (ptr_type,)
    if not is_async:
        if len(results) <= MAX_FLAT_RESULTS:
            return core.CoreType(params, results)
        if side == "lift":
            return core.CoreType(params, (ptr_type,))
        return core.CoreType((*params, ptr_type), ())
    if side == "lift":
        return core.CoreType(params, ("i32",) if callback else ())
    if ft.result is not None:
        params = (*params, ptr_type)
    return core.CoreType(params, ("i32",))


def flatten_task_return(result: ValType | None, ptr_type: str = "i32") -> core.CoreType:
    """The core function `task.return` is for a result type."""
    flat = flatten_types((result,) if result is not None else (), ptr_type)
    return core.CoreType(flat if len(flat) <= MAX_FLAT_PARAMS else (ptr_type,), ())
