"""Telemetry on its way to a collector, over HTTP: at once, or some at a time."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from spindle.factors.otel.settings import Target

if TYPE_CHECKING:
    import aiohttp

T = TypeVar("T")

MOST_WAITING = 2048
"""Spans or records that wait; further ones are dropped."""
BATCH = 512
DELAY = 1.0
"""Seconds a span or record waits for others to go with it."""


class ExportError(Exception):
    """A collector didn't take what it was sent."""


class Exporter:
    """A connection to where telemetry of one kind goes."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._session: aiohttp.ClientSession | None = None

    async def send(self, message: bytes) -> None:
        """Send one message; raises `ExportError`."""
        import aiohttp  # only here: it takes long to import

        target = self._target
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=target.timeout)
            self._session = aiohttp.ClientSession(timeout=timeout)
        headers = {"content-type": "application/x-protobuf", **target.headers}
        if target.gzip:
            message, headers["content-encoding"] = gzip.compress(message), "gzip"
        try:
            async with self._session.post(target.url, data=message, headers=headers) as response:
                if response.status >= 300:
                    raise ExportError(f"`{target.url}` answered {response.status}")
        except TimeoutError:
            raise ExportError(f"`{target.url}` does not answer") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise ExportError(f"`{target.url}` can't be reached: {error}") from None

    async def close(self) -> None:
        """Close the connections that are kept."""
        if self._session is not None:
            await self._session.close()


class Batches(Generic[T]):
    """Things that are exported in batches, which `encode` makes messages of.

    What can't be delivered is lost; `on_trouble` is told why.
    """

    def __init__(
        self,
        exporter: Exporter,
        encode: Callable[[list[T]], bytes],
        on_trouble: Callable[[str], None],
    ) -> None:
        self._exporter = exporter
        self._encode = encode
        self._on_trouble = on_trouble
        self._waiting: list[T] = []
        self._sending: asyncio.Task[None] | None = None

    def add(self, thing: T) -> None:
        """Export it soon."""
        if len(self._waiting) >= MOST_WAITING:
            self._on_trouble(f"more than {MOST_WAITING} wait to be sent; further ones are lost")
            return
        self._waiting.append(thing)
        if self._sending is None:
            self._sending = asyncio.get_running_loop().create_task(self._send_later())

    async def flush(self) -> None:
        """Send what waits, now."""
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.wait([self._sending])
        await self._send_all()

    async def _send_later(self) -> None:
        try:
            await asyncio.sleep(DELAY)
            await self._send_all()
        finally:
            self._sending = None

    async def _send_all(self) -> None:
        while self._waiting:
            batch = self._waiting[:BATCH]
            del self._waiting[:BATCH]
            try:
                await self._exporter.send(self._encode(batch))
            except ExportError as error:
                self._on_trouble(str(error))
