"""`canon stream.*` and `future.*`.

Spec: CanonicalABI.md#canon-streamfuturenew.
"""

from __future__ import annotations

from typing import Any

from spindle.component.canon.copying import cancel_copy, drop_end, future_copy, stream_copy
from spindle.component.canon.making import (
    Maker,
    Operands,
    check_leave,
    i32,
)
from spindle.component.canon.options import CanonicalOptions
from spindle.component.core import CoreType
from spindle.component.future import ReadableFutureEnd, SharedFuture, WritableFutureEnd
from spindle.component.instance import ComponentInstance
from spindle.component.stream import ReadableStreamEnd, SharedStream, WritableStreamEnd
from spindle.component.trampoline import Trampoline
from spindle.component.waitable import EventCode
from spindle.wasm.canonical import CanonBuiltin


def _stream_new(
    inst: ComponentInstance, _d: CanonBuiltin, operands: Operands, _o: CanonicalOptions
) -> Trampoline:
    t = operands["stream_type"].element

    def stream_new() -> int:
        check_leave(inst)
        shared = SharedStream(t)
        readable = inst.handles.add(ReadableStreamEnd(shared))
        return readable | (inst.handles.add(WritableStreamEnd(shared)) << 32)

    return Trampoline(CoreType((), ("i64",)), stream_new)


def _future_new(
    inst: ComponentInstance, _d: CanonBuiltin, operands: Operands, _o: CanonicalOptions
) -> Trampoline:
    t = operands["future_type"].element

    def future_new() -> int:
        check_leave(inst)
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
        return Trampoline(i32(3 if kind == "stream" else 2), function, not opts.is_async)

    return make


def _canceller(kind: str, end: Any, code: EventCode) -> Maker:
    """`stream.cancel-read` and the like."""

    def make(
        inst: ComponentInstance, _d: CanonBuiltin, operands: Operands, opts: CanonicalOptions
    ) -> Trampoline:
        function = cancel_copy(inst, end, code, operands[f"{kind}_type"].element, opts)
        return Trampoline(i32(1), function, not opts.is_async)

    return make


def _dropper(kind: str, end: Any) -> Maker:
    """`stream.drop-readable` and the like."""

    def make(
        inst: ComponentInstance, _d: CanonBuiltin, operands: Operands, _o: CanonicalOptions
    ) -> Trampoline:
        return Trampoline(i32(1, 0), drop_end(inst, end, operands[f"{kind}_type"].element))

    return make


STREAM_BUILTINS: dict[str, Maker] = {
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
}
