"""The core types of built-ins, and whether what a core module is given is what it imports.

Spec: CanonicalABI.md#canonical-definitions; WebAssembly core specification, import matching.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from spindle.component.canon.flatten import flatten_task_return
from spindle.wasm.canonical import CanonBuiltin
from spindle.wasm.scopes import ValidationError
from spindle.wasm.subtyping import Mismatch, check_core
from spindle.wasm.types import CoreExternType, CoreFuncType, CoreImportDecl, OpaqueCoreType

PARAMS_AND_RESULTS = {
    "resource.new": (1, 1),
    "resource.drop": (1, 0),
    "resource.rep": (1, 1),
    "backpressure.inc": (0, 0),
    "backpressure.dec": (0, 0),
    "task.cancel": (0, 0),
    "subtask.cancel": (1, 1),
    "subtask.drop": (1, 0),
    "stream.read": (3, 1),
    "stream.write": (3, 1),
    "future.read": (2, 1),
    "future.write": (2, 1),
    **{
        f"{family}.{verb}-{end}": (1, results)
        for family in ("stream", "future")
        for verb, ends, results in (
            ("cancel", ("read", "write"), 1),
            ("drop", ("readable", "writable"), 0),
        )
        for end in ends
    },
    "error-context.new": (2, 1),
    "error-context.debug-message": (2, 0),
    "error-context.drop": (1, 0),
    "waitable-set.new": (0, 1),
    "waitable-set.wait": (2, 1),
    "waitable-set.poll": (2, 1),
    "waitable-set.drop": (1, 0),
    "waitable.join": (2, 0),
    "thread.index": (0, 1),
    "thread.resume-later": (1, 0),
    "thread.suspend": (0, 1),
    "thread.yield": (0, 1),
    "thread.suspend-then-resume": (1, 1),
    "thread.yield-then-resume": (1, 1),
    "thread.suspend-then-promote": (1, 1),
    "thread.yield-then-promote": (1, 1),
}
"""How many `i32` the built-ins take and give that have to do with nothing else."""


def builtin_type(
    definition: CanonBuiltin, operands: Mapping[str, Any], ptr_type: str
) -> CoreFuncType:
    """The type of a built-in's core function."""
    match definition.name:
        case "task.return":
            flat = flatten_task_return(operands["result"], ptr_type)
            return CoreFuncType(flat.params, flat.results)
        case "context.get":
            return CoreFuncType((), (definition.valtype or "i32",))
        case "context.set":
            return CoreFuncType((definition.valtype or "i32",), ())
        case "stream.new" | "future.new":
            return CoreFuncType((), ("i64",))
        case "thread.new-indirect":
            return CoreFuncType(("i32", *operands["core_type"].params), ("i32",))
    params, results = PARAMS_AND_RESULTS[definition.name]
    return CoreFuncType(("i32",) * params, ("i32",) * results)


_BY_INDEX = re.compile(r"\(ref (null )?\d")


def check_import(found: CoreExternType | None, wanted: CoreImportDecl) -> None:
    """Check the type of what is given for an import, as far as it has no indices of its module."""
    if found is None or found == wanted.type:
        return
    if OpaqueCoreType in (found.__class__, wanted.type.__class__):
        return
    if _BY_INDEX.search(f"{found} {wanted.type}"):
        return
    try:
        check_core(found, wanted.type, f"import `{wanted.module}` `{wanted.name}`")
    except Mismatch as mismatch:
        raise ValidationError(f"core module: {mismatch}") from None
