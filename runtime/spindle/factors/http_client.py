"""The HTTP client behind guests' outbound requests: exactly what the guest says, over aiohttp.

Nothing is added, followed, unpacked or remembered: no user agent, no redirects, no decompression,
no cookies. Bodies stream both ways at once, connections are pooled. aiohttp is imported at the
first request, since most applications make none.
"""

from __future__ import annotations

import asyncio
import errno
import importlib
import socket
from collections.abc import AsyncIterator, Container
from typing import TYPE_CHECKING, Any

from spindle.factors.http_error import HttpError, internal_error
from spindle.factors.state import Timeouts
from spindle.messages import Body, Request, Response

if TYPE_CHECKING:
    import aiohttp

_AUTOMATIC = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
_CHUNK = 64 * 1024
_HEADER_LIMIT = 128 * 1024


class HttpClient:
    """A pool of connections; `close` it when the application ends."""

    def __init__(self, *, pooling: bool = True, blocked: Container[str] = ()) -> None:
        self._pooling = pooling
        self._blocked = blocked
        """Addresses nobody may connect to."""
        self._session: aiohttp.ClientSession | None = None
        self._readers: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Close all connections."""
        for reader in self._readers:
            reader.cancel()
        if self._session is not None:
            await self._session.close()

    async def send(self, request: Request, timeouts: Timeouts) -> Response:
        """Send a request to its authority; raises `HttpError` until the response's head is there.

        After that the response's body fails with one.
        """
        try:
            async with asyncio.timeout(timeouts.connect + timeouts.first_byte):
                got = await self._request(request, timeouts)
        except HttpError:
            raise
        except Exception as error:
            raise _http_error(error) from error
        return Response(got.status, list(got.raw_headers), self._body(got, timeouts))

    async def _request(self, request: Request, timeouts: Timeouts) -> aiohttp.ClientResponse:
        if self._session is None:
            # Importing takes long enough to keep every other guest waiting.
            await asyncio.to_thread(importlib.import_module, "aiohttp")
        import aiohttp
        import yarl

        session = self._session = self._session or self._new_session()
        url = f"{request.scheme}://{request.authority}{request.path_with_query}"
        return await session.request(
            request.method,
            yarl.URL(url, encoded=True),
            headers=[(n.decode("latin-1"), v.decode("latin-1")) for n, v in request.headers],
            data=_outgoing(request.body),
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=None, connect=timeouts.connect),
        )

    def _new_session(self) -> aiohttp.ClientSession:
        import aiohttp

        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0, force_close=not self._pooling, socket_factory=self._new_socket
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=_AUTOMATIC,
            max_line_size=_HEADER_LIMIT,
            max_field_size=_HEADER_LIMIT,
        )

    def _new_socket(self, address: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _name, where = address
        if where[0] in self._blocked:
            raise PermissionError(errno.EACCES, "the runtime configuration blocks this network")
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made

    def _body(self, got: aiohttp.ClientResponse, timeouts: Timeouts) -> Body:
        content = got.content
        if content.is_eof() and content.exception() is None:
            return Body.of(content.read_nowait(-1))
        body = Body(got.content_length)
        reader = asyncio.get_running_loop().create_task(_read(got, body, timeouts.between_bytes))
        self._readers.add(reader)
        reader.add_done_callback(self._readers.discard)
        body.on_cancelled = lambda: _cancel(reader)
        return body


def _cancel(reader: asyncio.Task[None]) -> None:
    reader.cancel()


async def _read(got: aiohttp.ClientResponse, body: Body, between_bytes: float) -> None:
    """Move a response's bytes into a body, no faster than they are read."""
    drained = asyncio.Event()
    body.on_drained = drained.set
    try:
        while True:
            async with asyncio.timeout(between_bytes):
                chunk = await got.content.read(_CHUNK)
            if not chunk:
                break
            body.feed(chunk)
            while not body.wants_more and not body.cancelled:
                drained.clear()
                await drained.wait()
    except Exception as error:
        got.close()
        body.fail(_http_error(error))
    except asyncio.CancelledError:
        got.close()
        body.fail(HttpError("connection-terminated"))
        raise
    else:
        body.finish()


def _outgoing(body: Body) -> bytes | AsyncIterator[bytes] | None:
    if body.at_end and body.error is None:
        return None
    if body.ended and body.size is not None and body.buffered == body.size:
        return body.read_nowait()
    return _chunks(body)


async def _chunks(body: Body) -> AsyncIterator[bytes]:
    try:
        # aiohttp holds the head back for the first chunk, which may wait for the response.
        if not body.buffered:
            yield b""
        while chunk := await body.read():
            yield chunk
    finally:
        body.cancel()


def _http_error(error: Exception) -> HttpError:
    """The `error-code` Spin gives for a failure of the network."""
    import aiohttp

    if isinstance(error, HttpError):
        return error
    if isinstance(error, aiohttp.ClientConnectorError) and error.errno == errno.EACCES:
        return HttpError("destination-IP-prohibited")
    kinds: tuple[tuple[type[Exception], str, Any], ...] = (
        (aiohttp.ConnectionTimeoutError, "connection-timeout", None),
        (TimeoutError, "connection-read-timeout", None),
        (aiohttp.ClientConnectorDNSError, "DNS-error", ("address not available", 0)),
        (aiohttp.ClientSSLError, "TLS-protocol-error", None),
        (aiohttp.ClientConnectorError, "connection-refused", None),
        (aiohttp.InvalidURL, "HTTP-request-URI-invalid", None),
        (aiohttp.ClientError, "HTTP-protocol-error", None),
        (OSError, "connection-terminated", None),
    )
    for kind, case, payload in kinds:
        if isinstance(error, kind):
            return HttpError(case, payload)
    return internal_error(f"{type(error).__name__}: {error}")
