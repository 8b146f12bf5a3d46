"""Futures: streams of exactly one value.

Spec: CanonicalABI.md#future-state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spindle.component.stream import (
    CANCELLED,
    COMPLETED,
    DONE,
    DROPPED,
    IDLE,
    CopyEnd,
    CopyResult,
    OnCopyDone,
    ReadableBuffer,
    WritableBuffer,
    none_or_number_type,
)
from spindle.component.trap import trap, trap_if
from spindle.component.waitable import EventCode, EventTuple

if TYPE_CHECKING:
    from spindle.component.instance import ComponentInstance
    from spindle.wasm.types import ValType


class ReadableFuture:
    """The readable side of a future of type `t` (None: a unit)."""

    __slots__ = ()

    t: ValType | None
    untyped = False
    """Whether `t` is still to be set, by the first lowering."""

    def read(
        self, inst: ComponentInstance | None, dst: WritableBuffer, on_copy_done: OnCopyDone
    ) -> None:
        """Begin to read the value into `dst`."""
        raise NotImplementedError

    def cancel(self) -> None:
        """Give up the read that is going on; its `on_copy_done` is called."""
        raise NotImplementedError

    def drop(self) -> None:
        """Say that nobody reads any more."""
        raise NotImplementedError


class SharedFuture(ReadableFuture):
    """A future a guest writes: whoever comes first leaves a buffer for the other."""

    __slots__ = ("dropped", "pending_buffer", "pending_inst", "pending_on_copy_done", "t")

    def __init__(self, t: ValType | None) -> None:
        self.t = t
        self.dropped = False
        self.pending_inst: ComponentInstance | None = None
        self.pending_buffer: Any = None
        self.pending_on_copy_done: OnCopyDone | None = None

    def _set_pending(
        self, inst: ComponentInstance | None, buffer: Any, on_copy_done: OnCopyDone | None
    ) -> None:
        self.pending_inst = inst
        self.pending_buffer = buffer
        self.pending_on_copy_done = on_copy_done

    def _reset_and_notify_pending(self, result: CopyResult) -> None:
        notify = self.pending_on_copy_done
        assert notify is not None
        self._set_pending(None, None, None)
        notify(result)

    def cancel(self) -> None:
        """Give up the copy that waits."""
        self._reset_and_notify_pending(CANCELLED)

    def drop(self) -> None:
        """Say that the reader is gone, or the writer after it wrote."""
        if not self.dropped:
            self.dropped = True
            if self.pending_buffer is not None:
                self._reset_and_notify_pending(DROPPED)

    def read(
        self, inst: ComponentInstance | None, dst: WritableBuffer, on_copy_done: OnCopyDone
    ) -> None:
        """Begin to read the value into `dst`."""
        if self.pending_buffer is None:
            self._set_pending(inst, dst, on_copy_done)
            return
        self._check_instance(inst)
        dst.write(self.pending_buffer.read(1))
        self._reset_and_notify_pending(COMPLETED)
        on_copy_done(COMPLETED)

    def write(
        self, inst: ComponentInstance | None, src: ReadableBuffer, on_copy_done: OnCopyDone
    ) -> None:
        """Begin to write the value in `src`."""
        if self.dropped:
            on_copy_done(DROPPED)
        elif self.pending_buffer is None:
            self._set_pending(inst, src, on_copy_done)
        else:
            self._check_instance(inst)
            self.pending_buffer.write(src.read(1))
            self._reset_and_notify_pending(COMPLETED)
            on_copy_done(COMPLETED)

    def _check_instance(self, inst: ComponentInstance | None) -> None:
        trap_if(
            inst is not None and inst is self.pending_inst and not none_or_number_type(self.t),
            "the guest passes a value that is not a number to itself",
        )


class FutureEnd(CopyEnd):
    """A guest's handle on one side of a future."""

    __slots__ = ()

    def event(self) -> EventTuple:
        """How the copy ended."""
        self.buffer = None
        cancelled = self.result is CANCELLED
        self.state = IDLE if cancelled else DONE
        return (self.event_code, self.index, self.result)


class ReadableFutureEnd(FutureEnd):
    """A guest's handle on the readable side."""

    __slots__ = ()

    event_code = EventCode.FUTURE_READ

    def copy(self, inst: ComponentInstance, buffer: Any) -> None:
        """Begin to read."""
        self.shared.read(inst, buffer, self.on_copy_done)


class WritableFutureEnd(FutureEnd):
    """A guest's handle on the writable side."""

    __slots__ = ()

    event_code = EventCode.FUTURE_WRITE

    def copy(self, inst: ComponentInstance, buffer: Any) -> None:
        """Begin to write."""
        self.shared.write(inst, buffer, self.on_copy_done)

    def drop(self) -> None:
        """Close the side, which must have written or lost its reader."""
        if self.state is not DONE:
            trap("the guest dropped the writable end of a future before writing to it")
        super().drop()
