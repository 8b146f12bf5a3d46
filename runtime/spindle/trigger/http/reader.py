"""Bytes of an HTTP/1 connection to requests: no sockets, no answers.

Bytes between messages are held until a head is whole, so that its limits are checked before it is
parsed and odd request lines can be rewritten. A body whose length is known goes past the parser,
uncopied; a chunked one, with its trailers, goes through it. Both end up in the request's `Body`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import httptools

from spindle.messages import Body, BodyError, Headers, first
from spindle.trigger.http.site import Limits
from spindle.trigger.http.target import MAX_TARGET, Target, parse_target

_REQUEST_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([^ \r\n]+) HTTP/1\.([01])\r\n")


class Rejection(Exception):
    """What a client sent is not a request we take; the connection ends with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class ParsedRequest(NamedTuple):
    """A request as it came; its body may still be arriving."""

    method: str
    target: Target
    headers: Headers
    body: Body
    http10: bool
    keep_alive: bool


class RequestReader:
    """Cuts the bytes of one connection into requests, in order."""

    __slots__ = (
        "_body",
        "_complete",
        "_fields",
        "_held",
        "_http10",
        "_keep_alive",
        "_left",
        "_limits",
        "_method",
        "_mid_message",
        "_on_request",
        "_parser",
        "_pieces",
        "_quiet_bytes",
        "_request_fields",
        "_searched",
        "_undelivered",
        "_url",
        "blocked",
    )

    def __init__(self, limits: Limits, on_request: Callable[[ParsedRequest], None]) -> None:
        self._limits = limits
        self._on_request = on_request
        self.blocked = False
        """While true, no new head is read: its bytes are held."""
        self._held = bytearray()
        self._searched = 0  # held bytes known to end no head
        self._body: Body | None = None
        self._reset()

    def _reset(self) -> None:
        self._parser = httptools.HttpRequestParser(self)
        self._method: str | None = None
        self._url = b""
        self._fields: Headers = []
        self._request_fields: Headers = []
        self._pieces: list[bytes] = []
        self._http10 = False
        self._keep_alive = True
        self._mid_message = False
        self._complete = False
        self._undelivered = False
        self._left = 0  # of a body with a `content-length`; 0 for chunks, whose end is not known
        self._quiet_bytes = 0

    @property
    def in_head(self) -> bool:
        """Whether a head has begun and its end is awaited."""
        return not self.blocked and bool(self._held)

    @property
    def in_body(self) -> bool:
        """Whether a request was delivered whose body is not complete."""
        return self._body is not None and not self._body.ended

    def feed(self, data: bytes) -> None:
        """Take bytes, deliver the requests they complete; raises `Rejection`."""
        if self._held:
            if (whole := self._unhold(data)) is None:
                return
            data = whole
        while data:
            if self._left:
                data = self._take_body(data)
            elif self._mid_message:
                data = self._feed_parser(data)
            elif self.blocked:
                self._held += data
                break
            else:
                data = self._feed_head(data)
                if self._mid_message:
                    self._left = self._content_length()
                    if data:
                        continue  # The body, or its first part, came along: deliver both at once.
            if self._undelivered:
                self._deliver()

    def fail_body(self, why: str) -> None:
        """Say that no more bytes will come."""
        if self._body is not None and not self._body.ended:
            self._body.fail(BodyError(why))

    def _unhold(self, data: bytes) -> bytes | None:
        self._held += data
        if self.blocked:
            return None
        if self._held.find(b"\r\n\r\n", self._searched) < 0:
            self._hold_head()
            return None
        data = bytes(self._held)
        self._held.clear()
        self._searched = 0
        return data

    def _hold_head(self) -> None:
        self._searched = max(0, len(self._held) - 3)
        if len(self._held) > self._limits.head_bytes:
            raise Rejection(431)

    def _feed_head(self, data: bytes) -> bytes:
        end = data.find(b"\r\n\r\n") + 4
        if end < 4:
            self._held += data
            self._hold_head()
            return b""
        if end > self._limits.head_bytes:
            raise Rejection(431)
        head, rest = (data, b"") if end == len(data) else (data[:end], data[end:])
        if head.startswith(b"CONNECT "):
            return self._feed_odd_head(head) + rest
        try:
            self._parser.feed_data(head)
        except (httptools.HttpParserInvalidMethodError, httptools.HttpParserInvalidURLError):
            return self._feed_odd_head(head) + rest
        except httptools.HttpParserUpgrade:
            self._decline_upgrade()
        except httptools.HttpParserError as error:
            raise _cause(error) from None
        return rest

    def _feed_odd_head(self, head: bytes) -> bytes:
        """Parse a head whose method or target the parser does not know, behind a plain line."""
        head = head.lstrip(b"\r\n")
        line = _REQUEST_LINE.match(head)
        if line is None:
            raise Rejection(400)
        self._reset()
        self._method, self._url = line[1].decode(), line[2]
        return self._feed_parser(b"POST / HTTP/1.%b\r\n" % line[3] + head[line.end() :])

    def _take_body(self, data: bytes) -> bytes:
        """Take bytes of a body with a `content-length`; what is behind them is returned."""
        rest = b""
        if len(data) > self._left:
            data, rest = data[: self._left], data[self._left :]
        self._left -= len(data)
        self.on_body(data)
        if not self._left:
            self._parser = httptools.HttpRequestParser(self)  # the old one waits for the body
            self.on_message_complete()
        return rest

    def _feed_parser(self, data: bytes) -> bytes:
        self._quiet_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._decline_upgrade()
            return data[upgrade.args[0] :]
        except httptools.HttpParserError as error:
            raise _cause(error) from None
        # The parser buffers trailers, chunk extensions, and a head right behind a chunked body.
        if self._quiet_bytes > self._limits.head_bytes:
            raise Rejection(431)
        return b""

    def _content_length(self) -> int:
        length = first(self._request_fields, b"content-length")
        return int(length) if length is not None else 0

    def _decline_upgrade(self) -> None:
        """Go on with HTTP/1.1 behind a complete request that asked for another protocol."""
        self._deliver()
        self._reset()

    def _deliver(self) -> None:
        self._undelivered = False
        if self._complete:
            body = Body.of(b"".join(self._pieces), self._fields or None)
        else:
            body = Body()
            for piece in self._pieces:
                body.feed(piece)
        self._body = body
        method, self._method = self._method, None
        assert method is not None
        if len(self._url) > MAX_TARGET:
            raise Rejection(414)
        if (target := parse_target(self._url)) is None:
            raise Rejection(400)
        self._on_request(
            ParsedRequest(
                method, target, self._request_fields, body, self._http10, self._keep_alive
            )
        )

    # The parser's callbacks.

    def on_message_begin(self) -> None:
        if self._undelivered:
            self._deliver()
        self._mid_message = True
        self._complete = False
        self._fields = []
        self._pieces = []
        if self._method is None:
            self._url = b""

    def on_url(self, url: bytes) -> None:
        if self._method is None:
            self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._fields.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        if len(self._fields) > self._limits.header_fields:
            raise Rejection(431)
        if self._method is None:
            self._method = self._parser.get_method().decode()
        version = self._parser.get_http_version()
        if version != "1.1" and version != "1.0":
            raise Rejection(400)
        self._http10 = version == "1.0"
        self._keep_alive = self._parser.should_keep_alive()
        # What `on_header` appends from here on are trailers.
        self._request_fields, self._fields = self._fields, []
        self._undelivered = True
        self._left = 0

    def on_body(self, data: bytes) -> None:
        self._quiet_bytes = 0
        if self._undelivered:
            self._pieces.append(data)
        elif self._body is not None:
            self._body.feed(data)

    def on_message_complete(self) -> None:
        self._quiet_bytes = 0
        self._mid_message = False
        self._complete = True
        if not self._undelivered and self._body is not None:
            self._body.finish(self._fields or None)


def _cause(error: httptools.HttpParserError) -> BaseException:
    """What a callback raised while parsing, else that the client sent nonsense."""
    if isinstance(error, httptools.HttpParserCallbackError) and error.__context__ is not None:
        return error.__context__
    return Rejection(400)
