"""Bodies of WASI 0.3 messages: a message's `Body` on one side, streams and futures on the other.

A message a guest makes has `GuestContents`; one from outside has `HostContents`. Either can be
consumed by a guest or sent by the host. A guest's task ends only when its trailers and the results
it was given are read or dropped, so every future here is read or dropped in every path.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spindle.component.ends import HostFuture, HostReadable, ItemsSource, Pump, on_future
from spindle.component.values import Err, Ok
from spindle.factors.http_error import GuestEnded, HttpError, code_of
from spindle.factors.wasi.http.fields import Fields
from spindle.messages import Body

if TYPE_CHECKING:
    from spindle.component.store import Store

_DONE = Ok(None)


class BodyStream(HostReadable):
    """A message's body as the stream a guest reads; `body` lets a proxy pass it on whole."""

    __slots__ = ("_trailers", "body")

    def __init__(self, body: Body, trailers: HostFuture) -> None:
        super().__init__()
        self.body = body
        self._trailers = trailers
        if not body.at_end:
            body.on_readable = self.notify

    def take(self, limit: int) -> bytes | memoryview | None:
        """The next bytes; what ended them badly is told by the trailers."""
        try:
            data = self.body.view_nowait(limit)
        except Exception as error:
            self._end(Err(code_of(error)))
            return b""
        if data is not None and not data:
            trailers = self.body.trailers
            self._end(Ok(Fields.received(trailers) if trailers else None))
        return data

    def has_more(self) -> bool:
        """Whether bytes are buffered."""
        return self.body.buffered > 0

    def closed(self) -> None:
        """The guest dropped the stream."""
        if not self.body.at_end:
            self.body.cancel()
        self._end(_DONE)

    def _end(self, result: Any) -> None:
        self.body.on_readable = None
        self._trailers.resolve(result)

    @property
    def is_whole(self) -> bool:
        """Whether no byte was taken out of the body for a guest that did not get it."""
        return self._ahead is None

    def detach(self) -> Body:
        """The body, for the host to send; the guest reads no more of it."""
        self.dropped = True
        self._end(_DONE)
        return self.body


class HostContents:
    """The body of a message from outside."""

    __slots__ = ("_body",)

    def __init__(self, body: Body) -> None:
        self._body = body

    def consume(self, store: Store, result: Any) -> tuple[Any, Any]:
        """The stream and the trailers for a guest; `result` says how it got on with them."""
        on_future(store, result, lambda _value: None)
        trailers = HostFuture()
        return BodyStream(self._body, trailers), trailers

    def send(self, _store: Store, _length: int | None, _size_case: str) -> Body:
        """The body itself."""
        return self._body

    def drop(self) -> None:
        """Nobody reads it."""
        self._body.cancel()


class GuestContents:
    """The body of a message a guest makes."""

    __slots__ = ("_stream", "_trailers", "transmission")

    def __init__(self, stream: Any, trailers: Any) -> None:
        self._stream = stream
        self._trailers = trailers
        self.transmission = HostFuture()
        """Tells the guest how sending went."""

    def consume(self, store: Store, result: Any) -> tuple[Any, Any]:
        """The guest's own stream and trailers, for it or another guest to read."""
        on_future(store, result, self.transmission.resolve)
        stream = ItemsSource() if self._stream is None else self._stream
        return stream, self._trailers

    def send(self, store: Store, length: int | None, size_case: str) -> Body:
        """A body filled with what the guest writes; it must be as long as was promised."""
        stream = self._stream
        if isinstance(stream, BodyStream) and stream.is_whole and length is None:
            self._trailers.drop()
            self.transmission.resolve(_DONE)
            return stream.detach()
        sending = _Sending(store, Body(length), size_case, self.transmission)
        sending.start(stream, self._trailers)
        return sending.body

    def drop(self) -> None:
        """Nobody sends it."""
        if self._stream is not None:
            self._stream.drop()
        self._trailers.drop()
        self.transmission.resolve(_DONE)


class _Sending:
    """Moves a guest's stream and trailers into a body."""

    def __init__(self, store: Store, body: Body, size_case: str, transmission: HostFuture) -> None:
        self._store = store
        self.body = body
        self._size_case = size_case
        self._transmission = transmission
        self._written = 0
        self._pump: Pump | None = None
        self._got_trailers = False
        self._trailer_result: Any = _DONE
        self._stream_ended = False

    def start(self, stream: Any, trailers: Any) -> None:
        body = self.body
        self._store.at_end.add(self._on_store_end)
        on_future(self._store, trailers, self._on_trailers)
        if stream is None:
            if body.size is None:
                body.size = 0
            self._on_end()
            return
        pump = Pump(self._store, stream, self._on_chunk, self._on_end, lambda: body.wants_more)
        if pump.ended:
            return
        self._pump = pump
        body.on_drained = pump.resume
        body.on_cancelled = self._on_cancelled
        if body.cancelled or body.ended:
            pump.stop()

    def _on_chunk(self, chunk: bytes) -> None:
        self._written += len(chunk)
        size = self.body.size
        if size is not None and self._written > size:
            self._fail(HttpError(self._size_case, self._written))
            return
        self.body.feed(chunk)

    def _on_end(self) -> None:
        self._stream_ended = True
        self._pump = None
        self._finish_if_complete()

    def _on_trailers(self, result: Any) -> None:
        self._got_trailers = True
        self._trailer_result = result
        self._finish_if_complete()

    def _finish_if_complete(self) -> None:
        if not (self._stream_ended and self._got_trailers) or self.body.ended:
            return
        size = self.body.size
        result = self._trailer_result
        if size is not None and self._written != size:
            self._fail(HttpError(self._size_case, self._written))
        elif isinstance(result, Err):
            self._fail(HttpError(*result.value))
        else:
            self._store.at_end.discard(self._on_store_end)
            self.body.finish(result.value.headers() if result.value is not None else None)
            self._transmission.resolve(_DONE)

    def _on_cancelled(self) -> None:
        self._stop()
        self._transmission.resolve(Err(("connection-terminated", None)))

    def _on_store_end(self) -> None:
        self._stop()
        self.body.fail(GuestEnded())

    def _fail(self, error: HttpError) -> None:
        self.body.fail(error)
        self._transmission.resolve(Err(error.code))
        self._stop()

    def _stop(self) -> None:
        self._store.at_end.discard(self._on_store_end)
        if self._pump is not None:
            self._pump.stop()


Contents = HostContents | GuestContents
