"""Outbound HTTP as a component is allowed it: who may be called, and by which way.

A request goes to the application itself (no authority, or `self.alt`), to another of its components
(`<id>.spin.internal`), or out through the client.
"""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable, Container, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple
from urllib.parse import urlsplit

from spindle.app import App, AppComponent
from spindle.component.host import HostInterface
from spindle.errors import UserError
from spindle.factors.connections import Connections
from spindle.factors.factor import Factor
from spindle.factors.http_client import HttpClient
from spindle.factors.http_client.tls import TlsContexts
from spindle.factors.http_error import Denied, HttpError
from spindle.factors.spin_http import INTERFACES
from spindle.factors.state import InstanceState, Timeouts
from spindle.messages import Request, Response
from spindle.outbound_hosts import (
    SERVICE_CHAINING_SUFFIX,
    OutboundHostError,
    OutboundHosts,
    resolve_outbound_hosts,
)
from spindle.template import TemplateError

SELF_HOST = "self.alt"

Chain = Callable[[str, Request], Awaitable[Response]]
"""Calls another component by its id, without the network."""
Own = Callable[[Request], Awaitable[Response]]
"""Asks the application itself, without the network."""


_ROUTES_KEPT = 1000
"""Authorities whose routes a component keeps; a guest can name any number."""


async def _no_tls(_host: str) -> ssl.SSLContext | None:
    return None


class Route(NamedTuple):
    """Where requests to an authority go."""

    allowed: bool
    is_self: bool
    component: str | None
    """The component of the application that is called without the network, if it is one."""
    host: str


@dataclass(slots=True, eq=False)
class OutboundHttp:
    """One component's way out; an instance's `send_http`."""

    client: HttpClient
    hosts: OutboundHosts
    origin: Callable[[], str | None] = field(default=lambda: None)
    """`scheme://authority` the application is served at, if it is."""
    chain: Chain | None = None
    own: Own | None = None
    """Answers requests to the application itself in place of the network."""
    tls: Callable[[str], Awaitable[ssl.SSLContext | None]] = field(default=_no_tls)
    """The context of the component's connections to a host."""
    _routes: dict[tuple[str, str], Route] = field(default_factory=dict)

    async def __call__(self, request: Request, timeouts: Timeouts) -> Response:
        """Send a guest's request; raises `HttpError`, `Denied` among them."""
        try:
            route = self._route(request.scheme, request.authority or "")
            if route.is_self:
                request = self._to_origin(request)
                if self.own is not None:
                    return await self.own(request)
        except HttpError:
            request.body.cancel()
            raise
        if route.component is not None and self.chain is not None:
            return await self.chain(route.component, _without_host(request))
        tls = await self.tls(route.host) if request.scheme == "https" else None
        return await self.client.send(request, timeouts, tls)

    def _route(self, scheme: str, authority: str) -> Route:
        route = self._routes.get((scheme, authority))
        if route is None:
            if len(self._routes) >= _ROUTES_KEPT:
                self._routes.clear()
            route = self._routes[scheme, authority] = self._new_route(scheme, authority)
        if not route.allowed:
            named = authority.rpartition("@")[2]
            raise Denied("http://self" if route.is_self else f"{scheme}://{named}")
        return route

    def _new_route(self, scheme: str, authority: str) -> Route:
        host, port = _host_and_port(authority)
        if host in ("", SELF_HOST):
            return Route(self.hosts.allows_self(), True, None, host)
        component = None
        if host.endswith(SERVICE_CHAINING_SUFFIX):
            component = host.removesuffix(SERVICE_CHAINING_SUFFIX)
        return Route(self.hosts.allows(scheme, host, port), False, component, host)

    def _to_origin(self, request: Request) -> Request:
        origin = self.origin()
        if origin is None:
            raise HttpError("HTTP-request-URI-invalid", reason="the application is not served")
        parts = urlsplit(origin)
        return replace(request, scheme=parts.scheme, authority=parts.netloc)


def _without_host(request: Request) -> Request:
    headers = [(name, value) for name, value in request.headers if name.lower() != b"host"]
    return replace(request, headers=headers)


class OutboundFactor(Factor):
    """Where components may connect to, and their way out by HTTP.

    WASI has the interfaces, but for the one that is Spin's own.
    """

    def __init__(
        self,
        client: HttpClient,
        variable: Callable[[str], str],
        *,
        origin: Callable[[], str | None] = lambda: None,
        chain: Chain | None = None,
        own: Own | None = None,
        on_denied: Callable[[InstanceState, str], None] = lambda _state, _destination: None,
        on_failed: Callable[[InstanceState, str, str], None] = lambda _state, _to, _why: None,
        blocked: Container[str] = (),
        tls: TlsContexts | None = None,
        sockets: Connections | None = None,
    ) -> None:
        self._client = client
        self._variable = variable
        """The value of one of the application's variables."""
        self._origin = origin
        self._chain = chain
        self._own = own
        self._on_denied = on_denied
        self._on_failed = on_failed
        self._tls = tls or TlsContexts()
        self._blocked = blocked
        self._sockets = sockets or Connections()
        self._components: tuple[str, ...] = ()

    def init(self) -> Mapping[str, HostInterface]:
        """Spin's own."""
        return INTERFACES

    def configure_app(self, app: App) -> None:
        """Resolve every component's hosts once, to find those that are none."""
        self._components = tuple(app.components)
        for component in app.components.values():
            self._hosts(component)

    def prepare(self, component: AppComponent, state: InstanceState) -> None:
        """Allowed hosts and the way out."""
        state.outbound_hosts = hosts = self._hosts(component)
        state.blocked_networks = self._blocked
        state.sockets = self._sockets
        state.on_denied = partial(self._on_denied, state)
        state.on_failed = partial(self._on_failed, state)
        tls = partial(self._tls.context, component.id)
        state.send_http = OutboundHttp(
            self._client, hosts, self._origin, self._chain, self._own, tls
        )

    def _hosts(self, component: AppComponent) -> OutboundHosts:
        try:
            return resolve_outbound_hosts(
                component.allowed_outbound_hosts, self._variable, self._components
            )
        except (OutboundHostError, TemplateError) as error:
            problem = f"`allowed_outbound_hosts` of component `{component.id}` is malformed"
            raise UserError(f"{problem}: {error}") from None


def _host_and_port(authority: str) -> tuple[str, int | None]:
    parts = urlsplit(f"//{authority}")
    try:
        return (parts.hostname or ""), parts.port
    except ValueError:
        raise HttpError("HTTP-request-URI-invalid") from None
