"""`canon waitable-set.*`, `waitable.join` and `subtask.*`.

Spec: CanonicalABI.md#canon-waitable-setnew.
"""

from __future__ import annotations

from spindle.component.canon.copying import BLOCKED
from spindle.component.canon.making import (
    Maker,
    Operands,
    check_leave,
    i32,
    running_thread,
)
from spindle.component.canon.options import CanonicalOptions
from spindle.component.instance import ComponentInstance
from spindle.component.subtask import Subtask
from spindle.component.thread import Blocking
from spindle.component.trampoline import Trampoline
from spindle.component.trap import trap, trap_if
from spindle.component.waitable import EventCode, EventTuple, Waitable, WaitableSet
from spindle.wasm.canonical import CanonBuiltin


def _waitable_set(inst: ComponentInstance, index: int) -> WaitableSet:
    wset = inst.handles.get(index)
    if not isinstance(wset, WaitableSet):
        trap(f"handle {index} is no waitable set")
    return wset


def _waitable_set_new(
    inst: ComponentInstance, _d: CanonBuiltin, _p: Operands, _o: CanonicalOptions
) -> Trampoline:
    def waitable_set_new() -> int:
        check_leave(inst)
        return inst.handles.add(WaitableSet())

    return Trampoline(i32(0), waitable_set_new)


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
        check_leave(inst)
        wset = _waitable_set(inst, index)
        event = yield from wset.wait_for_event(running_thread(inst), definition.cancellable)
        return _store_event(opts, ptr, event)

    return Trampoline(i32(2), waitable_set_wait, blocking=True)


def _waitable_set_poll(
    inst: ComponentInstance, definition: CanonBuiltin, _p: Operands, opts: CanonicalOptions
) -> Trampoline:
    def waitable_set_poll(index: int, ptr: int) -> int:
        check_leave(inst)
        thread = running_thread(inst)
        wset = _waitable_set(inst, index)
        event = wset.poll(thread, thread.task, definition.cancellable)
        return _store_event(opts, ptr, event)

    return Trampoline(i32(2), waitable_set_poll)


def _waitable_set_drop(
    inst: ComponentInstance, _d: CanonBuiltin, _p: Operands, _o: CanonicalOptions
) -> Trampoline:
    def waitable_set_drop(index: int) -> None:
        check_leave(inst)
        _waitable_set(inst, index)
        inst.handles.remove(index).drop()

    return Trampoline(i32(1, 0), waitable_set_drop)


def _waitable_join(
    inst: ComponentInstance, _d: CanonBuiltin, _p: Operands, _o: CanonicalOptions
) -> Trampoline:
    def waitable_join(index: int, set_index: int) -> None:
        check_leave(inst)
        waitable = inst.handles.get(index)
        if not isinstance(waitable, Waitable):
            trap(f"handle {index} is no waitable")
        if waitable.has_sync_waiter:
            trap(f"handle {index} is being waited on")
        waitable.join(_waitable_set(inst, set_index) if set_index else None)

    return Trampoline(i32(2, 0), waitable_join)


def _subtask_cancel(
    inst: ComponentInstance, _d: CanonBuiltin, _p: Operands, opts: CanonicalOptions
) -> Trampoline:
    def subtask_cancel(index: int) -> Blocking:
        check_leave(inst)
        thread = running_thread(inst)
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

    return Trampoline(i32(1), subtask_cancel, blocking=True)


def _subtask_drop(
    inst: ComponentInstance, _d: CanonBuiltin, _p: Operands, _o: CanonicalOptions
) -> Trampoline:
    def subtask_drop(index: int) -> None:
        check_leave(inst)
        trap_if(not isinstance(inst.handles.get(index), Subtask), f"handle {index} is no subtask")
        inst.handles.remove(index).drop()

    return Trampoline(i32(1, 0), subtask_drop)


WAITABLE_BUILTINS: dict[str, Maker] = {
    "waitable-set.new": _waitable_set_new,
    "waitable-set.wait": _waitable_set_wait,
    "waitable-set.poll": _waitable_set_poll,
    "waitable-set.drop": _waitable_set_drop,
    "waitable.join": _waitable_join,
    "subtask.cancel": _subtask_cancel,
    "subtask.drop": _subtask_drop,
}
