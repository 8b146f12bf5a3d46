"""Streams: elements copied from a writer's buffer into a reader's, no buffer in between.

A stream's value is its readable side, `ReadableStream`. Guests get a `SharedStream`; the host makes
its own by deriving from `ReadableStream` (`BytesSource`) and reads a guest's through `Pump`.

Spec: CanonicalABI.md#stream-state.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, IntEnum, auto
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeAlias

from spindle.component.trap import trap, trap_if
from spindle.component.waitable import EventCode, EventTuple, Waitable
from spindle.wasm.types import PrimValType, ValType

if TYPE_CHECKING:
    from spindle.component.instance import ComponentInstance


class CopyResult(IntEnum):
    """How a copy ended."""

    COMPLETED = 0
    DROPPED = 1
    CANCELLED = 2


COMPLETED, DROPPED, CANCELLED = CopyResult
"""The members by themselves: looked up on their class they cost ten times as much."""

ReclaimBuffer: TypeAlias = Callable[[], None]
OnCopy: TypeAlias = Callable[[ReclaimBuffer], None]
"""Some elements were copied; the buffer stays lent until it is reclaimed."""
OnCopyDone: TypeAlias = Callable[[CopyResult], None]


class Buffer(Protocol):
    """What both kinds of buffer have."""

    def remain(self) -> int:
        """Elements still to be copied."""
        ...

    def is_zero_length(self) -> bool:
        """Whether it never had room."""
        ...


class ReadableBuffer(Buffer, Protocol):
    """A buffer elements are taken from."""

    def read(self, n: int) -> Any:
        """Take the next `n` elements."""
        ...


class WritableBuffer(Buffer, Protocol):
    """A buffer elements are put into."""

    def write(self, values: Any) -> None:
        """Put elements into it."""
        ...


class ReadableStream:
    """The readable side of a stream of elements of type `t` (None: units)."""

    __slots__ = ()

    t: ValType | None
    untyped = False
    """Whether `t` is still to be set, by the first lowering."""

    def read(
        self,
        inst: ComponentInstance | None,
        dst: WritableBuffer,
        on_copy: OnCopy,
        on_copy_done: OnCopyDone,
    ) -> None:
        """Begin to fill `dst`; one read at a time."""
        raise NotImplementedError

    def cancel(self) -> None:
        """Give up the read that is going on; its `on_copy_done` is called."""
        raise NotImplementedError

    def drop(self) -> None:
        """Say that nobody reads any more."""
        raise NotImplementedError


_NUMBERS = frozenset(PrimValType) - {
    PrimValType.BOOL,
    PrimValType.CHAR,
    PrimValType.STRING,
    PrimValType.ERROR_CONTEXT,
}


def none_or_number_type(t: ValType | None) -> bool:
    """Whether an instance may copy such elements to itself."""
    return t is None or t in _NUMBERS


class SharedStream(ReadableStream):
    """A stream a guest writes: whoever comes first leaves a buffer for the other."""

    __slots__ = (
        "dropped", "pending_buffer", "pending_inst", "pending_on_copy", "pending_on_copy_done", "t",
    )  # fmt: skip

    def __init__(self, t: ValType | None) -> None:
        self.t = t
        self.dropped = False
        self.pending_inst: ComponentInstance | None = None
        self.pending_buffer: Any = None
        self.pending_on_copy: OnCopy | None = None
        self.pending_on_copy_done: OnCopyDone | None = None

    def reset_pending(self) -> None:
        """Forget the buffer that waits."""
        self.pending_inst = self.pending_buffer = None
        self.pending_on_copy = self.pending_on_copy_done = None

    def _set_pending(
        self,
        inst: ComponentInstance | None,
        buffer: Any,
        on_copy: OnCopy | None,
        on_copy_done: OnCopyDone | None,
    ) -> None:
        self.pending_inst = inst
        self.pending_buffer = buffer
        self.pending_on_copy = on_copy
        self.pending_on_copy_done = on_copy_done

    def _reset_and_notify_pending(self, result: CopyResult) -> None:
        notify = self.pending_on_copy_done
        assert notify is not None
        self.reset_pending()
        notify(result)

    def cancel(self) -> None:
        """Give up the copy that waits."""
        self._reset_and_notify_pending(CANCELLED)

    def drop(self) -> None:
        """Say that one side is gone."""
        if not self.dropped:
            self.dropped = True
            if self.pending_buffer is not None:
                self._reset_and_notify_pending(DROPPED)

    def read(
        self,
        inst: ComponentInstance | None,
        dst: WritableBuffer,
        on_copy: OnCopy,
        on_copy_done: OnCopyDone,
    ) -> None:
        """Begin to fill `dst`."""
        src = self.pending_buffer
        if self.dropped:
            on_copy_done(DROPPED)
        elif src is None:
            self._set_pending(inst, dst, on_copy, on_copy_done)
        else:
            if inst is self.pending_inst:
                self._check_instance(inst)
            there = src.remain()
            if there > 0:
                room = dst.remain()
                if room > 0:
                    dst.write(src.read(room if room < there else there))
                    assert self.pending_on_copy is not None
                    self.pending_on_copy(self.reset_pending)
                on_copy_done(COMPLETED)
            else:
                self._reset_and_notify_pending(COMPLETED)
                self._set_pending(inst, dst, on_copy, on_copy_done)

    def write(
        self,
        inst: ComponentInstance | None,
        src: ReadableBuffer,
        on_copy: OnCopy,
        on_copy_done: OnCopyDone,
    ) -> None:
        """Begin to empty `src`."""
        dst = self.pending_buffer
        if self.dropped:
            on_copy_done(DROPPED)
        elif dst is None:
            self._set_pending(inst, src, on_copy, on_copy_done)
        else:
            if inst is self.pending_inst:
                self._check_instance(inst)
            room = dst.remain()
            if room > 0:
                there = src.remain()
                if there > 0:
                    dst.write(src.read(room if room < there else there))
                    assert self.pending_on_copy is not None
                    self.pending_on_copy(self.reset_pending)
                on_copy_done(COMPLETED)
            elif src.is_zero_length() and dst.is_zero_length():
                on_copy_done(COMPLETED)
            else:
                self._reset_and_notify_pending(COMPLETED)
                self._set_pending(inst, src, on_copy, on_copy_done)

    def _check_instance(self, inst: ComponentInstance | None) -> None:
        """Both sides are of one instance, or of the host."""
        trap_if(
            inst is not None and not none_or_number_type(self.t),
            "the guest copies elements that are not numbers within one instance",
        )


class CopyState(Enum):
    """What one end of a stream or future is doing."""

    IDLE = auto()
    COPYING = auto()
    CANCELLING_COPY = auto()
    DONE = auto()


IDLE, COPYING, CANCELLING_COPY, DONE = CopyState
"""The members by themselves: looked up on their class they cost ten times as much."""


class CopyEnd(Waitable):
    """A guest's handle on one side of a stream or future, and the copy it is doing."""

    __slots__ = ("buffer", "index", "reclaim", "result", "shared", "state")

    event_code: ClassVar[EventCode]

    def __init__(self, shared: Any) -> None:
        self.pending_event = None
        self.wset = None
        self.has_sync_waiter = False
        self.state = IDLE
        self.shared = shared
        self.index = 0
        self.buffer: Any = None
        self.result = COMPLETED
        self.reclaim: ReclaimBuffer | None = None

    def begin(self, inst: ComponentInstance, index: int, buffer: Any) -> None:
        """Begin to copy; what comes of it is the pending event."""
        self.state = COPYING
        self.index = index
        self.buffer = buffer
        self.copy(inst, buffer)

    def copy(self, inst: ComponentInstance, buffer: Any) -> None:
        """Begin to read or write."""
        raise NotImplementedError

    def event(self) -> EventTuple:
        """End the copy, or as much of it as there was, and say how."""
        raise NotImplementedError

    def on_copy(self, reclaim: ReclaimBuffer) -> None:
        """Some elements were copied."""
        self.result, self.reclaim = COMPLETED, reclaim
        self.set_pending_event(self.event)

    def on_copy_done(self, result: CopyResult) -> None:
        """The copy is over."""
        self.result, self.reclaim = result, None
        self.set_pending_event(self.event)

    def copying(self) -> bool:
        """Whether a copy is going on."""
        return self.state is COPYING or self.state is CANCELLING_COPY

    def drop(self) -> None:
        """Close this side."""
        if self.copying():
            trap("the guest dropped the end of a stream or future that is copying")
        self.shared.drop()
        if self.wset is not None:
            self.join(None)


