"""What all connections of one server share: data, and the bookkeeping of who is connected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from spindle.limits import HostLimits, beyond
from spindle.messages import Request, overloaded
from spindle.trigger.http.handler import Handler, Reply


class Limits(NamedTuple):
    """What the server puts up with from one client."""

    head_bytes: int = 8192 + 4096 * 100
    """Bytes of a request's head (`--http1-max-buf-size`)."""
    header_fields: int = 100
    head_seconds: float = 30.0
    """From the first byte of a head, or of a TLS handshake, to its last."""
    pipelined: int = 16
    """Requests read ahead of the one being answered."""
    discarded_bytes: int = 1024 * 1024
    """Bytes of an answered request's body that are thrown away for the connection's sake."""
    linger_seconds: float = 2.0
    """How long a refused client may go on sending before the connection is cut."""
    half_closed_seconds: float = 10.0
    """How long a client that only stopped sending can wait for its response to begin."""
    streams: int = 128
    """Concurrent requests on one HTTP/2 connection."""
    reset_streams: int = 200
    """Streams a client may reset before they were answered."""
    requests: int = HostLimits().max_requests
    """Requests of all clients that are being answered; further ones get 503."""


class Connection(Protocol):
    """What the server asks of a connection."""

    def check_deadline(self, now: float) -> None:
        """Close the connection if its client is too slow; `now` is the loop's time."""

    def drain(self) -> None:
        """Answer what was asked already, then close."""

    def abort(self) -> None:
        """Close at once."""


@dataclass(slots=True, eq=False)
class Site:
    """A server as its connections see it."""

    handler: Handler
    limits: Limits
    scheme: str
    on_error: Callable[[Request, BaseException], None]
    """Told of each request that ended in a 500 or without an answer."""
    connections: set[Connection] = field(default_factory=set)
    requests: int = 0
    """How many are being answered."""
    draining: bool = False
    on_empty: Callable[[], None] | None = None
    """Called when the last connection is gone."""

    def handle(self, request: Request, reply: Reply) -> None:
        """Have a request answered, which is among those counted already."""
        limit = self.limits.requests
        if self.requests > limit:
            reply.send(overloaded(beyond("the host is overloaded", "max_requests", limit)))
        else:
            self.handler.handle(request, reply)

    def leave(self, connection: Connection) -> None:
        """Forget a closed connection."""
        self.connections.discard(connection)
        if not self.connections and self.on_empty is not None:
            self.on_empty()
