"""`canon lift`: a core function made a component function.

Spec: CanonicalABI.md#canon-lift.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any, cast

from spindle.component import core
from spindle.component.canon.context import LiftLowerContext
from spindle.component.canon.func_codec import FuncCodec, func_codec
from spindle.component.canon.options import CanonicalOptions
from spindle.component.instance import ComponentInstance
from spindle.component.task import FuncInst, OnCancel, OnResolve, OnStart, Task
from spindle.component.thread import Blocking, Thread, poll
from spindle.component.trap import trap, trap_if
from spindle.component.waitable import CANCELLED_EVENT, NO_EVENT, EventTuple, WaitableSet
from spindle.wasm.types import FuncType

MAX_CALL_DEPTH = 64
"""How deep components may call one another: each call takes about ten frames of Python's stack."""
CALLBACK_TYPE = core.CoreType(("i32", "i32", "i32"), ("i32",))


class CallbackCode(IntEnum):
    """What a callback asks for."""

    EXIT = 0
    YIELD = 1
    WAIT = 2


EXIT, YIELD, WAIT = CallbackCode
"""The members by themselves: looked up on their class they cost ten times as much."""


def canon_lift(
    inst: ComponentInstance,
    core_func: core.Extern | Callable[[], core.Extern],
    ft: FuncType,
    opts: CanonicalOptions,
) -> FuncInst:
    """The component function a core function implements; a callable gives the latter late."""

    codec: FuncCodec | None = None
    callee = cast("core.Extern", None)

    def func_inst(
        on_start: OnStart, on_resolve: OnResolve, caller: Thread | None, scope: Any
    ) -> OnCancel:
        from_inst = caller.task.inst if caller is not None else None
        nonlocal codec, callee
        if not inst.may_enter_from(from_inst):
            trap("the guest's instance is re-entered")
        if codec is None:  # the options are complete by now
            has_callback = opts.callback is not None
            codec = func_codec(ft, opts.is_async, "lift", has_callback, opts.ptr_type)
            callee = core_func if isinstance(core_func, core.Extern) else core_func()
        store = inst.store
        if store.call_depth == MAX_CALL_DEPTH:
            trap("call stack exhausted: components call one another too deeply")
        inst.enter_from(from_inst)
        sync_tasks = store.sync_tasks
        outer = len(sync_tasks)
        task = Task(ft, opts, inst, on_start, on_resolve, scope)
        thread = task.implicit_thread = Thread(task, _run, callee, codec)
        store.call_depth += 1
        thread.resume()
        store.call_depth -= 1
        if not ft.is_async and not task.resolved:
            sync_tasks.insert(outer, task)  # below those it waits for itself
        inst.leave_to(from_inst)
        return task.request_cancellation

    return func_inst


def _run(thread: Thread, callee: core.Extern, codec: FuncCodec) -> Blocking:
    """A task's implicit thread."""
    task = thread.task
    if task.may_enter_now():
        task.take_implicit_thread()
    elif not (yield from task.enter_implicit_thread()):
        return
    opts = task.opts
    cx = LiftLowerContext(opts, task.inst, task)
    flat_args = codec.lower_params(cx, task.start())
    call = task.inst.store.core.call(callee, codec.core_type, flat_args)
    if not poll(call):
        yield from thread.finish(call)
    flat_results: Any = call.results
    if not opts.is_async:
        task.return_((codec.lift_result(cx, flat_results),))
        if opts.post_return is not None:
            yield from _post_return(thread, opts.post_return, codec.core_type, flat_results)
    elif opts.callback is not None:
        yield from _callbacks(thread, opts.callback, flat_results[0])
    task.exit_implicit_thread()


def _post_return(
    thread: Thread, function: core.Extern, core_type: core.CoreType, flat_results: Any
) -> Blocking:
    thread.task.inst.may_leave = False
    yield from thread.call_core(function, core.CoreType(core_type.results, ()), flat_results)
    thread.task.inst.may_leave = True


def _callbacks(thread: Thread, callback: core.Extern, packed: int) -> Blocking:
    """Call the callback with what happens until it says that the task is over."""
    inst = thread.task.inst
    while (code := packed & 0xF) != EXIT:
        assert inst.exclusive_thread is thread
        inst.exclusive_thread = None
        event: EventTuple
        if code == WAIT:
            wset = inst.handles.get(packed >> 4)
            trap_if(not isinstance(wset, WaitableSet), "a callback waits on no waitable set")
            event = yield from wset.wait_for_event_and(
                thread, lambda: inst.exclusive_thread is None, cancellable=True
            )
        elif code == YIELD:
            cancelled = yield from _yield(thread)
            event = CANCELLED_EVENT if cancelled else NO_EVENT
        else:
            trap(f"a callback returned the unknown code {code}")
        assert inst.exclusive_thread is None
        inst.exclusive_thread = thread
        (packed,) = yield from thread.call_core(callback, CALLBACK_TYPE, event)


def _yield(thread: Thread) -> Blocking:
    inst = thread.task.inst
    if thread.task.deliver_pending_cancel(True):
        return True
    thread.start_waiting(lambda: inst.exclusive_thread is None)
    return (yield from thread.block(cancellable=True))