class StreamEnd(CopyEnd):
    """A guest's handle on one side of a stream."""

    __slots__ = ()

    def event(self) -> EventTuple:
        """How the copy ended, and how many elements it copied."""
        result, reclaim, self.reclaim = self.result, self.reclaim, None
        if reclaim is not None:
            reclaim()
        if self.state is CANCELLING_COPY and result is COMPLETED:
            result = CANCELLED  # of what was left to copy
        self.state = DONE if result is DROPPED else IDLE
        buffer, self.buffer = self.buffer, None
        return (self.event_code, self.index, result | (buffer.progress << 4))


class ReadableStreamEnd(StreamEnd):
    """A guest's handle on the readable side."""

    __slots__ = ()

    event_code = EventCode.STREAM_READ

    def copy(self, inst: ComponentInstance, buffer: Any) -> None:
        """Begin to read."""
        self.shared.read(inst, buffer, self.on_copy, self.on_copy_done)


class WritableStreamEnd(StreamEnd):
    """A guest's handle on the writable side."""

    __slots__ = ()

    event_code = EventCode.STREAM_WRITE

    def copy(self, inst: ComponentInstance, buffer: Any) -> None:
        """Begin to write."""
        self.shared.write(inst, buffer, self.on_copy, self.on_copy_done)
