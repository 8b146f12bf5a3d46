"""`canon {stream,future}.{read,write,cancel-*,drop-*}`.

Spec: CanonicalABI.md#canon-streamreadwrite.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spindle.component.buffer import GuestBuffer, ReadableGuestBuffer, WritableGuestBuffer
from spindle.component.canon.codec import codec
from spindle.component.canon.context import LiftLowerContext
from spindle.component.canon.options import CanonicalOptions
from spindle.component.instance import ComponentInstance
from spindle.component.stream import (
    CopyEnd,
    CopyResult,
    CopyState,
    ReclaimBuffer,
)
from spindle.component.thread import Blocking
from spindle.component.trap import trap, trap_if
from spindle.component.waitable import EventCode, EventTuple
from spindle.wasm.types import ValType

BLOCKED = 0xFFFF_FFFF
_READS = (EventCode.STREAM_READ, EventCode.FUTURE_READ)
_MAY_NOT_LEAVE = "the guest calls out of a function that must not (`realloc` or `post-return`)"


def _idle_end(
    inst: ComponentInstance,
    index: int,
    end_type: type[CopyEnd],
    t: ValType | None,
    opts: CanonicalOptions,
) -> CopyEnd:
    if not inst.may_leave:
        trap_if(True, _MAY_NOT_LEAVE)
    end = _end(inst.handles.get(index), index, end_type, t)
    if end.state is not CopyState.IDLE:
        trap(f"handle {index} is copying already, or is done")
    if end.wset is not None and not opts.is_async:
        trap(f"the guest waits for handle {index}, which is in a waitable set")
    return end


def _end(end: Any, index: int, end_type: type[CopyEnd], t: ValType | None) -> CopyEnd:
    if type(end) is not end_type:
        trap(f"handle {index} is no such end of a stream or future")
    if end.shared.t is not t and end.shared.t != t:
        trap(f"handle {index} is a stream or future of another type")
    return end


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

    def begin(index: int, ptr: int, n: int) -> CopyEnd:
        end = _idle_end(inst, index, end_type, t, opts)
        buffer: GuestBuffer = buffer_type(element, cx, ptr, n)

        def stream_event(result: CopyResult, reclaim: ReclaimBuffer | None) -> EventTuple:
            if reclaim is not None:
                reclaim()
            if end.state is CopyState.CANCELLING_COPY and result is CopyResult.COMPLETED:
                result = CopyResult.CANCELLED  # of what was left to copy
            end.state = CopyState.DONE if result is CopyResult.DROPPED else CopyState.IDLE
            return (event_code, index, result | (buffer.progress << 4))

        def on_copy(reclaim: ReclaimBuffer) -> None:
            end.set_pending_event(lambda: stream_event(CopyResult.COMPLETED, reclaim))

        def on_copy_done(result: CopyResult) -> None:
            end.set_pending_event(lambda: stream_event(result, None))

        end.state = CopyState.COPYING
        end.copy(inst, buffer, on_copy, on_copy_done)  # type: ignore[attr-defined]  # its subclass
        return end

    return _copy(inst, opts, begin)


def future_copy(
    inst: ComponentInstance,
    end_type: type[CopyEnd],
    event_code: EventCode,
    t: ValType | None,
    opts: CanonicalOptions,
) -> Callable[..., Any]:
    """`future.read` or `future.write`."""
    cx = LiftLowerContext(opts, inst, None)
    element = codec(t, opts.ptr_type) if t is not None else None
    buffer_type = WritableGuestBuffer if event_code in _READS else ReadableGuestBuffer

    def begin(index: int, ptr: int) -> CopyEnd:
        end = _idle_end(inst, index, end_type, t, opts)
        buffer: GuestBuffer = buffer_type(element, cx, ptr, 1)

        def future_event(result: CopyResult) -> EventTuple:
            end.state = CopyState.IDLE if result is CopyResult.CANCELLED else CopyState.DONE
            return (event_code, index, result)

        def on_copy_done(result: CopyResult) -> None:
            end.set_pending_event(lambda: future_event(result))

        end.state = CopyState.COPYING
        end.copy(inst, buffer, on_copy_done)  # type: ignore[attr-defined]  # its subclass
        return end

    return _copy(inst, opts, begin)


def _copy(
    inst: ComponentInstance, opts: CanonicalOptions, begin: Callable[..., CopyEnd]
) -> Callable[..., Any]:
    """The core function around a copy: at once, later as an event, or blocking."""

    def copy_async(*args: int) -> int:
        end = begin(*args)
        return end.get_pending_event()[2] if end.has_pending_event() else BLOCKED

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
        trap_if(not inst.may_leave, _MAY_NOT_LEAVE)
        end = _end(inst.handles.get(index), index, end_type, t)
        trap_if(
            end.state is not CopyState.COPYING or end.has_sync_waiter,
            f"handle {index} has no copy that could be cancelled",
        )
        trap_if(
            end.in_waitable_set() and not opts.is_async,
            f"the guest waits for handle {index}, which is in a waitable set",
        )
        end.state = CopyState.CANCELLING_COPY
        if not end.has_pending_event():
            end.shared.cancel()
        return end

    return _copy(inst, opts, begin)


def drop_end(
    inst: ComponentInstance, end_type: type[CopyEnd], t: ValType | None
) -> Callable[[int], None]:
    """`stream.drop-readable` and the like."""

    def drop(index: int) -> None:
        trap_if(not inst.may_leave, _MAY_NOT_LEAVE)
        _end(inst.handles.get(index), index, end_type, t)
        inst.handles.remove(index).drop()

    return drop
