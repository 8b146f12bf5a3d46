"""One connection to a server: exchanges one after another, both bodies streamed at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import cast

from spindle.factors.connections import Permit
from spindle.factors.http_client.requests import (
    CHUNKED,
    Head,
    chunk_frame,
    encode_trailers,
)
from spindle.factors.http_client.responses import ResponseReader, protocol_error
from spindle.factors.http_error import HttpError
from spindle.messages import Body, Request, Response


class Connection(asyncio.Protocol):
    """A connection; between exchanges it is idle and may be given another."""

    def __init__(self, permit: Permit, on_free: Callable[[Connection], None]) -> None:
        self._permit = permit
        self._on_free = on_free
        """Told when an exchange has ended well and when the connection has."""
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self.closed = False
        self.silent = False
        """Whether an exchange failed before a byte of its response."""
        self._reader: ResponseReader | None = None
        """Of the response that is awaited or arriving."""
        self._answer: asyncio.Future[Response] | None = None
        """Waits for its head."""
        self._outgoing: Body | None = None
        """What is left of the request."""
        self._left = 0
        self._writable = True
        self._reading = True
        self._reusable = False
        self._between_bytes = 0.0
        self._timer: asyncio.TimerHandle | None = None

    async def exchange(
        self, head: Head, request: Request, first_byte: float, between_bytes: float
    ) -> Response:
        """Send a request; raises `HttpError` until the response's head is there.

        After that the response's body fails with one. Times are in seconds.
        """
        self._reader = ResponseReader(to_head=request.method == "HEAD")
        answer: asyncio.Future[Response] = self._loop.create_future()
        self._answer = answer
        self._between_bytes = between_bytes
        self._timer = self._loop.call_later(first_byte, self._too_late)
        self._start_sending(head, request.body)
        try:
            return await answer
        except asyncio.CancelledError:
            self._fail(HttpError("connection-terminated"))
            raise

    def abort(self) -> None:
        """Close the connection at once."""
        self.closed = True
        self._transport.abort()

    # The request.

    def _start_sending(self, head: Head, body: Body) -> None:
        self._left = head.length
        if head.length == 0:
            self._transport.write(head.data)
            _discard(body)
        elif body.ended and body.error is None and body.buffered == head.length:
            self._transport.writelines([head.data, *_whole(body)])
        else:
            self._transport.write(head.data)
            self._outgoing = body
            body.on_readable = self._send_more
            self._send_more()

    def _send_more(self) -> None:
        body = self._outgoing
        if body is None or self.closed:
            return
        try:
            while self._writable and (chunk := body.read_nowait()) is not None:
                if not chunk:
                    self._sent(body)
                    return
                self._write(chunk)
        except HttpError as error:
            self._fail(error)
        except Exception:
            self._fail(HttpError("connection-terminated"))

    def _write(self, chunk: bytes) -> None:
        if self._left == CHUNKED:
            self._transport.writelines([chunk_frame(len(chunk)), chunk, b"\r\n"])
            return
        self._left -= len(chunk)
        if self._left < 0:
            raise HttpError("HTTP-request-body-size")
        self._transport.write(chunk)

    def _sent(self, body: Body) -> None:
        if self._left == CHUNKED:
            self._transport.write(encode_trailers(body.trailers))
        elif self._left:
            raise HttpError("HTTP-request-body-size")
        self._outgoing = None
        body.on_readable = None
        self._free_if_done()

    def pause_writing(self) -> None:
        self._writable = False

    def resume_writing(self) -> None:
        self._writable = True
        self._send_more()

    # The response.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # The transports of uvloop are such by their methods alone.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        reader = self._reader
        if reader is None:
            self.abort()  # nobody asked
            return
        try:
            reader.feed(data)
        except HttpError as error:
            self._fail(error)
            return
        if self._answer is not None and reader.response is not None:
            self._deliver(reader.response)
        if reader.complete:
            self._received(reader)
        elif reader.response is not None:
            self._await_more(reader.response.body)

    def _deliver(self, response: Response) -> None:
        answer, self._answer = self._answer, None
        self._stop_timer()
        if not response.body.ended:
            response.body.on_cancelled = self.abort
            response.body.on_drained = self._resume_reading
        if answer is not None and not answer.done():
            answer.set_result(response)

    def _await_more(self, body: Body) -> None:
        self._stop_timer()
        if body.cancelled:
            self.abort()
        elif body.wants_more:
            self._timer = self._loop.call_later(self._between_bytes, self._too_late)
        else:
            self._reading = False
            self._transport.pause_reading()

    def _resume_reading(self) -> None:
        if not self._reading and not self.closed:
            self._reading = True
            self._timer = self._loop.call_later(self._between_bytes, self._too_late)
            self._transport.resume_reading()

    def _received(self, reader: ResponseReader) -> None:
        self._stop_timer()
        self._reader = None
        self._reusable = reader.keep_alive
        self._free_if_done()

    def _free_if_done(self) -> None:
        """Be idle, or end, once both directions are done."""
        if self._reader is not None or self._outgoing is not None or self.closed:
            return
        if self._reusable:
            self._on_free(self)
        else:
            self.abort()

    # The end.

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        reader = self._reader
        if reader is not None:
            try:
                reader.end()
            except HttpError as error:
                self._fail(error if exc is None else protocol_error(_why(exc)))
        self._stop_timer()
        self._reader = None
        self._give_up_request()
        self._permit.release()
        self._on_free(self)

    def _too_late(self) -> None:
        self._fail(HttpError("connection-read-timeout", reason="the server took too long"))

    def _fail(self, error: HttpError) -> None:
        """End the exchange, and with it the connection."""
        answer, self._answer = self._answer, None
        reader, self._reader = self._reader, None
        self._stop_timer()
        if answer is not None and not answer.done():
            self.silent = reader is not None and not reader.began
            answer.set_exception(error)
        if reader is not None:
            reader.fail(error)
        self._give_up_request()
        self.abort()

    def _give_up_request(self) -> None:
        outgoing, self._outgoing = self._outgoing, None
        if outgoing is not None:
            outgoing.on_readable = None
            outgoing.cancel()

    def _stop_timer(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()


def _why(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return f"the connection broke: {text.lower()}"


def _whole(body: Body) -> Iterator[bytes]:
    """The chunks of a body that is all there."""
    while chunk := body.read_nowait():
        yield chunk


def _discard(body: Body) -> None:
    """Read a body that is not sent, so that whoever writes it comes to its end."""

    def drop() -> None:
        try:
            while body.read_nowait():
                pass
        except Exception:  # how it ends is nobody's concern
            body.on_readable = None

    if not body.at_end:
        body.on_readable = drop
        drop()
