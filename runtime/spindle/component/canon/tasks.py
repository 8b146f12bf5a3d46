"""`canon context.*`, `backpressure.*` and `task.*`.

Spec: CanonicalABI.md#canon-contextget.
"""

from __future__ import annotations

from typing import Any

from spindle.component.canon.context import LiftLowerContext
from spindle.component.canon.flatten import flatten_task_return
from spindle.component.canon.func_codec import task_return_codec
from spindle.component.canon.making import (
    Maker,
    Operands,
    check_leave,
    i32,
    running_thread,
)
from spindle.component.canon.options import CanonicalOptions
from spindle.component.core import CoreType
from spindle.component.instance import ComponentInstance
from spindle.component.task import Task
from spindle.component.trampoline import Trampoline
from spindle.component.trap import trap_if
from spindle.wasm.canonical import CanonBuiltin
from spindle.wasm.types import FuncType, ValType


def _context_get(
    inst: ComponentInstance, definition: CanonBuiltin, _p: Operands, _o: CanonicalOptions
) -> Trampoline:
    slot, store = definition.slot or 0, inst.store

    def context_get() -> int:
        return store.current_thread.storage[slot]  # type: ignore[union-attr]  # guest code runs

    return Trampoline(CoreType((), (definition.valtype or "i32",)), context_get)


def _context_set(
    inst: ComponentInstance, definition: CanonBuiltin, _p: Operands, _o: CanonicalOptions
) -> Trampoline:
    slot, store = definition.slot or 0, inst.store

    def context_set(value: int) -> None:
        store.current_thread.storage[slot] = value  # type: ignore[union-attr]  # guest code runs

    return Trampoline(CoreType((definition.valtype or "i32",), ()), context_set)


def _backpressure_inc(
    inst: ComponentInstance, _d: CanonBuiltin, _p: Operands, _o: CanonicalOptions
) -> Trampoline:
    def backpressure_inc() -> None:
        inst.backpressure += 1
        trap_if(inst.backpressure == 2**16, "the guest's backpressure counter overflows")

    return Trampoline(i32(0, 0), backpressure_inc)


def _backpressure_dec(
    inst: ComponentInstance, _d: CanonBuiltin, _p: Operands, _o: CanonicalOptions
) -> Trampoline:
    def backpressure_dec() -> None:
        inst.backpressure -= 1
        trap_if(inst.backpressure < 0, "the guest's backpressure counter falls below zero")

    return Trampoline(i32(0, 0), backpressure_dec)


def _backpressure_set(
    inst: ComponentInstance, _d: CanonBuiltin, _p: Operands, _o: CanonicalOptions
) -> Trampoline:
    def backpressure_set(enabled: int) -> None:
        inst.backpressure = int(bool(enabled))

    return Trampoline(i32(1, 0), backpressure_set)


def _task_return(
    inst: ComponentInstance, _d: CanonBuiltin, operands: Operands, opts: CanonicalOptions
) -> Trampoline:
    result = operands.get("result")
    returned = task_return_codec(result, opts.ptr_type)
    known: tuple[FuncType, CanonicalOptions] | None = None
    """The type and options of the function that returned last: they are right."""

    def task_return(*flat_args: Any) -> None:
        nonlocal known
        task = running_thread(inst).task
        check_leave(inst)
        if known is None or task.ft is not known[0] or task.opts is not known[1]:
            _check_return(task, result, opts)
            known = task.ft, task.opts
        cx = LiftLowerContext(opts, inst, task)
        task.return_((returned.lift_task_return(cx, flat_args),))

    return Trampoline(flatten_task_return(result, opts.ptr_type), task_return)


def _check_return(task: Task, result: ValType | None, opts: CanonicalOptions) -> None:
    trap_if(not task.opts.is_async, "`task.return` is called by a synchronous function")
    trap_if(result != task.ft.result, "`task.return` is given a result of another type")
    trap_if(
        opts.string_encoding != task.opts.string_encoding
        or (opts.memory is not None and opts.memory is not task.opts.memory),
        "`task.return` has other options than the function it returns from",
    )


def _task_cancel(
    inst: ComponentInstance, _d: CanonBuiltin, _p: Operands, _o: CanonicalOptions
) -> Trampoline:
    def task_cancel() -> None:
        task = running_thread(inst).task
        check_leave(inst)
        trap_if(not task.opts.is_async, "`task.cancel` is called by a synchronous function")
        task.cancel()

    return Trampoline(i32(0, 0), task_cancel)


TASK_BUILTINS: dict[str, Maker] = {
    "context.get": _context_get,
    "context.set": _context_set,
    "backpressure.set": _backpressure_set,
    "backpressure.inc": _backpressure_inc,
    "backpressure.dec": _backpressure_dec,
    "task.return": _task_return,
    "task.cancel": _task_cancel,
}
