"""HTTP/1.1 requests as bytes: pure, no sockets.

The head says what the guest said, with `host` before and framing behind it. Framing follows the
body, as Spin's client has it: a known size gives `content-length`, an unknown one chunks; a
`content-length` of the guest's own wins.
"""

from __future__ import annotations

from typing import NamedTuple

from spindle.factors.http_error import HttpError
from spindle.messages import Headers, Request

CHUNKED = -1
"""The length of a body that is sent in chunks."""
LAST_CHUNK = b"0\r\n\r\n"

_BODILESS = frozenset(("CONNECT", "GET", "HEAD"))
"""Methods of which a body of unknown size is taken for none."""
_OURS = frozenset((b"connection", b"host", b"keep-alive", b"transfer-encoding", b"upgrade"))
_SPECIAL = _OURS | {b"content-length"}


class Head(NamedTuple):
    """An encoded request head."""

    data: bytes
    length: int
    """The bytes of body that follow, or `CHUNKED`."""


def encode_head(request: Request, host: str) -> Head:
    """Encode a request's head; `host` is the header's value. Raises `HttpError`."""
    lines, own = _lines(request.headers)
    length, framing = _framing(request, own)
    path = request.path_with_query
    path = path if path[:1] in ("/", "*") else f"/{path}"
    start = f"{request.method} {path} HTTP/1.1\r\nhost: {host}\r\n".encode("utf-8", "replace")
    data = b"".join((start, *lines, framing, b"\r\n"))
    ends = len(lines) + 3 + bool(framing)
    if data.count(b"\n") != ends or data.count(b"\r") != ends or b"\0" in data:
        raise HttpError("HTTP-protocol-error", reason="a header or the path has a line break")
    return Head(data, length)


def chunk_frame(size: int) -> bytes:
    """What comes before a chunk; a line break comes behind it."""
    return b"%x\r\n" % size


def encode_trailers(trailers: Headers | None) -> bytes:
    """The end of a body in chunks."""
    if not trailers:
        return LAST_CHUNK
    return b"".join((b"0\r\n", *(b"%b: %b\r\n" % field for field in trailers), b"\r\n"))


def _framing(request: Request, own: int | None) -> tuple[int, bytes]:
    """How many bytes follow, and the header that says so if the guest's own do not."""
    if own is not None:
        return own, b""
    size = request.body.size
    if size is None:
        if request.method in _BODILESS:
            return 0, b""
        return CHUNKED, b"transfer-encoding: chunked\r\n"
    if size or request.method in ("PATCH", "POST", "PUT"):
        return size, b"content-length: %d\r\n" % size
    return 0, b""


def _lines(headers: Headers) -> tuple[list[bytes], int | None]:
    """The guest's headers without those that are the connection's, and the length it promises.

    Raises `HttpError` if that is none.
    """
    lines: list[bytes] = []
    length: int | None = None
    for name, value in headers:
        lower = name.lower()
        if lower not in _SPECIAL:
            lines.append(b"%b: %b\r\n" % (name, value))
        elif lower == b"content-length":
            before, length = length, _length(value)
            if before is None:
                lines.append(b"%b: %d\r\n" % (name, length))
            elif before != length:
                raise _malformed_length()
    return lines, length


def _length(value: bytes) -> int:
    if not value.strip().isdigit():
        raise _malformed_length()
    return int(value)


def _malformed_length() -> HttpError:
    return HttpError("HTTP-protocol-error", reason="`content-length` is malformed")
