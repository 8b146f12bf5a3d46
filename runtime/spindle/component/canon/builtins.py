"""The other canonical definitions: resources, tasks, waitables, streams, futures, threads.

`builtin` gives the trampoline of one; each `_name` function below makes one kind, in the
specification's order. The functions they return take core values and give one or none.

Spec: CanonicalABI.md#canonical-definitions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from spindle.component.canon.context import LiftLowerContext
from spindle.component.canon.copying import BLOCKED, cancel_copy, drop_end, future_copy, stream_copy
from spindle.component.canon.errors import (
    debug_message_function,
    drop_function,
    new_function,
)
from spindle.component.canon.flatten import flatten_task_return
from spindle.component.canon.func_codec import task_return_codec
from spindle.component.canon.options import CanonicalOptions
from spindle.component.canon.threads import THREAD_BUILTINS
from spindle.component.core import CoreType
from spindle.component.future import (
    ReadableFutureEnd,
    SharedFuture,
    WritableFutureEnd,
)
from spindle.component.instance import ComponentInstance
from spindle.component.resource import ResourceHandle
from spindle.component.stream import ReadableStreamEnd, SharedStream, WritableStreamEnd
from spindle.component.subtask import Subtask
from spindle.component.task import Task
from spindle.component.thread import Blocking, Thread
from spindle.component.trampoline import Trampoline
from spindle.component.trap import trap, trap_if
from spindle.component.waitable import EventCode, EventTuple, Waitable, WaitableSet
from spindle.wasm.canonical import CanonBuiltin
from spindle.wasm.types import FuncType, ResourceType, ValType

Operands: TypeAlias = Mapping[str, Any]
Maker: TypeAlias = Callable[
    [ComponentInstance, CanonBuiltin, Operands, CanonicalOptions], Trampoline
]


def builtin(
    inst: ComponentInstance,
    definition: CanonBuiltin,
    operands: Operands,
    opts: CanonicalOptions,
) -> Trampoline:
    """The trampoline of a canonical definition other than `lift` and `lower`.

    `operands` are its immediates, resolved: `resource`, `stream_type`, `future_type`, `result`,
    `core_type`, `table` (a function that gives the core table).
    """
    return _MAKERS[definition.name](inst, definition, operands, opts)


def _check_leave(inst: ComponentInstance) -> None:
    if not inst.may_leave:
        trap_if(True, "the guest calls out of a function that must not (`realloc`, `post-return`)")


def _thread(inst: ComponentInstance) -> Thread:
    thread = inst.store.current_thread
    assert thread is not None, "guest code runs on a thread"
    return thread


def _i32(params: int, results: int = 1) -> CoreType:
    return CoreType(("i32",) * params, ("i32",) * results)


# Resources.


def _resource_new(
    inst: ComponentInstance, _d: CanonBuiltin, operands: Operands, _o: CanonicalOptions
) -> Trampoline:
    rt: ResourceType = operands["resource"]

    def resource_new(rep: int) -> int:
        _check_leave(inst)
        return inst.handles.add(ResourceHandle(rt, rep, True))

    return Trampoline(_i32(1), resource_new)


def _resource_drop(
    inst: ComponentInstance, _d: CanonBuiltin, operands: Operands, _o: CanonicalOptions
) -> Trampoline:
    rt: ResourceType = operands["resource"]

    def remove(index: int) -> ResourceHandle:
        if not inst.may_leave:
            _check_leave(inst)
        handle = inst.handles.remove(index)
        if handle.__class__ is not ResourceHandle:
            trap(f"handle {index} is no resource")
        if handle.rt is not rt:
            trap(f"handle {index} is a resource of another type")
        if handle.num_lends:
            trap(f"handle {index} is dropped while it is lent")
        return handle

    def resource_drop(index: int) -> None:
        handle = remove(index)
        if not handle.own:
            _give_back(handle)
            return
        _impl, dtor = inst.resource_impl(rt)
        if dtor is not None:
            dtor(handle.rep)

    def resource_drop_guest(index: int) -> Blocking:
        handle = remove(index)
        if not handle.own:
            _give_back(handle)
            return
        _impl, dtor = inst.resource_impl(rt)
        if dtor is None:
            return
        thread = _thread(inst)
        resolved = False

        def on_resolve(_result: tuple[Any, ...] | None) -> None:
            nonlocal resolved
            resolved = True

        dtor(lambda: [handle.rep], on_resolve, thread, thread.task.scope)
        yield from thread.settle()
        yield from thread.hold(lambda: resolved)

    if inst.resource_impl(rt)[0] is None:
        return Trampoline(_i32(1, 0), resource_drop)
    return Trampoline(_i32(1, 0), resource_drop_guest, blocking=True)


def _give_back(handle: ResourceHandle) -> None:
    assert handle.borrow_scope is not None, "a borrowed handle has a scope"
    handle.borrow_scope.num_borrows -= 1


def _resource_rep(
    inst: ComponentInstance, _d: CanonBuiltin, operands: Operands, _o: CanonicalOptions
) -> Trampoline:
    rt: ResourceType = operands["resource"]

    def resource_rep(index: int) -> int:
        handle = inst.handles.get(index)
        trap_if(not isinstance(handle, ResourceHandle), f"handle {index} is no resource")
        trap_if(handle.rt is not rt, f"handle {index} is a resource of another type")
        rep: int = handle.rep
        return rep

    return Trampoline(_i32(1), resource_rep)


# Context, backpressure and tasks.


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

    return Trampoline(_i32(0, 0), backpressure_inc)


def _backpressure_dec(
    inst: ComponentInstance, _d: CanonBuiltin, _p: Operands, _o: CanonicalOptions
) -> Trampoline:
    def backpressure_dec() -> None:
        inst.backpressure -= 1
        trap_if(inst.backpressure < 0, "the guest's backpressure counter falls below zero")

    return Trampoline(_i32(0, 0), backpressure_dec)


def _backpressure_set(
    inst: ComponentInstance, _d: CanonBuiltin, _p: Operands, _o: CanonicalOptions
) -> Trampoline:
    def backpressure_set(enabled: int) -> None:
        inst.backpressure = int(bool(enabled))

    return Trampoline(_i32(1, 0), backpressure_set)


def _task_return(
    inst: ComponentInstance, _d: CanonBuiltin, operands: Operands, opts: CanonicalOptions
) -> Trampoline:
    result = operands.get("result")
    returned = task_return_codec(result, opts.ptr_type)
    known: tuple[FuncType, CanonicalOptions] | None = None
    """The type and options of the function that returned last: they are right."""

    def task_return(*flat_args: Any) -> None:
        nonlocal known
        task = _thread(inst).task
        _check_leave(inst)
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
        task = _thread(inst).task
        _check_leave(inst)
        trap_if(not task.opts.is_async, "`task.cancel` is called by a synchronous function")
        task.cancel()

    return Trampoline(_i32(0, 0), task_cancel)


# Waitable sets.


def _waitable_set(inst: ComponentInstance, index: int) -> WaitableSet:
    wset = inst.handles.get(index)
    trap_if(not isinstance(wset, WaitableSet), f"handle {index} is no waitable set")
    assert isinstance(wset, WaitableSet)
    return wset


def _waitable_set_new(
    inst: ComponentInstance, _d: CanonBuiltin, _p: Operands, _o: CanonicalOptions
) -> Trampoline:
    def waitable_set_new() -> int:
        _check_leave(inst)
        return inst.handles.add(WaitableSet())

    return Trampoline(_i32(0), waitable_set_new)


def _store_event(opts: CanonicalOptions, ptr: int, event: EventTuple) -> int:
    memory = opts.memory
    assert memory is not None
    trap_if(ptr % 4, "the guest gave an event pointer that is not aligned")
    if ptr + 8 > len(memory.view):
        trap_if(ptr + 8 > len(memory.refresh()), "the guest gave an event pointer out of bounds")
    memory.view[ptr : ptr + 8] = event[1].to_bytes(4, "little") + event[2].to_bytes(4, "little")
    return event[0]


def _waitable_set_wait(
    inst: ComponentInstance, definition: CanonBuiltin, _p: Operands, opts: CanonicalOptions
) -> Trampoline:
    def waitable_set_wait(index: int, ptr: int) -> Blocking:
        _check_leave(inst)
        wset = _waitable_set(inst, index)
        event = yield from wset.wait_for_event(_thread(inst), definition.cancellable)
        return _store_event(opts, ptr, event)

    return Trampoline(_i32(2), waitable_set_wait, blocking=True)


def _waitable_set_poll(
    inst: ComponentInstance, definition: CanonBuiltin, _p: Operands, opts: CanonicalOptions
) -> Trampoline:
    def waitable_set_poll(index: int, ptr: int) -> int:
        _check_leave(inst)
        thread = _thread(inst)
        wset = _waitable_set(inst, index)
        event = wset.poll(thread, thread.task, definition.cancellable)
        return _store_event(opts, ptr, event)

    return Trampoline(_i32(2), waitable_set_poll)


def _waitable_set_drop(
    inst: ComponentInstance, _d: CanonBuiltin, _p: Operands, _o: CanonicalOptions
) -> Trampoline:
    def waitable_set_drop(index: int) -> None:
        _check_leave(inst)
        _waitable_set(inst, index)
        inst.handles.remove(index).drop()

    return Trampoline(_i32(1, 0), waitable_set_drop)


def _waitable_join(
    inst: ComponentInstance, _d: CanonBuiltin, _p: Operands, _o: CanonicalOptions
) -> Trampoline:
    def waitable_join(index: int, set_index: int) -> None:
        _check_leave(inst)
        waitable = inst.handles.get(index)
        trap_if(not isinstance(waitable, Waitable), f"handle {index} is no waitable")
        trap_if(waitable.has_sync_waiter, f"handle {index} is being waited on")
        waitable.join(_waitable_set(inst, set_index) if set_index else None)

    return Trampoline(_i32(2, 0), waitable_join)


# Subtasks.


def _subtask_cancel(
    inst: ComponentInstance, _d: CanonBuiltin, _p: Operands, opts: CanonicalOptions
) -> Trampoline:
    def subtask_cancel(index: int) -> Blocking:
        _check_leave(inst)
        thread = _thread(inst)
        subtask = inst.handles.get(index)
        trap_if(not isinstance(subtask, Subtask), f"handle {index} is no subtask")
        trap_if(subtask.resolve_delivered(), "the guest cancels a subtask that is resolved")
        trap_if(subtask.cancellation_requested, "the guest cancels a subtask twice")
        trap_if(
            subtask.in_waitable_set() and not opts.is_async,
            "the guest waits for a subtask that is in a waitable set",
        )
        if not subtask.resolved():
            subtask.cancellation_requested = True
            subtask.on_cancel(inst)
            yield from thread.settle()
            if not subtask.resolved():
                if opts.is_async:
                    return BLOCKED
                yield from subtask.wait_for_pending_event(thread)
        code, _index, _payload = subtask.get_pending_event()
        assert code == EventCode.SUBTASK
        return subtask.state

    return Trampoline(_i32(1), subtask_cancel, blocking=True)


def _subtask_drop(
    inst: ComponentInstance, _d: CanonBuiltin, _p: Operands, _o: CanonicalOptions
) -> Trampoline:
    def subtask_drop(index: int) -> None:
        _check_leave(inst)
        trap_if(not isinstance(inst.handles.get(index), Subtask), f"handle {index} is no subtask")
        inst.handles.remove(index).drop()

    return Trampoline(_i32(1, 0), subtask_drop)


# Streams and futures.


def _stream_new(
    inst: ComponentInstance, _d: CanonBuiltin, operands: Operands, _o: CanonicalOptions
) -> Trampoline:
    t = operands["stream_type"].element

    def stream_new() -> int:
        _check_leave(inst)
        shared = SharedStream(t)
        readable = inst.handles.add(ReadableStreamEnd(shared))
        return readable | (inst.handles.add(WritableStreamEnd(shared)) << 32)

    return Trampoline(CoreType((), ("i64",)), stream_new)


def _future_new(
    inst: ComponentInstance, _d: CanonBuiltin, operands: Operands, _o: CanonicalOptions
) -> Trampoline:
    t = operands["future_type"].element

    def future_new() -> int:
        _check_leave(inst)
        shared = SharedFuture(t)
        readable = inst.handles.add(ReadableFutureEnd(shared))
        return readable | (inst.handles.add(WritableFutureEnd(shared)) << 32)

    return Trampoline(CoreType((), ("i64",)), future_new)


def _copier(kind: str, end: Any, code: EventCode, copy: Any) -> Maker:
    """`stream.read` and the like."""

    def make(
        inst: ComponentInstance, _d: CanonBuiltin, operands: Operands, opts: CanonicalOptions
    ) -> Trampoline:
        function = copy(inst, end, code, operands[f"{kind}_type"].element, opts)
        return Trampoline(_i32(3 if kind == "stream" else 2), function, not opts.is_async)

    return make


def _canceller(kind: str, end: Any, code: EventCode) -> Maker:
    """`stream.cancel-read` and the like."""

    def make(
        inst: ComponentInstance, _d: CanonBuiltin, operands: Operands, opts: CanonicalOptions
    ) -> Trampoline:
        function = cancel_copy(inst, end, code, operands[f"{kind}_type"].element, opts)
        return Trampoline(_i32(1), function, not opts.is_async)

    return make


def _dropper(kind: str, end: Any) -> Maker:
    """`stream.drop-readable` and the like."""

    def make(
        inst: ComponentInstance, _d: CanonBuiltin, operands: Operands, _o: CanonicalOptions
    ) -> Trampoline:
        return Trampoline(_i32(1, 0), drop_end(inst, end, operands[f"{kind}_type"].element))

    return make


def _of_options(core_type: CoreType, make: Any) -> Maker:
    """A built-in that needs no more than its instance and options."""
    return lambda inst, _definition, _operands, opts: Trampoline(core_type, make(inst, opts))


_MAKERS: dict[str, Maker] = {
    "resource.new": _resource_new,
    "resource.drop": _resource_drop,
    "resource.rep": _resource_rep,
    "context.get": _context_get,
    "context.set": _context_set,
    "backpressure.set": _backpressure_set,
    "backpressure.inc": _backpressure_inc,
    "backpressure.dec": _backpressure_dec,
    "task.return": _task_return,
    "task.cancel": _task_cancel,
    "waitable-set.new": _waitable_set_new,
    "waitable-set.wait": _waitable_set_wait,
    "waitable-set.poll": _waitable_set_poll,
    "waitable-set.drop": _waitable_set_drop,
    "waitable.join": _waitable_join,
    "subtask.cancel": _subtask_cancel,
    "subtask.drop": _subtask_drop,
    "stream.new": _stream_new,
    "stream.read": _copier("stream", ReadableStreamEnd, EventCode.STREAM_READ, stream_copy),
    "stream.write": _copier("stream", WritableStreamEnd, EventCode.STREAM_WRITE, stream_copy),
    "stream.cancel-read": _canceller("stream", ReadableStreamEnd, EventCode.STREAM_READ),
    "stream.cancel-write": _canceller("stream", WritableStreamEnd, EventCode.STREAM_WRITE),
    "stream.drop-readable": _dropper("stream", ReadableStreamEnd),
    "stream.drop-writable": _dropper("stream", WritableStreamEnd),
    "future.new": _future_new,
    "future.read": _copier("future", ReadableFutureEnd, EventCode.FUTURE_READ, future_copy),
    "future.write": _copier("future", WritableFutureEnd, EventCode.FUTURE_WRITE, future_copy),
    "future.cancel-read": _canceller("future", ReadableFutureEnd, EventCode.FUTURE_READ),
    "future.cancel-write": _canceller("future", WritableFutureEnd, EventCode.FUTURE_WRITE),
    "future.drop-readable": _dropper("future", ReadableFutureEnd),
    "future.drop-writable": _dropper("future", WritableFutureEnd),
    "error-context.new": _of_options(_i32(2), new_function),
    "error-context.debug-message": _of_options(_i32(2, 0), debug_message_function),
    "error-context.drop": _of_options(_i32(1, 0), drop_function),
    **THREAD_BUILTINS,
}
