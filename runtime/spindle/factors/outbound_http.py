"""Outbound HTTP as a component is allowed it: who may be called, and by which way.

A request goes to the application itself (no authority, or `self.alt`), to another of its components
(`<id>.spin.internal`), or out through the client.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Container, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from spindle.app import App, AppComponent
from spindle.component.host import HostInterface
from spindle.errors import UserError
from spindle.factors.factor import Factor
from spindle.factors.http_client import HttpClient
from spindle.factors.http_error import HttpError
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


def _nobody(_destination: str) -> None:
    return


@dataclass(frozen=True, slots=True)
class OutboundHttp:
    """One component's way out; an instance's `send_http`."""

    client: HttpClient
    hosts: OutboundHosts
    origin: Callable[[], str | None] = field(default=lambda: None)
    """`scheme://authority` the application is served at, if it is."""
    chain: Chain | None = None
    on_denied: Callable[[str], None] = _nobody
    """Told `scheme://authority` of each request that was refused."""

    async def __call__(self, request: Request, timeouts: Timeouts) -> Response:
        """Send a guest's request; raises `HttpError`."""
        host, port = _host_and_port(request.authority or "")
        is_self = host in ("", SELF_HOST)
        allowed = (
            self.hosts.allows_self() if is_self else self.hosts.allows(request.scheme, host, port)
        )
        if not allowed:
            self.on_denied("self" if is_self else f"{request.scheme}://{request.authority}")
            request.body.cancel()
            raise HttpError("HTTP-request-denied")
        if is_self:
            request = self._to_origin(request)
        headers = [(name, value) for name, value in request.headers if name.lower() != b"host"]
        request = replace(request, headers=headers)
        if self.chain is not None and host.endswith(SERVICE_CHAINING_SUFFIX):
            return await self.chain(host.removesuffix(SERVICE_CHAINING_SUFFIX), request)
        return await self.client.send(request, timeouts)

    def _to_origin(self, request: Request) -> Request:
        origin = self.origin()
        if origin is None:
            raise HttpError("HTTP-request-URI-invalid")
        parts = urlsplit(origin)
        return replace(request, scheme=parts.scheme, authority=parts.netloc)


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
        on_denied: Callable[[InstanceState, str], None] = lambda _state, _destination: None,
        blocked: Container[str] = (),
    ) -> None:
        self._client = client
        self._variable = variable
        """The value of one of the application's variables."""
        self._origin = origin
        self._chain = chain
        self._on_denied = on_denied
        self._blocked = blocked
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
        hosts = self._hosts(component)

        def on_denied(destination: str) -> None:
            self._on_denied(state, destination)

        state.outbound_hosts = hosts
        state.blocked_networks = self._blocked
        state.on_denied = on_denied
        state.send_http = OutboundHttp(self._client, hosts, self._origin, self._chain, on_denied)

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
