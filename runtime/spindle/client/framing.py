"""Messages on the wire: JSON after a `Content-Length` header, as in the Language Server Protocol.

Bytes in, messages out; sockets are somebody else's.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping

HEAD_LIMIT = 4096
"""Bytes of headers before a peer is taken for something else."""
BODY_LIMIT = 64 * 1024 * 1024


class FramingError(ValueError):
    """The bytes are not a framed JSON message; nothing after them can be understood."""


def encode_message(message: Mapping[str, object]) -> bytes:
    """A message as it travels; of numbers that JSON has no word for, none is left."""
    try:
        body = _json(message).encode()
    except UnicodeEncodeError:  # half a character, such as of a path that is no text
        body = json.dumps(message).encode()
    except ValueError:
        body = _json(_finite(message)).encode("utf-8", "replace")
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


_json = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":")
).encode


def _finite(value: object) -> object:
    """A value with null for what is not a number, or infinite."""
    match value:
        case float():
            return value if math.isfinite(value) else None
        case Mapping():
            return {key: _finite(item) for key, item in value.items()}
        case list() | tuple():
            return [_finite(item) for item in value]
    return value


class Decoder:
    """Collects bytes until they are messages."""

    __slots__ = ("_buffer", "_expected", "limit")

    def __init__(self, limit: int = BODY_LIMIT) -> None:
        self.limit = limit
        """Bytes the body of a message may have."""
        self._buffer = bytearray()
        self._expected: int | None = None  # the length of the body that is arriving

    def feed(self, data: bytes) -> Iterator[object]:
        """The messages that are complete with these bytes; any JSON value.

        Raises `FramingError`, after which the decoder is of no more use.
        """
        for body in self.bodies(data):
            try:
                yield json.loads(body)
            except ValueError as error:
                raise FramingError(f"a message is no JSON: {error}") from None

    def hold(self, data: bytes) -> None:
        """Keep bytes until more are fed."""
        self._buffer += data

    def bodies(self, data: bytes) -> Iterator[bytes]:
        """The bodies that are complete with these bytes, unread; raises `FramingError`."""
        self.hold(data)
        while (body := self._next_body()) is not None:
            yield body

    def _next_body(self) -> bytes | None:
        if self._expected is None:
            self._expected = self._next_length()
        if self._expected is None or len(self._buffer) < self._expected:
            return None
        body = bytes(self._buffer[: self._expected])
        del self._buffer[: self._expected]
        self._expected = None
        return body

    def _next_length(self) -> int | None:
        end = self._buffer.find(b"\r\n\r\n", 0, HEAD_LIMIT)
        if end < 0:
            if len(self._buffer) >= HEAD_LIMIT:
                raise FramingError("a message has no end of its headers")
            return None
        head = bytes(self._buffer[:end])
        del self._buffer[: end + 4]
        return _content_length(head, self.limit)


def _content_length(head: bytes, limit: int) -> int:
    length: int | None = None
    for line in head.split(b"\r\n"):
        name, colon, value = line.partition(b":")
        if not colon or not name.replace(b"-", b"").isalnum():
            raise FramingError("a message begins with something that is no header")
        if name.lower() == b"content-length":
            digits = value.strip()
            if not digits.isdigit() or len(digits) > 12 or int(digits) > limit:
                raise FramingError("a message's length is no number, or too large")
            length = int(digits)
    if length is None:
        raise FramingError("a message has no `Content-Length`")
    return length
