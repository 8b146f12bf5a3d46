"""HTTP/1 responses out of a connection's bytes: no sockets, no event loop."""

from __future__ import annotations

import httptools

from spindle.factors.http_error import HttpError
from spindle.messages import Body, Headers, Response, first

MAX_HEAD_BYTES = 128 * 1024
_SWITCHING_PROTOCOLS = 101


def protocol_error(reason: str) -> HttpError:
    """What Spin says of a server that doesn't speak HTTP, or not to its end."""
    return HttpError("HTTP-protocol-error", reason=reason)


class ResponseReader:
    """Reads one response, skipping those that only inform."""

    __slots__ = (
        "_body", "_fields", "_head_bytes", "_headers", "_informational", "_parser", "_pieces",
        "_status", "complete", "keep_alive", "response", "to_head",
    )  # fmt: skip

    def __init__(self, *, to_head: bool) -> None:
        self.to_head = to_head
        """Whether it answers a HEAD request, and so has no body whatever it says."""
        self.response: Response | None = None
        """The response, as soon as its head is there."""
        self.complete = False
        self.keep_alive = False
        """Once complete: whether the connection can carry another exchange."""
        self._parser = httptools.HttpResponseParser(self)
        self._head_bytes = 0
        self._status = 0
        self._informational = False
        self._fields: Headers = []
        self._headers: Headers = []
        self._pieces: list[bytes] = []
        self._body: Body | None = None

    @property
    def began(self) -> bool:
        """Whether a byte of it has arrived."""
        return self._head_bytes > 0

    def feed(self, data: bytes) -> None:
        """Take bytes; raises `HttpError`."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.complete = True  # nothing here speaks another protocol
            self.keep_alive = False
        except httptools.HttpParserError as error:
            raise protocol_error(f"the server's response is malformed: {error}") from None
        if self.response is None:
            self._head_bytes += len(data)
            if self._status:
                self._deliver()
            elif self._head_bytes > MAX_HEAD_BYTES:
                raise protocol_error("the head of the server's response is too large")

    def end(self) -> None:
        """No more bytes will come; raises `HttpError` if some should have."""
        if self.complete:
            return
        if self._body is None or self._has_known_end():
            when = "within its response" if self.began else "without a response"
            raise protocol_error(f"the server closed the connection {when}")
        self.complete = True
        self._body.finish()

    def fail(self, error: BaseException) -> None:
        """Cut the body short."""
        if self._body is not None:
            self._body.fail(error)

    def _has_known_end(self) -> bool:
        return any(n in (b"content-length", b"transfer-encoding") for n, _ in self._headers)

    def _deliver(self) -> None:
        if self.complete:
            body = Body.of(b"".join(self._pieces), self._fields or None)
        else:
            length = first(self._headers, b"content-length")
            body = Body(int(length) if length is not None else None)
            for piece in self._pieces:
                body.feed(piece)
        self._pieces = []
        self._body = body
        self.response = Response(self._status, self._headers, body)

    # The parser's callbacks.

    def on_message_begin(self) -> None:
        if self.complete:
            self.keep_alive = False  # what nobody asked for

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.complete:
            self._fields.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        fields, self._fields = self._fields, []
        self._informational = status < 200 and status != _SWITCHING_PROTOCOLS
        if self._informational or self.complete:
            return
        self._status, self._headers = status, fields
        self.keep_alive = self._parser.should_keep_alive()
        self.complete = self.to_head

    def on_body(self, data: bytes) -> None:
        if self.complete:
            self.keep_alive = False
        elif self._body is None:
            self._pieces.append(data)
        else:
            self._body.feed(data)

    def on_message_complete(self) -> None:
        if self._informational or self.complete:
            return
        self.complete = True
        if self._body is not None:
            self._body.finish(self._fields or None)
