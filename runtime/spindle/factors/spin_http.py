"""`fermyon:spin/http`: whole requests out, whole responses back, redirects followed.

It is what SDKs used before `wasi:http`. A request goes the same way as those: each address it is
redirected to must be allowed too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from spindle.component.host import HostInterface
from spindle.component.values import Err, Ok
from spindle.factors.http_error import HttpError
from spindle.factors.recording import recorded_send
from spindle.factors.state import Timeouts
from spindle.factors.wasi.http.parts import is_authority, is_path_with_query
from spindle.limits import DEFAULT
from spindle.messages import Body, BodyError, Headers, Request, Response, first

INTERFACE = "fermyon:spin/http"

_REDIRECTS = 10
_SEE_OTHER = frozenset({301, 302, 303})
"""A redirect that is followed with GET, without the body."""
_SAME_AGAIN = frozenset({307, 308})
_OF_THE_BODY = frozenset({b"content-encoding", b"content-length", b"content-type"})
_OF_THE_HOST = frozenset({b"authorization", b"cookie", b"proxy-authorization"})
"""What must not reach another host."""

_ERRORS = {
    "HTTP-request-denied": "destination-not-allowed",
    "HTTP-request-URI-invalid": "invalid-url",
}


async def _send_request(task: Any, asked: Any) -> Ok | Err:
    method, uri, headers, _params, body = asked
    named = [(name.encode(), value.encode()) for name, value in headers]
    try:
        response = await _follow(task, method.upper(), uri, named, body or b"")
        data = await response.body.read_all(DEFAULT.max_buffered_bytes)
    except HttpError as error:
        return Err(_ERRORS.get(error.code[0], "runtime-error"))
    except BodyError:
        response.body.cancel()
        return Err("runtime-error")
    return Ok((response.status, list(_as_text(response.headers)), data))


async def _follow(task: Any, method: str, uri: str, headers: Headers, body: bytes) -> Response:
    """The response at the end of all redirects; raises `HttpError`."""
    for _ in range(_REDIRECTS + 1):
        request = _request(method, uri, headers, body)
        response = await recorded_send(task, INTERFACE, "send-request", request, Timeouts())
        location = first(response.headers, b"location")
        if location is None or response.status not in _SEE_OTHER | _SAME_AGAIN:
            return response
        response.body.cancel()
        if response.status in _SEE_OTHER and method not in ("GET", "HEAD"):
            method, body = "GET", b""
            headers = _without(headers, _OF_THE_BODY)
        before, uri = uri, urljoin(uri, location.decode("latin-1"))
        if urlsplit(before)[:2] != urlsplit(uri)[:2]:
            headers = _without(headers, _OF_THE_HOST)
    raise HttpError("loop-detected")


def _request(method: str, uri: str, headers: Headers, body: bytes) -> Request:
    """The request to a URI; one without an authority goes to the application itself."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        raise HttpError("HTTP-request-URI-invalid") from None
    own = uri.startswith("/") and not parts.netloc
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not is_path_with_query(path) or not (own or _is_absolute(parts)):
        raise HttpError("HTTP-request-URI-invalid")
    scheme = parts.scheme or "http"
    return Request(method, scheme, parts.netloc or None, path, headers, Body.of(body))


def _is_absolute(parts: SplitResult) -> bool:
    return parts.scheme in ("http", "https") and bool(parts.netloc) and is_authority(parts.netloc)


def _without(headers: Headers, names: frozenset[bytes]) -> Headers:
    return [(name, value) for name, value in headers if name.lower() not in names]


def _as_text(headers: Headers) -> Iterator[tuple[str, str]]:
    """The headers whose values are ASCII, for the interface has no others."""
    for name, value in headers:
        if value.isascii():
            yield name.decode("latin-1").lower(), value.decode()


INTERFACES = {
    INTERFACE: HostInterface({"send-request": _send_request}),
    f"{INTERFACE}-types": HostInterface({}),
}
