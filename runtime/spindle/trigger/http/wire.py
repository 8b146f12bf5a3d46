"""HTTP/1.1 response heads and chunks as bytes: pure, no sockets.

Framing follows the body: a known size gives `content-length`, an unknown one chunks (or the
connection's end for HTTP/1.0); a `content-length` of the handler's own wins. Names are written in
lower case, the handler's fields first, then framing, then `date`, as Spin's server does.
"""

from __future__ import annotations

import time
from enum import Enum
from http import HTTPStatus
from typing import NamedTuple

from spindle.messages import Headers, Response


class Framing(Enum):
    """How a response's body is delimited."""

    NONE = "none"
    LENGTH = "length"
    CHUNKED = "chunked"
    CLOSE = "close"


class Head(NamedTuple):
    """An encoded response head."""

    data: bytes
    framing: Framing
    length: int
    """The body's bytes when `framing` is `LENGTH`."""
    close: bool
    """Whether the connection ends with this response."""


class HeadError(ValueError):
    """A response head that cannot be written as HTTP."""


LAST_CHUNK = b"0\r\n\r\n"

# Fields of one connection, which are the server's to set. `upgrade` stays: a handler may answer
# 101 or name the protocols it would upgrade to.
_OURS = frozenset((b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding"))
_SPECIAL = _OURS | {b"content-length", b"date"}
_PHRASES = {status.value: status.phrase for status in HTTPStatus} | {
    # Reasons that changed with RFC 9110, as Spin's server words them.
    413: "Payload Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    418: "I'm a teapot",
    422: "Unprocessable Entity",
}
_STATUS_LINES: dict[int, bytes] = {}


def encode_head(response: Response, *, method: str, http10: bool, keep_alive: bool) -> Head:
    """Encode a response's head for the request it answers; raises `HeadError`.

    A status of 1xx other than 101 is not a response: `HeadError`.
    """
    status = response.status
    parts = [_status_line(status)]
    length = response.body.size
    own_length = dated = False
    for name, value in response.headers:
        name = name.lower()
        if name in _SPECIAL:
            if name in _OURS:
                keep_alive = keep_alive and not (
                    name == b"connection" and value.lower() == b"close"
                )
                continue
            if name == b"date":
                dated = True
            elif own_length:
                continue
            else:
                own_length, length = True, _length(value)
        parts.append(b"%b: %b\r\n" % (name, value))
    framing = Framing.LENGTH
    if status < 200 or status == 204 or status == 304:
        framing, length = Framing.NONE, 0
    elif length is None:
        framing = Framing.CLOSE if http10 else Framing.CHUNKED
        if method == "HEAD":
            framing = Framing.NONE
        elif http10:
            keep_alive = False
        else:
            parts.append(b"transfer-encoding: chunked\r\n")
    elif not own_length:
        parts.append(b"content-length: %d\r\n" % length)
    if method == "HEAD":
        framing = Framing.NONE
    if status == 101:
        keep_alive = False
    elif not keep_alive and not http10:
        parts.append(b"connection: close\r\n")
    elif keep_alive and http10:
        parts.append(b"connection: keep-alive\r\n")
    if not dated:
        parts.append(date_field())
    data = b"".join(parts)
    # A line break inside a value would let a handler write fields and responses of its own.
    if data.count(b"\n") != len(parts) or data.count(b"\r") != len(parts):
        raise HeadError("a response header holds a line break")
    if http10:
        data = b"HTTP/1.0" + data[8:]
    return Head(data + b"\r\n", framing, length or 0, not keep_alive)


def http2_fields(response: Response) -> Headers:
    """A response's head as HTTP/2 fields; raises `HeadError` as `encode_head` does."""
    status = response.status
    if not 200 <= status <= 999:
        raise HeadError(f"a handler cannot answer with status {status}")
    fields = [(b":status", b"%d" % status), *lower_names(response.headers)]
    names = {name for name, _ in fields}
    size = response.body.size
    if size is not None and b"content-length" not in names and status not in (204, 304):
        fields.append((b"content-length", b"%d" % size))
    if b"date" not in names:
        fields.append((b"date", date_field()[6:-2]))
    if any(b"\n" in value or b"\r" in value for _, value in fields):
        raise HeadError("a response header holds a line break")
    return fields


def encode_chunk(pieces: list[bytes]) -> list[bytes]:
    """One chunk of all the pieces, which are not copied; nothing if there are none."""
    return [b"%x\r\n" % sum(map(len, pieces)), *pieces, b"\r\n"] if pieces else []


def encode_rejection(status: int) -> bytes:
    """A whole response that refuses a request and ends the connection."""
    return (
        _status_line(status)
        + b"connection: close\r\ncontent-length: 0\r\n"
        + date_field()
        + b"\r\n"
    )


def lower_names(headers: Headers) -> Headers:
    """Header fields with lower-case names, without those the server sets itself."""
    return [(n, value) for name, value in headers if (n := name.lower()) not in _OURS]


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_date = (0, b"")


def date_field() -> bytes:
    """The `date` header's line, made once a second."""
    global _date
    now = int(time.time())
    if _date[0] != now:
        _date = now, b"date: %b\r\n" % _http_date(now)
    return _date[1]


def _http_date(now: int) -> bytes:
    """RFC 9110's date; the standard library's function for it imports all of `email`."""
    at = time.gmtime(now)
    day, month = _DAYS[at.tm_wday], _MONTHS[at.tm_mon - 1]
    return (
        f"{day}, {at.tm_mday:02} {month} {at.tm_year} "
        f"{at.tm_hour:02}:{at.tm_min:02}:{at.tm_sec:02} GMT"
    ).encode()


def _status_line(status: int) -> bytes:
    line = _STATUS_LINES.get(status)
    if line is None:
        if not (200 <= status <= 999 or status == 101):
            raise HeadError(f"a handler cannot answer with status {status}")
        phrase = _PHRASES.get(status, "<none>")
        line = _STATUS_LINES[status] = b"HTTP/1.1 %d %b\r\n" % (status, phrase.encode())
    return line


def _length(value: bytes) -> int:
    if not value.isdigit():
        raise HeadError(f"`content-length` is not a number: {value!r}")
    return int(value)
