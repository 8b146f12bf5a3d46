"""Messages on the wire: JSON after a `Content-Length` header, as in the Language Server Protocol.

Bytes in, messages out; sockets are somebody else's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

HEAD_LIMIT = 4096
"""Bytes of headers before a peer is taken for something else."""
BODY_LIMIT = 64 * 1024 * 1024


class FramingError(ValueError):
    """The bytes are not a framed JSON message; nothing after them can be understood."""


def encode_message(message: Mapping[str, object]) -> bytes:
    """A message as it travels."""
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


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

    def bodies(self, data: bytes) -> Iterator[bytes]:
        """The bodies that are complete with these bytes, unread; raises `FramingError`."""
        self._buffer += data
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
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            digits = value.strip()
            if not digits.isdigit() or len(digits) > 12 or int(digits) > limit:
                raise FramingError("a message's length is no number, or too large")
            return int(digits)
    raise FramingError("a message has no `Content-Length`")
