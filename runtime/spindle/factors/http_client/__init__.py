"""The HTTP client behind guests' outbound requests: exactly what the guest says, over HTTP/1.1.

Nothing is added, followed, unpacked or remembered: no user agent, no redirects, no decompression,
no cookies. Bodies and trailers stream both ways at once, connections are pooled, and each of them,
idle ones too, is one of those the runtime configuration limits.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Container

from spindle.factors.connections import Connections, Permit
from spindle.factors.http_client.connection import Connection
from spindle.factors.http_client.idle import IdleConnections
from spindle.factors.http_client.origins import Origin, connected, origin_of
from spindle.factors.http_client.requests import encode_head
from spindle.factors.http_error import HttpError
from spindle.factors.state import Timeouts
from spindle.messages import Request, Response

_REPEATABLE = frozenset(("DELETE", "GET", "HEAD", "OPTIONS", "PUT", "TRACE"))
"""Methods that may be sent again when an idle connection turns out to be dead."""
_BROKEN = frozenset(("HTTP-protocol-error", "connection-terminated"))


class HttpClient:
    """A pool of connections; `close` it when the application ends."""

    def __init__(
        self,
        *,
        pooling: bool = True,
        blocked: Container[str] = (),
        connections: Connections | None = None,
    ) -> None:
        self._pooling = pooling
        self._blocked = blocked
        """Addresses nobody may connect to."""
        self._room = connections or Connections()
        self._open: dict[Connection, Origin] = {}
        self._idle = IdleConnections[Connection]()
        self._waiting = 0
        """Requests that wait for room for a connection."""

    async def close(self) -> None:
        """Close all connections."""
        self._idle.close()
        for connection in tuple(self._open):
            connection.abort()

    async def send(
        self, request: Request, timeouts: Timeouts, tls: ssl.SSLContext | None = None
    ) -> Response:
        """Send a request to its authority; raises `HttpError` until the response's head is there.

        After that the response's body fails with one. `tls` is for `https`.
        """
        try:
            return await self._send(request, timeouts, tls)
        except (HttpError, asyncio.CancelledError):
            request.body.cancel()
            raise

    async def _send(
        self, request: Request, timeouts: Timeouts, tls: ssl.SSLContext | None
    ) -> Response:
        origin, host = origin_of(request.scheme, request.authority or "", tls)
        head = encode_head(request, host)
        connection = self._idle.take(origin)
        left = timeouts.first_byte
        if connection is not None:
            try:
                return await connection.exchange(head, request, left, timeouts.between_bytes)
            except HttpError as error:
                repeatable = request.method in _REPEATABLE and head.length == 0
                if not (repeatable and connection.silent and error.code[0] in _BROKEN):
                    raise
        began = time.monotonic()
        connection = await self._connect(origin, timeouts)
        left -= time.monotonic() - began
        return await connection.exchange(head, request, left, timeouts.between_bytes)

    async def _connect(self, origin: Origin, timeouts: Timeouts) -> Connection:
        whole = min(timeouts.connect, timeouts.first_byte)
        try:
            async with asyncio.timeout(whole):
                permit = await self._permit()
                try:
                    connection = await connected(
                        origin, self._blocked, lambda: Connection(permit, self._on_free)
                    )
                except BaseException:
                    permit.release()
                    raise
        except TimeoutError:
            case = "connection-timeout" if whole == timeouts.connect else "connection-read-timeout"
            raise HttpError(case, reason=f"no connection within {whole:g} s") from None
        self._open[connection] = origin
        return connection

    async def _permit(self) -> Permit:
        """The right to one connection; idle ones give way."""
        if self._room.none_at_all:
            reason = "the runtime configuration allows no connections"
            raise HttpError("connection-limit-reached", reason=reason)
        while (permit := self._room.acquire_nowait()) is None:
            if not self._idle.drop_oldest():
                break
        if permit is not None:
            return permit
        self._waiting += 1
        try:
            return await self._room.acquire()
        finally:
            self._waiting -= 1

    def _on_free(self, connection: Connection) -> None:
        """Keep a connection whose exchange has ended, or forget one that has."""
        origin = self._open.get(connection)
        if origin is None:
            return
        if connection.closed:
            del self._open[connection]
            self._idle.discard(connection)
        elif self._pooling and not self._waiting:
            self._idle.add(origin, connection)
        else:
            connection.abort()
