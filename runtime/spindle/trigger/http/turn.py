"""One request on an HTTP/1 connection, and the writing of its response."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from spindle.messages import Body, Request, Response
from spindle.trigger.http.wire import LAST_CHUNK, Framing, HeadError, encode_chunk, encode_head

if TYPE_CHECKING:
    from spindle.trigger.http.h1 import Http1Connection

_WRITE_SIZE = 128 * 1024
"""Bytes gathered at most before they are handed to the transport."""


class Turn:
    """A request's turn on its connection: the `Reply` its handler gets.

    It lives until the response is written or the client is gone; `on_done` then tells the
    connection whether another turn may follow.

    The first piece of a streamed body in a round of the event loop is written at once; what comes
    after it, or with the head, is gathered until the round or the body ends, or until it is much:
    a guest that writes many pieces costs few writes.
    """

    __slots__ = (
        "_body",
        "_connection",
        "_framing",
        "_gathering",
        "_left",
        "_parts",
        "_pumping",
        "answered",
        "http10",
        "last",
        "on_gone",
        "request",
    )

    at_once = False
    """A guest may end what it does for a client that went away."""

    def __init__(
        self, connection: Http1Connection, request: Request, *, http10: bool, last: bool
    ) -> None:
        self.request = request
        self.http10 = http10
        self.last = last
        """Whether the connection ends with this turn."""
        self.answered = False
        self.on_gone: Callable[[], None] | None = None
        self._connection: Http1Connection | None = connection
        self._body: Body | None = None
        self._framing = Framing.NONE
        self._left = 0
        self._parts: list[bytes] = []
        """Pieces of the response to be written before what its body has."""
        self._gathering = False
        """Whether `_flush` is called soon."""
        self._pumping = False

    # The handler's side.

    def send(self, response: Response) -> None:
        connection = self._connection
        if connection is None or self.answered:
            response.body.cancel()
            return
        self.answered = True
        try:
            head = encode_head(
                response,
                method=self.request.method,
                http10=self.http10,
                keep_alive=not (self.last or connection.site.draining),
            )
        except HeadError as error:
            self.answered = False
            self.last = True
            response.body.cancel()
            self.fail(error)
            return
        self.last = head.close
        self._framing = head.framing
        self._left = head.length
        if head.framing is Framing.NONE:
            connection.write([head.data])
            response.body.cancel()
            self._finish()
            return
        body = response.body
        if head.framing is Framing.LENGTH and body.buffered == head.length and _is_whole(body):
            # The common case: the whole body is there, most often in one piece.
            parts = [head.data]
            while chunk := body.read_nowait():
                parts.append(chunk)
            connection.write(parts)
            self._finish()
            return
        self._body = body
        self._parts.append(head.data)
        if not body.ended:
            body.on_readable = self.pump
            self._gather()
        self.pump()

    def fail(self, error: BaseException) -> None:
        connection = self._connection
        if connection is None or self.answered:
            return
        connection.site.on_error(self.request, error)
        self.send(Response(500))

    def drop(self, reason: str) -> None:
        connection = self._connection
        if connection is None or self.answered:
            return
        self.answered = True
        connection.site.on_error(self.request, ConnectionError(reason))
        self.last = True
        self._finish()

    # The connection's side.

    def pump(self) -> None:
        """Write what the response's body has, as far as the transport takes it."""
        connection, body = self._connection, self._body
        if connection is None or body is None or self._pumping or connection.write_paused:
            return
        if self._gathering and not body.ended and body.buffered < _WRITE_SIZE:
            return
        self._write_body()
        if self._body is not None and not self._gathering:
            self._gather()

    def lose(self) -> None:
        """The client is gone."""
        self._connection = None
        body, self._body = self._body, None
        if body is not None:
            body.on_readable = None
            body.cancel()
        if self.on_gone is not None:
            self.on_gone()

    def _gather(self) -> None:
        assert self._connection is not None
        self._gathering = True
        self._connection.loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._gathering = False
        if self._parts or (self._body is not None and self._body.buffered):
            self.pump()

    def _write_body(self) -> None:
        # Reading may make the producer feed more at once, which must not be written first.
        self._pumping = True
        try:
            self._write_chunks()
        finally:
            self._pumping = False

    def _write_chunks(self) -> None:
        connection, body = self._connection, self._body
        assert connection is not None
        assert body is not None
        pieces: list[bytes] = []
        size = 0
        while not connection.write_paused:
            try:
                piece = body.read_nowait()
            except Exception as error:
                self._end(self._framed(pieces), error)
                return
            if piece is None:
                break
            if not piece:
                self._end(self._framed(pieces), None)
                return
            if self._framing is Framing.LENGTH:
                piece = piece[: self._left]
                self._left -= len(piece)
            pieces.append(piece)
            size += len(piece)
            if size >= _WRITE_SIZE:
                connection.write(self._framed(pieces))
                pieces, size = [], 0
        if parts := self._framed(pieces):
            connection.write(parts)

    def _framed(self, pieces: list[bytes]) -> list[bytes]:
        parts, self._parts = self._parts, []
        return parts + (encode_chunk(pieces) if self._framing is Framing.CHUNKED else pieces)

    def _end(self, parts: list[bytes], error: Exception | None) -> None:
        connection = self._connection
        assert connection is not None
        if self._framing is Framing.CHUNKED:
            # A body that broke off ends like a whole one: Spin's clients see no late failure.
            parts.append(LAST_CHUNK)
        elif self._left or error is not None:
            self.last = True
        if parts:
            connection.write(parts)
        self._finish()

    def _finish(self) -> None:
        connection, self._connection = self._connection, None
        if self._body is not None:
            self._body.on_readable = None
            self._body = None
        assert connection is not None
        connection.finish_turn(self)


def _is_whole(body: Body) -> bool:
    return body.ended and body.error is None
