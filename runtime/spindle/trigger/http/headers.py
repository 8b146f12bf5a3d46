"""What the host adds to a request: Spin's headers for components, the same facts for Wagi.

The values come after the client's own headers, which are not removed even if they bear the same
names: a guest that must trust one reads the last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from spindle.messages import Headers, Request, first
from spindle.routes import RouteMatch

_CHAINING_DOMAIN = b"spin.internal"
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


def full_url(request: Request) -> str:
    """The URL the client asked for, as far as its `Host` header tells: HTTP/2 has none."""
    host = first(request.headers, b"host")
    name = host.decode("latin-1") if host is not None else "localhost"
    return f"{request.scheme}://{name}{request.path_with_query}"


@lru_cache(maxsize=1024)
def client_address(client: tuple[str, int]) -> str:
    """An IP address and port in one text."""
    host, port = client
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def injected_headers(request: Request, match: RouteMatch[Any]) -> Headers:
    """The `spin-*` headers of a request, in Spin's order, params in the route's."""
    route = match.route
    headers = [
        (b"spin-path-info", match.path_info.encode()),
        (b"spin-full-url", full_url(request).encode()),
        *_route_headers(route.raw, route.based),
        (b"spin-client-addr", client_address(request.client).encode()),
    ]
    if match.params:
        headers += [
            (b"spin-path-match-" + name.lower().replace("_", "-").encode(), value.encode())
            for name, value in match.params.items()
            if _TOKEN.fullmatch(name)
        ]
    return headers


def wagi_facts(request: Request, match: RouteMatch[Any]) -> Iterator[tuple[str, str]]:
    """The same facts as environment variables of a Wagi module."""
    yield "PATH_INFO", match.path_info
    yield "X_FULL_URL", full_url(request)
    for header, fact in _route_headers(match.route.raw, match.route.based):
        yield f"X_{header.decode()[5:].upper().replace('-', '_')}", fact.decode()
    yield "X_CLIENT_ADDR", client_address(request.client)
    for name, value in match.params.items():
        yield f"X_PATH_MATCH_{name.upper()}", value


def without_transport_headers(headers: Headers) -> Headers:
    """A client's headers without `connection`, and without a `host` that means a component."""
    return [
        (name, value)
        for name, value in headers
        if name != b"connection" and not (name == b"host" and chained_component(value))
    ]


def chained_component(host: bytes) -> str | None:
    """The component a `<component>.spin.internal[:port]` host names, if it is one."""
    if _CHAINING_DOMAIN not in host:
        return None
    label, _, rest = host.partition(b":")[0].partition(b".")
    return label.decode("latin-1") if rest == _CHAINING_DOMAIN else None


@lru_cache(maxsize=1024)
def _route_headers(raw: str, based: str) -> tuple[tuple[bytes, bytes], ...]:
    return (
        (b"spin-matched-route", based.encode()),
        (b"spin-base-path", b"/"),
        (b"spin-raw-component-route", raw.encode()),
        (b"spin-component-route", raw.removesuffix("/...").encode()),
    )
