"""`canon {stream,future}.{read,write,cancel-*,drop-*}`.

Spec: CanonicalABI.md#canon-streamreadwrite.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spindle.component.buffer import ReadableGuestBuffer, WritableGuestBuffer
from spindle.component.canon.codec import codec
from spindle.component.canon.context import LiftLowerContext
from spindle.component.canon.making import MAY_NOT_LEAVE
from spindle.component.canon.options import CanonicalOptions
from spindle.component.instance import ComponentInstance
from spindle.component.stream import (
    CANCELLING_COPY,
    COPYING,
    IDLE,
    CopyEnd,
)
from spindle.component.thread import Blocking
from spindle.component.trap import trap
from spindle.component.waitable import EventCode
from spindle.wasm.types import ValType

BLOCKED = 0xFFFF_FFFF
_READS = (EventCode.STREAM_READ, EventCode.FUTURE_READ)


def stream_copy(
    inst: ComponentInstance,
    end_type: type[CopyEnd],
    event_code: EventCode,
    t: ValType | None,
    opts: CanonicalOptions,
) -> Callable[..., Any]:
    """`stream.read` or `stream.write`."""
    cx = LiftLowerContext(opts, inst, None)
    element = codec(t, opts.ptr_type) if t is not None else None
    buffer_type = WritableGuestBuffer if event_code in _READS else ReadableGuestBuffer
    waits = not opts.is_async

    def begin(index: int, ptr: int, n: int = 1) -> CopyEnd:
        if not inst.may_leave:
            trap(MAY_NOT_LEAVE)
        end = _end(inst.handles.get(index), index, end_type, t)
        _check_idle(end, index, waits)
        end.begin(inst, index, buffer_type(element, cx, ptr, n))
        return end

    return _copy(inst, opts, begin)


future_copy = stream_copy
"""`future.read` or `future.write`: of one element, whose number is not given."""


def _end(end: Any, index: int, end_type: type[CopyEnd], t: ValType | None) -> CopyEnd:
    if type(end) is not end_type:
        trap(f"handle {index} is no such end of a stream or future")
    if end.shared.t is not t and end.shared.t != t:
        trap(f"handle {index} is a stream or future of another type")
    return end


def _check_idle(end: CopyEnd, index: int, waits: bool) -> None:
    if end.state is not IDLE:
        trap(f"handle {index} is copying already, or is done")
    if waits and end.wset is not None:
        trap(f"the guest waits for handle {index}, which is in a waitable set")


def _copy(
    inst: ComponentInstance, opts: CanonicalOptions, begin: Callable[..., CopyEnd]
) -> Callable[..., Any]:
    """The core function around a copy: at once, later as an event, or blocking."""

    def copy_async(*args: int) -> int:
        end = begin(*args)
        if end.pending_event is None:
            return BLOCKED
        end.pending_event = None
        return end.event()[2]

    def copy_sync(*args: int) -> Blocking:
        end = begin(*args)
        if not end.has_pending_event():
            thread = inst.store.current_thread
            assert thread is not None
            yield from end.wait_for_pending_event(thread)
        return end.get_pending_event()[2]

    return copy_async if opts.is_async else copy_sync


def cancel_copy(
    inst: ComponentInstance,
    end_type: type[CopyEnd],
    _event_code: EventCode,
    t: ValType | None,
    opts: CanonicalOptions,
) -> Callable[..., Any]:
    """`stream.cancel-read` and the like."""

    def begin(index: int) -> CopyEnd:
        if not inst.may_leave:
            trap(MAY_NOT_LEAVE)
        end = _end(inst.handles.get(index), index, end_type, t)
        if end.state is not COPYING or end.has_sync_waiter:
            trap(f"handle {index} has no copy that could be cancelled")
        if end.in_waitable_set() and not opts.is_async:
            trap(f"the guest waits for handle {index}, which is in a waitable set")
        end.state = CANCELLING_COPY
        if not end.has_pending_event():
            end.shared.cancel()
        return end

    return _copy(inst, opts, begin)


def drop_end(
    inst: ComponentInstance, end_type: type[CopyEnd], t: ValType | None
) -> Callable[[int], None]:
    """`stream.drop-readable` and the like."""

    def drop(index: int) -> None:
        if not inst.may_leave:
            trap(MAY_NOT_LEAVE)
        _end(inst.handles.remove(index), index, end_type, t).drop()

    return drop
