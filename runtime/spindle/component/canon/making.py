"""What the makers of built-ins share.

A maker takes an instance, the definition, its immediates (resolved) and its options, and gives the
trampoline. A built-in's own function takes core values and gives one or none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from spindle.component.canon.options import CanonicalOptions
from spindle.component.core import CoreType
from spindle.component.instance import ComponentInstance
from spindle.component.thread import Thread
from spindle.component.trampoline import Trampoline
from spindle.component.trap import trap
from spindle.wasm.canonical import CanonBuiltin

Operands: TypeAlias = Mapping[str, Any]
"""Immediates by name: `resource`, `stream_type`, `future_type`, `result`, `core_type`, `table` (a
function that gives the core table)."""
Maker: TypeAlias = Callable[
    [ComponentInstance, CanonBuiltin, Operands, CanonicalOptions], Trampoline
]

MAY_NOT_LEAVE = "the guest calls out of a function that must not (`realloc` or `post-return`)"


def check_leave(inst: ComponentInstance) -> None:
    """Trap if the guest may not call out now."""
    if not inst.may_leave:
        trap(MAY_NOT_LEAVE)


def running_thread(inst: ComponentInstance) -> Thread:
    """The thread that called."""
    thread = inst.store.current_thread
    assert thread is not None, "guest code runs on a thread"
    return thread


def i32(params: int, results: int = 1) -> CoreType:
    """A core function type of nothing but `i32`."""
    return CoreType(("i32",) * params, ("i32",) * results)
