"""Whom a request is for: the target's authority and the `Host` header must agree."""

from __future__ import annotations

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
    authority = host.decode("latin-1")
    if not is_authority(authority):
        raise AuthorityError("the `Host` header contains an invalid authority")
    if request.authority is not None and request.authority.lower() != authority.lower():
        raise AuthorityError("the authority in the `Host` header does not match the URI's")
    return authority
