"""Responses whose bodies are read as they come, over the host's own socket."""

from __future__ import annotations

import asyncio
import http.client
import ssl
from collections.abc import AsyncIterator, Iterable, Iterator
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from spindle.door.result import Headers
from spindle.errors import HostError, UserError

CHUNK = 64 * 1024
"""Bytes read at once, at most."""


class StreamFailed(HostError):
    """A response breaks off, or none comes."""

    code = "stream-failed"


class Streamed:
    """A response that is still coming: iterate over its chunks, or `async for` over them."""

    def __init__(
        self,
        url: str | None,
        method: str,
        path: str,
        headers: Iterable[tuple[str, str]],
        body: str | bytes | None,
    ) -> None:
        if url is None:
            raise UserError("the application has no HTTP triggers, so nothing can be streamed")
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.netloc)
        if parts.scheme == "https":  # to this machine, with whatever certificate it was given
            context = ssl._create_unverified_context()
            self._connection = http.client.HTTPSConnection(parts.netloc, context=context)
        data = body.encode() if isinstance(body, str) else body
        try:
            self._connection.request(method, path, data, dict(headers))
            self._response = self._connection.getresponse()
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._connection.close()
            raise StreamFailed(f"`{method} {path}` is not answered: {error}") from None
        self.status = self._response.status
        self.headers = Headers([list(field) for field in self._response.getheaders()])

    @property
    def id(self) -> str | None:
        """The id of the exchange, once that is kept."""
        return self.headers.get("spindle-exchange")

    def read(self) -> bytes:
        """The next bytes, as soon as there are some; none at the end."""
        try:
            return self._response.read1(CHUNK)
        except (OSError, http.client.HTTPException) as error:
            raise StreamFailed(f"the response breaks off: {error!r}") from None

    def close(self) -> None:
        """Read no more: the guest is told that its client went away."""
        self._response.close()
        self._connection.close()

    def __iter__(self) -> Iterator[bytes]:
        with self:
            while chunk := self.read():
                yield chunk

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with self:
            while chunk := await asyncio.to_thread(self.read):
                yield chunk

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
