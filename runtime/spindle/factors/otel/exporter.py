"""Telemetry on its way to a collector, over HTTP: at once, or some at a time."""

from __future__ import annotations

import asyncio
import gzip
import io
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from spindle.factors.otel.settings import Target

if TYPE_CHECKING:
    import aiohttp


class Sized(Protocol):
    """A message of protobuf's."""

    def ByteSize(self) -> int:
        """Its bytes when encoded."""


M = TypeVar("M", bound=Sized)

MOST_WAITING = 2048
"""Spans or records that wait; further ones are lost."""
MOST_BYTES = 16 << 20
"""Bytes of them."""
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
            body = io.BytesIO(message)  # sent piece by piece
            async with self._session.post(target.url, data=body, headers=headers) as response:
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


class Batches(Generic[M]):
    """Messages that are exported together, which `encode` makes one of.

    What can't be delivered is lost; `on_trouble` is told why.
    """

    def __init__(
        self,
        exporter: Exporter,
        encode: Callable[[list[M]], bytes],
        on_trouble: Callable[[str], None],
    ) -> None:
        self._exporter = exporter
        self._encode = encode
        self._on_trouble = on_trouble
        self._waiting: list[M] = []
        self._size = 0
        """Bytes of what waits."""
        self._now = asyncio.Event()
        """There is no time to wait for more."""
        self._sending: asyncio.Task[None] | None = None

    def add(self, message: M) -> None:
        """Export it soon."""
        size = message.ByteSize()
        if len(self._waiting) >= MOST_WAITING or self._size + size > MOST_BYTES:
            self._on_trouble("more waits to be sent than there is room for")
            return
        self._waiting.append(message)
        self._size += size
        if self._sending is None:
            self._sending = asyncio.get_running_loop().create_task(self._send_soon())

    async def flush(self) -> None:
        """Send what waits, now."""
        self._now.set()
        if self._sending is not None:
            await self._sending

    async def _send_soon(self) -> None:
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(DELAY):
                    await self._now.wait()
            while self._waiting:
                await self._send_some()
        finally:
            self._sending = None

    async def _send_some(self) -> None:
        batch = self._waiting[:BATCH]
        try:
            await self._exporter.send(self._encode(batch))
        except ExportError as error:
            self._on_trouble(str(error))
        finally:
            del self._waiting[: len(batch)]
            self._size -= sum(message.ByteSize() for message in batch)
