"""`canon lower`: a component function made a core function.

Spec: CanonicalABI.md#canon-lower.
"""

from __future__ import annotations

from typing import Any

from spindle.component.canon.context import LiftLowerContext
from spindle.component.canon.func_codec import FuncCodec, func_codec
from spindle.component.canon.making import MAY_NOT_LEAVE, check_leave
from spindle.component.canon.options import CanonicalOptions
from spindle.component.host import HostFuncInst, Later, wait_for
from spindle.component.instance import ComponentInstance
from spindle.component.subtask import Subtask, SubtaskState
from spindle.component.task import FuncInst
from spindle.component.thread import Blocking, Thread
from spindle.component.trampoline import Trampoline
from spindle.component.trap import trap
from spindle.component.waitable import EventCode, EventTuple
from spindle.wasm.types import FuncType


def canon_lower(
    inst: ComponentInstance, callee: FuncInst, ft: FuncType, opts: CanonicalOptions
) -> Trampoline:
    """The core function that calls a component function."""
    codec = func_codec(ft, opts.is_async, "lower", ptr_type=opts.ptr_type)
    if isinstance(callee, HostFuncInst):
        callee = callee.lowered(opts)
    if isinstance(callee, HostFuncInst) and not callee.blocking and not ft.is_async:
        return Trampoline(codec.core_type, _immediate(inst, callee, codec, opts))
    if isinstance(callee, HostFuncInst) and not ft.is_async and not opts.is_async:
        return Trampoline(codec.core_type, _held(inst, callee, codec, opts), blocking=True)
    if opts.is_async and isinstance(callee, HostFuncInst):
        return Trampoline(codec.core_type, _async_host(inst, callee, codec, ft, opts))
    return Trampoline(codec.core_type, _general(inst, callee, codec, ft, opts), blocking=True)


def lower_blocks(callee: FuncInst | None, ft: FuncType, is_async: bool) -> bool:
    """Whether the core function that `canon_lower` makes is a blocking one.

    `callee` None is a guest's function.
    """
    if not isinstance(callee, HostFuncInst):
        return True
    return not is_async and (callee.blocking or ft.is_async)


def _immediate(
    inst: ComponentInstance, callee: HostFuncInst, codec: FuncCodec, opts: CanonicalOptions
) -> Any:
    """A host function that answers at once: no subtask is ever seen."""
    cx = LiftLowerContext(opts, inst)  # no guest runs meanwhile: nothing lent can be dropped
    lowered = codec.immediate(inst, inst.store, cx, callee.fn, _refuse_to_leave)
    if not opts.is_async:
        return lowered

    def lowered_async(*flat_args: Any) -> int:
        lowered(*flat_args)
        return SubtaskState.RETURNED

    return lowered_async


def _refuse_to_leave() -> None:
    trap(MAY_NOT_LEAVE)


def _held(
    inst: ComponentInstance, callee: HostFuncInst, codec: FuncCodec, opts: CanonicalOptions
) -> Any:
    """A synchronous host function that may wait: the whole store waits with it."""
    store = inst.store
    cx = LiftLowerContext(opts, inst)  # no guest runs meanwhile: nothing lent can be dropped
    returns = bool(codec.core_type.results)

    def lowered(*flat_args: Any) -> Blocking:
        check_leave(inst)
        thread = _current(store.current_thread)
        result = callee.fn(thread.task, *codec.lift_params(cx, flat_args))
        if type(result) is Later:
            future = wait_for(store, result)
            store.host_waits += 1
            try:
                yield from thread.hold(future.done)
            finally:
                store.host_waits -= 1
            result = future.result()
        flat = codec.lower_result(cx, result, flat_args)
        return flat[0] if returns else None

    return lowered


class _Lowering:
    """One call through `canon lower`."""

    __slots__ = ("codec", "cx", "flat_args", "index", "inst", "subtask")

    def __init__(
        self,
        inst: ComponentInstance,
        codec: FuncCodec,
        opts: CanonicalOptions,
        flat_args: tuple[Any, ...],
    ) -> None:
        self.inst = inst
        self.codec = codec
        self.flat_args = flat_args
        self.subtask = Subtask()
        self.cx = LiftLowerContext(opts, inst, self.subtask)
        self.index = 0
        """The subtask's handle, once the caller has one."""

    def on_start(self) -> list[Any]:
        self._progress()
        self.subtask.state = SubtaskState.STARTED
        return self.codec.lift_params(self.cx, self.flat_args)

    def on_resolve(self, result: tuple[Any, ...] | None) -> None:
        self._progress()
        subtask = self.subtask
        if result is not None:
            flat = self.codec.lower_result(self.cx, result[0] if result else None, self.flat_args)
            subtask.resolve(SubtaskState.RETURNED, flat)
        elif subtask.state is SubtaskState.STARTING:
            subtask.resolve(SubtaskState.CANCELLED_BEFORE_STARTED, [])
        else:
            subtask.resolve(SubtaskState.CANCELLED_BEFORE_RETURNED, [])

    def _progress(self) -> None:
        if self.index:
            self.subtask.set_pending_event(self._event)

    def _event(self) -> EventTuple:
        if self.subtask.resolved():
            self.subtask.deliver_resolve()
        return (EventCode.SUBTASK, self.index, self.subtask.state)

    def packed(self) -> int:
        """What an asynchronous lower returns: how far the call is, and its handle."""
        if self.subtask.resolved():
            self.subtask.deliver_resolve()
            return SubtaskState.RETURNED
        self.index = self.inst.handles.add(self.subtask)
        return self.subtask.state | (self.index << 4)


def _async_host(
    inst: ComponentInstance,
    callee: HostFuncInst,
    codec: FuncCodec,
    ft: FuncType,
    opts: CanonicalOptions,
) -> Any:
    """An asynchronous lower of a host function: never blocks."""
    store = inst.store

    def lowered(*flat_args: Any) -> int:
        check_leave(inst)
        thread = _current(store.current_thread)
        lowering = _Lowering(inst, codec, opts, flat_args)
        lowering.subtask.on_cancel = callee(
            lowering.on_start, lowering.on_resolve, thread, thread.task.scope
        )
        return lowering.packed()

    return lowered


def _general(
    inst: ComponentInstance,
    callee: FuncInst,
    codec: FuncCodec,
    ft: FuncType,
    opts: CanonicalOptions,
) -> Any:
    store = inst.store
    returns = bool(codec.core_type.results)

    def lowered(*flat_args: Any) -> Blocking:
        check_leave(inst)
        thread = _current(store.current_thread)
        lowering = _Lowering(inst, codec, opts, flat_args)
        subtask = lowering.subtask
        subtask.on_cancel = callee(
            lowering.on_start, lowering.on_resolve, thread, thread.task.scope
        )
        yield from thread.settle()
        if opts.is_async:
            return lowering.packed()
        if not subtask.resolved():
            if ft.is_async:
                yield from thread.wait_until(subtask.resolved)
            else:
                yield from thread.hold(subtask.resolved)
        subtask.deliver_resolve()
        return subtask.flat_results[0] if returns else None

    return lowered


def _current(thread: Thread | None) -> Thread:
    assert thread is not None, "guest code runs on a thread"
    return thread
