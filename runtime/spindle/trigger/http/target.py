"""Request targets: which characters they may hold, and their parts.

Spec: RFC 9112 section 3.2; the characters are those Spin's server lets through.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_TARGET = 65_535
"""Bytes of the longest request target."""

_ABSOLUTE = re.compile(rb"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^#]*)")
_BAD_IN_PATH = re.compile(rb"[\x00-\x20<>`\x7f]")
_BAD_IN_QUERY = re.compile(rb'[\x00-\x20<>"\x7f]')
_AUTHORITY = re.compile(
    r"(?:[A-Za-z0-9._~!$&'()*+,;=:%-]*@)?"
    r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=-]+)"
    r"(?::[0-9]*)?"
)


class Target(NamedTuple):
    """A request target in parts."""

    authority: str | None
    path_with_query: str
    """Starts with a slash, except for `*`; percent-encoding is left as it came."""


def parse_target(raw: bytes) -> Target | None:
    """The parts of a request target, or None if it is malformed."""
    authority = None
    if not raw.startswith(b"/"):
        if raw == b"*":
            return Target(None, "*")
        if (absolute := _ABSOLUTE.fullmatch(raw)) is None:
            return None
        authority = absolute[2].decode("latin-1")
        if not is_authority(authority):
            return None
        raw = absolute[3] if absolute[3].startswith(b"/") else b"/" + absolute[3]
    if b"#" in raw:
        raw = raw[: raw.index(b"#")]
    path, _, query = raw.partition(b"?")
    if _BAD_IN_PATH.search(path) or (query and _BAD_IN_QUERY.search(query)):
        return None
    try:
        return Target(authority, raw.decode())
    except UnicodeDecodeError:
        return None


def is_authority(text: str) -> bool:
    """Whether a text can stand in a `Host` header or between `//` and the path."""
    return _AUTHORITY.fullmatch(text) is not None
