"""The host's ends of streams and futures.

What the host gives to guests: `BytesSource`, `ItemsSource`, `HostFuture`. How it takes what guests
give: `Pump` for streams, `on_future` for futures. All are driven by callbacks, so that bytes move
without a task or a future of asyncio's; all may be used from outside a guest at any time.

A host's stream or future takes its element type from where it is first lowered.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from spindle.component.buffer import HostReadBuffer
from spindle.component.future import ReadableFuture
from spindle.component.stream import (
    CANCELLED,
    COMPLETED,
    DROPPED,
    CopyResult,
    OnCopy,
    OnCopyDone,
    ReadableStream,
    ReclaimBuffer,
    WritableBuffer,
)

if TYPE_CHECKING:
    from spindle.component.instance import ComponentInstance
    from spindle.component.store import Store

PUMP_SIZE = 1 << 20
"""Elements a pump takes at a time."""


class HostReadable(ReadableStream):
    """A stream the host feeds; derived classes give what is there with `take`."""

    __slots__ = ("_ahead", "_pending", "dropped", "t", "untyped")

    def __init__(self) -> None:
        self.t = None
        self.untyped = True
        self.dropped = False
        self._pending: tuple[ComponentInstance | None, WritableBuffer, OnCopyDone] | None = None
        self._ahead: Any = None

    def take(self, limit: int) -> Any:
        """Up to `limit` elements; None when there are none yet, an empty sequence at the end.

        Bytes may be a view.
        """
        raise NotImplementedError

    def has_more(self) -> bool:
        """Whether `take` would give elements right now, to fill what room a read has left."""
        return False

    def closed(self) -> None:
        """Nobody reads any more."""

    def read(
        self,
        inst: ComponentInstance | None,
        dst: WritableBuffer,
        on_copy: OnCopy,
        on_copy_done: OnCopyDone,
    ) -> None:
        """Fill `dst` with what is there, or as soon as something is."""
        del on_copy
        if not self._try(dst, on_copy_done):
            self._pending = (inst, dst, on_copy_done)

    def _try(self, dst: WritableBuffer, on_copy_done: OnCopyDone) -> bool:
        room = dst.remain()
        items, self._ahead = self._ahead, None
        if items is None:
            items = self.take(room or 1) if not self.dropped else ()
        if items is None:
            return False
        if not items:
            on_copy_done(DROPPED)
            return True
        if len(items) > room:
            self._ahead = items[room:]
            items = items[:room]
        if room:
            dst.write(items)
            room -= len(items)
            while room and self.has_more():
                items = self.take(room)
                dst.write(items)
                room -= len(items)
        on_copy_done(COMPLETED)
        return True

    def notify(self) -> None:
        """Say that `take` may have something now."""
        if self._pending is None:
            return
        inst, dst, on_copy_done = self._pending
        if inst is None:
            self._deliver(dst, on_copy_done)
        elif not inst.store.closed and inst.store.failure is None:
            inst.store.post(lambda: self._deliver(dst, on_copy_done))

    def _deliver(self, dst: WritableBuffer, on_copy_done: OnCopyDone) -> None:
        pending = self._pending
        if pending is None or pending[1] is not dst:
            return
        self._pending = None
        if not self._try(dst, on_copy_done):
            self._pending = pending

    def cancel(self) -> None:
        """Give up the read that waits."""
        pending, self._pending = self._pending, None
        assert pending is not None
        pending[2](CANCELLED)

    def drop(self) -> None:
        """Nobody reads any more."""
        if not self.dropped:
            self.dropped = True
            self.closed()


class BytesSource(HostReadable):
    """Bytes the host produces, as a `stream<u8>`.

    `read_nowait(limit)` gives bytes, None when there are none yet, `b""` at the end (an exception
    is an end too); `subscribe(callback)` asks to be told when to try again; `cancel()` is called
    when the guest drops the stream.
    """

    def __init__(
        self,
        read_nowait: Callable[[int], bytes | None],
        subscribe: Callable[[Callable[[], None]], None],
        cancel: Callable[[], None] | None = None,
    ) -> None:
        super().__init__()
        self._read_nowait = read_nowait
        self._cancel = cancel
        subscribe(self.notify)

    def take(self, limit: int) -> bytes | None:
        """The next bytes."""
        try:
            return self._read_nowait(limit)
        except Exception:  # why it ended is told by the future beside the stream
            return b""

    def closed(self) -> None:
        """Stop the producer."""
        if self._cancel is not None:
            self._cancel()


class ItemsSource(HostReadable):
    """Elements the host has, or adds with `put` until `end`."""

    def __init__(self, items: Iterable[Any] = (), *, ended: bool = True) -> None:
        super().__init__()
        self._items = deque(items)
        self._ended = ended

    def put(self, item: Any) -> None:
        """Add an element."""
        self._items.append(item)
        self.notify()

    def end(self) -> None:
        """Say that no more will come."""
        self._ended = True
        self.notify()

    def take(self, limit: int) -> list[Any] | None:
        """The next elements."""
        if not self._items:
            return [] if self._ended else None
        return [self._items.popleft() for _ in range(min(limit, len(self._items)))]


class HostFuture(ReadableFuture):
    """A future the host resolves."""

    __slots__ = ("_pending", "_value", "dropped", "t", "untyped")

    def __init__(self) -> None:
        self.t = None
        self.untyped = True
        self.dropped = False
        self._value: tuple[Any] | None = None
        self._pending: tuple[ComponentInstance | None, WritableBuffer, OnCopyDone] | None = None

    @classmethod
    def of(cls, value: Any) -> HostFuture:
        """A future that is resolved already."""
        future = cls()
        future._value = (value,)
        return future

    @property
    def known(self) -> tuple[Any] | None:
        """The value, once there is one."""
        return self._value

    def resolve(self, value: Any) -> None:
        """Deliver the value; only the first call counts."""
        if self._value is not None:
            return
        self._value = (value,)
        if self._pending is None:
            return
        inst = self._pending[0]
        if inst is None:
            self._deliver()
        elif not inst.store.closed and inst.store.failure is None:
            inst.store.post(self._deliver)

    def _deliver(self) -> None:
        pending, self._pending = self._pending, None
        if pending is not None:
            _inst, dst, on_copy_done = pending
            dst.write(self._value)
            on_copy_done(COMPLETED)

    def read(
        self, inst: ComponentInstance | None, dst: WritableBuffer, on_copy_done: OnCopyDone
    ) -> None:
        """Read the value, now or when there is one."""
        self._pending = (inst, dst, on_copy_done)
        if self._value is not None:
            self._deliver()

    def cancel(self) -> None:
        """Give up the read that waits."""
        pending, self._pending = self._pending, None
        assert pending is not None
        pending[2](CANCELLED)

    def drop(self) -> None:
        """Nobody reads any more."""
        self.dropped = True


class Pump:
    """Takes everything a stream gives, as long as the consumer wants more.

    `on_chunk` gets sequences (bytes for `stream<u8>`), `on_end` is called once at the end.
    `wants_more` says whether to go on; when it has said no, `resume` goes on.
    """

    __slots__ = (
        "_buffer", "_on_chunk", "_on_end", "_pulling", "_readable", "_reading", "_store",
        "_wants_more", "ended",
    )  # fmt: skip

    def __init__(
        self,
        store: Store,
        readable: ReadableStream,
        on_chunk: Callable[[Any], None],
        on_end: Callable[[], None],
        wants_more: Callable[[], bool] | None = None,
    ) -> None:
        self._store = store
        self._readable = readable
        self._on_chunk = on_chunk
        self._on_end = on_end
        self._wants_more = wants_more
        self._buffer = HostReadBuffer(PUMP_SIZE)
        self._reading = False
        self._pulling = False
        self.ended = False
        self.resume()

    def resume(self) -> None:
        """Take more, if the consumer wants more."""
        if self._pulling:
            return
        self._pulling = True
        while not (self._reading or self.ended) and (
            self._wants_more is None or self._wants_more()
        ):
            self._reading = True
            self._readable.read(None, self._buffer, self._on_copy, self._on_copy_done)
        self._pulling = False

    def _on_copy(self, reclaim: ReclaimBuffer) -> None:
        reclaim()
        self._reading = False
        self._take()
        self.resume()

    def _take(self) -> None:
        for chunk in self._buffer.take():
            self._on_chunk(chunk)

    def _on_copy_done(self, result: CopyResult) -> None:
        self._reading = False
        if self._buffer.progress:
            self._take()
            self._store.wake()
        if result is COMPLETED:
            self.resume()
        elif not self.ended:
            self.ended = True
            self._on_end()

    def stop(self) -> None:
        """Take nothing more: the guest sees its reader gone."""
        if self.ended:
            return
        self.ended = True
        if self._reading:
            self._readable.cancel()
        self._readable.drop()
        self._store.wake()


def on_future(store: Store, readable: ReadableFuture, callback: Callable[[Any], None]) -> None:
    """Call back with a future's value once there is one; not at all if there never is."""
    buffer = HostReadBuffer(1)

    def on_copy_done(result: CopyResult) -> None:
        if result is COMPLETED:
            callback(buffer.take()[0][0])
        store.wake()

    readable.read(None, buffer, on_copy_done)
