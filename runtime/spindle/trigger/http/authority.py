"""Whom a request is for: the target's authority and the `Host` header must agree."""

from __future__ import annotations

from functools import lru_cache

from spindle.messages import Request, first
from spindle.trigger.http.target import is_authority


class AuthorityError(Exception):
    """It cannot be told whom a request is for; the connection ends without a response."""


def request_authority(request: Request) -> str:
    """The authority of a request, as its client wrote it; raises `AuthorityError`."""
    host = first(request.headers, b"host")
    if host is None:
        if not request.authority:
            raise AuthorityError("no `Host` header present in request")
        return request.authority
    authority = _authority(host) if len(host) <= _CACHED_LENGTH else _read_authority(host)
    if authority is None:
        raise AuthorityError("the `Host` header contains an invalid authority")
    if request.authority is not None and request.authority.lower() != authority.lower():
        raise AuthorityError("the authority in the `Host` header does not match the URI's")
    return authority


_CACHED_LENGTH = 255
"""Longer `Host` headers, which name nothing that exists, must not fill the cache."""


def _read_authority(host: bytes) -> str | None:
    text = host.decode("latin-1")
    return text if is_authority(text) else None


_authority = lru_cache(maxsize=1024)(_read_authority)
