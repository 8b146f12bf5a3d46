"""The HTTP server: a listening socket, its connections, and their end."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable

from spindle.messages import Request
from spindle.trigger.http.h1 import Http1Connection
from spindle.trigger.http.handler import Handler
from spindle.trigger.http.listener import base_url
from spindle.trigger.http.site import Limits, Site

_SWEEP_SECONDS = 0.5
"""How often deadlines are looked at: one timer for all connections keeps idle ones cheap."""


class HttpServer:
    """Serves one handler on one listening socket; lives on one event loop."""

    def __init__(
        self,
        handler: Handler,
        listener: socket.socket,
        *,
        tls: ssl.SSLContext | None = None,
        limits: Limits | None = None,
        on_error: Callable[[Request, BaseException], None] | None = None,
    ) -> None:
        scheme = "http" if tls is None else "https"
        self.base_url = base_url(scheme, listener)
        self._listener = listener
        self._tls = tls
        self._site = Site(handler, limits or Limits(), scheme, on_error or _ignore)
        self._server: asyncio.Server | None = None
        self._sweeper: asyncio.TimerHandle | None = None

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._site.connections)

    @property
    def handler(self) -> Handler:
        """Who answers; may be replaced while serving, requests under way keep theirs."""
        return self._site.handler

    @handler.setter
    def handler(self, handler: Handler) -> None:
        self._site.handler = handler

    async def start(self) -> None:
        """Begin to accept connections."""
        loop = asyncio.get_running_loop()
        site = self._site
        handshake = site.limits.head_seconds if self._tls is not None else None
        self._server = await loop.create_server(
            lambda: Http1Connection(site, loop),
            sock=self._listener,
            backlog=4096,
            ssl=self._tls,
            ssl_handshake_timeout=handshake,
        )
        self._sweep(loop)

    async def drain(self) -> None:
        """Stop accepting, let the requests under way finish, then close everything."""
        self._stop_accepting()
        site = self._site
        site.draining = True
        emptied = asyncio.Event()
        site.on_empty = emptied.set
        for connection in list(site.connections):
            connection.drain()
        if site.connections:
            await emptied.wait()
        self._stop_sweeping()

    def abort(self) -> None:
        """Close everything at once, whoever is waiting; `drain` then returns."""
        self._stop_accepting()
        self._stop_sweeping()
        for connection in list(self._site.connections):
            connection.abort()

    def _stop_accepting(self) -> None:
        if self._server is None:
            self._listener.close()  # nobody ever accepted from it
        else:
            self._server.close()
            self._server = None

    def _stop_sweeping(self) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for connection in list(self._site.connections):
            connection.check_deadline(now)
        self._sweeper = loop.call_later(_SWEEP_SECONDS, self._sweep, loop)


def _ignore(request: Request, error: BaseException) -> None:
    """Nobody wants to know."""
