"""A synchronous call from one guest to another, on one stack.

The core function that `canon lower` makes calls the core function that `canon lift` was given,
between two functions of ours: `enter` starts the callee's task and lowers what it lifted from the
caller, `leave` does the same with the result and ends the task. Neither is on the stack while the
callee runs, so the callee may block like any guest: its thread shares the caller's fiber, and
whoever resumes the thread resumes that.

Spec: CanonicalABI.md#canon-lift, #canon-lower.
"""

from __future__ import annotations

from typing import Any

from spindle.component import core
from spindle.component.canon.context import LiftLowerContext
from spindle.component.canon.despecialize import contains_borrow
from spindle.component.canon.func_codec import func_codec
from spindle.component.canon.making import MAY_NOT_LEAVE
from spindle.component.canon.options import CanonicalOptions
from spindle.component.instance import ComponentInstance
from spindle.component.subtask import Subtask, SubtaskState
from spindle.component.task import RESOLVED, STARTED, Task
from spindle.component.thread import Callee
from spindle.component.trap import trap
from spindle.wasm.types import FuncType


def is_adapted(ft: FuncType, caller_is_async: bool) -> bool:
    """Whether a guest's function is called on its caller's stack."""
    return not (ft.is_async or caller_is_async)


def adapted_type(
    ft: FuncType, outer: core.CoreType, ptr_type: str, cleans: bool
) -> core.AdapterType:
    """The core types on both sides of such a call."""
    return core.AdapterType(
        outer, func_codec(ft, False, "lift", ptr_type=ptr_type).core_type, cleans
    )


def canon_adapt(
    caller: ComponentInstance,
    caller_opts: CanonicalOptions,
    inst: ComponentInstance,
    callee: core.Extern,
    opts: CanonicalOptions,
    ft: FuncType,
) -> core.Adapter:
    """The parts of a call from the instance `caller` to the core function `callee` of `inst`."""
    store, threads = inst.store, inst.threads
    spare: list[Callee] = []
    """Threads of calls that have ended, with their tasks."""
    outer = func_codec(ft, False, "lower", ptr_type=caller_opts.ptr_type)
    inner = func_codec(ft, False, "lift", ptr_type=opts.ptr_type)
    lift_params, lower_params = outer.lift_params, inner.lower_params
    lift_result, lower_result = inner.lift_result, outer.lower_result
    takes, gives = len(inner.core_type.params), len(outer.core_type.results)
    entered = tuple(inst.entering_set(caller))
    lends = any(contains_borrow(param.type) for param in ft.params)
    outer_cx, inner_cx = LiftLowerContext(caller_opts, caller), LiftLowerContext(opts, inst)

    def enter(*flat_args: Any) -> Any:
        if not caller.may_leave:
            trap(MAY_NOT_LEAVE)
        for each in entered:
            if not each.may_enter:
                trap("the guest's instance is re-entered")
        for each in entered:
            each.may_enter = False
        below = store.current_thread
        assert below is not None
        thread = spare.pop() if spare else Callee(Task(ft, opts, inst, list, _none, None))
        task = thread.task
        task.implicit_thread = thread
        task.scope = below.task.scope
        task.state = STARTED
        task.threads.append(thread)
        thread.index = threads.add(thread)
        thread.take_over(below, flat_args)
        from_cx, to_cx = outer_cx, inner_cx
        if lends:
            thread.subtask = subtask = Subtask()
            from_cx = LiftLowerContext(caller_opts, caller, subtask)
            to_cx = LiftLowerContext(opts, inst, task)
        args = lower_params(to_cx, lift_params(from_cx, flat_args))
        return args if takes > 1 else args[0] if takes else None

    def leave(*flat_results: Any) -> Any:
        thread = _callee(store.current_thread)
        task = thread.task
        result = lift_result(inner_cx, flat_results)
        if task.num_borrows:
            trap("the guest returned while it still holds borrowed handles")
        flat = lower_result(outer_cx, result, thread.flat_args)
        task.state = RESOLVED
        if opts.post_return is None:
            end(thread)
        else:
            inst.may_leave = False
        return flat[0] if gives else None

    def done() -> None:
        inst.may_leave = True
        end(_callee(store.current_thread))

    def end(thread: Callee) -> None:
        thread.task.exit_implicit_thread()
        if thread.subtask is not None:
            thread.subtask.resolve(SubtaskState.RETURNED, [])
            thread.subtask.deliver_resolve()
        for each in entered:
            each.may_enter = True
        thread.give_back()
        if thread.reusable:
            spare.append(thread)

    return core.Adapter(enter, callee, leave, opts.post_return, done)


def _callee(thread: Any) -> Callee:
    assert thread.__class__ is Callee, "what was entered is left"
    found: Callee = thread
    return found


def _none(_result: Any) -> None:
    """Nobody waits for the result: `leave` hands it over."""
