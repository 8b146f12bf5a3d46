"""The HTTP request of an exchange, as a client would send it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

from spindle.exchange import bytes_of

Json = dict[str, Any]

HOST = "localhost:3000"
"""Whom a request is for that doesn't say."""

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_AUTHORITY = re.compile(r"[A-Za-z0-9._~%-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")
_IN_PATH = "%/:?@!$&'()*+,;=~-._[]"
"""What stays in a path and its query, apart from letters and digits."""
_SENT_ANYWAY = frozenset(
    {"host", "content-length", "connection", "keep-alive", "transfer-encoding", "te", "upgrade"}
)
"""What clients say by themselves."""
_ADDED = "spin-"
"""What a host adds for the guest begins with this."""


class Sent(NamedTuple):
    """One request."""

    method: str
    scheme: str
    authority: str
    path: str
    """With the query; percent-encoded where a URL must be."""
    headers: tuple[tuple[str, str], ...]
    """As bytes are in Latin-1; nothing in them could end a line."""
    body: bytes
    remarks: tuple[str, ...] = ()
    """What of the exchange is not in here."""

    @property
    def url(self) -> str:
        """Where it goes to."""
        return f"{self.scheme}://{self.authority}{self.path}"

    def header(self, name: str) -> str | None:
        """The value of the first field of that name."""
        found = (value for key, value in self.headers if key.lower() == name)
        return next(found, None)


def request_of(document: Json) -> Sent | None:
    """The request of an exchange; None if it is of another kind."""
    asked = document.get("input")
    if not isinstance(asked, dict) or not isinstance(asked.get("method"), str):
        return None
    method = asked["method"]
    if not _TOKEN.fullmatch(method):
        return None
    body = body_of(asked)
    fields = [(str(name), str(value)) for name, value in asked.get("headers") or ()]
    kept = tuple(field for field in fields if _is_sendable(*field) and not _is_implied(field[0]))
    return Sent(
        method,
        "https" if asked.get("scheme") == "https" else "http",
        _authority(asked, fields),
        _path(str(asked.get("path_with_query") or "/")),
        kept,
        body,
        tuple(_remarks(asked, fields, body)),
    )


def body_of(message: Json) -> bytes:
    """The bytes of a request's or a response's body that were kept; of what is none, none."""
    try:
        return bytes_of(message["body"])
    except (LookupError, TypeError, ValueError, AttributeError):
        return b""


def text_of(body: bytes) -> str | None:
    """A body as text, if it is all text that may be shown and pasted anywhere."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return text if all(c.isprintable() or c in "\n\t" for c in text) else None


def _remarks(asked: Json, fields: list[tuple[str, str]], body: bytes) -> Iterator[str]:
    size = (asked.get("body") or {}).get("size", 0)
    if isinstance(size, int) and size > len(body):
        yield f"only the first {len(body):,} of {size:,} bytes of the body were kept"
    for name, value in fields:
        if not _is_sendable(name, value):
            yield f"a header that can't be sent is left out: {name!a}"


def _is_sendable(name: str, value: str) -> bool:
    """Whether a header can travel, and does not smuggle in another one."""
    if not _TOKEN.fullmatch(name):
        return False
    return all(c == "\t" or " " <= c <= "~" or "\x80" <= c <= "\xff" for c in value)


def _is_implied(name: str) -> bool:
    lower = name.lower()
    return lower in _SENT_ANYWAY or lower.startswith(_ADDED)


def _authority(asked: Json, fields: list[tuple[str, str]]) -> str:
    hosts = [value for name, value in fields if name.lower() == "host"]
    for candidate in (asked.get("authority"), *hosts):
        if isinstance(candidate, str) and _AUTHORITY.fullmatch(candidate):
            return candidate
    return HOST


def _path(text: str) -> str:
    path = quote(text.encode("utf-8", "surrogatepass"), safe=_IN_PATH)
    return path if path.startswith("/") else f"/{path}"
