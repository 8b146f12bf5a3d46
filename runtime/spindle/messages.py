"""HTTP messages with streamed bodies: what triggers, factors and the replay all speak.

A message is data plus one `Body`. Nothing here knows sockets, an event loop's transports or
WebAssembly: each side attaches callbacks, so that the common case (a body that is already whole)
costs no task and no future.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

Headers = list[tuple[bytes, bytes]]
"""Header fields in wire order; names as received, compared case-insensitively."""

HIGH_WATER = 256 * 1024
"""Bytes a body buffers before `Body.wants_more` turns false."""


class Watcher(Protocol):
    """Looks on while a body goes by; what it sees, it must not change."""

    def chunk(self, data: bytes) -> None:
        """Bytes were fed."""

    def end(self) -> None:
        """Nothing more will come, or nobody wants it any more; called once."""


class BodyError(Exception):
    """The other side of a body went away before its end."""


class BodyTooLarge(BodyError):
    """A body has more bytes than whoever reads it takes."""


class Body:
    """A stream of bytes between one producer and one consumer, with backpressure and trailers.

    The producer calls `feed`, then `finish` or `fail`; it pauses while `wants_more` is false and
    goes on when `on_drained` is called. The consumer takes chunks with `read_nowait` or `read`,
    and may `cancel`, after which everything fed is dropped and `on_cancelled` has been called.
    """

    __slots__ = (
        "_buffered",
        "_chunks",
        "_taken",
        "_watchers",
        "cancelled",
        "ended",
        "error",
        "on_cancelled",
        "on_drained",
        "on_readable",
        "size",
        "trailers",
    )

    def __init__(self, size: int | None = None) -> None:
        self._chunks: deque[bytes] = deque()
        self._taken = 0  # how much of the first chunk was read already
        self._buffered = 0
        self._watchers: tuple[Watcher, ...] = ()
        self.size = size
        """The exact length when it is known before the first byte, else None.

        It decides how a message is framed: `content-length` or chunks.
        """
        self.ended = False
        """The producer has said everything; chunks may still be buffered."""
        self.error: BaseException | None = None
        """Why the body was cut short, once it was."""
        self.trailers: Headers | None = None
        """Trailer fields, valid once `ended`."""
        self.cancelled = False
        self.on_readable: Callable[[], None] | None = None
        """Called after each `feed`, `finish` and `fail`."""
        self.on_drained: Callable[[], None] | None = None
        """Called when a read brings the buffer back under `HIGH_WATER`."""
        self.on_cancelled: Callable[[], None] | None = None

    @classmethod
    def of(cls, data: bytes, trailers: Headers | None = None) -> Body:
        """A body that is already whole."""
        body = cls(len(data))
        if data:
            body._chunks.append(data)
            body._buffered = len(data)
        body.ended = True
        body.trailers = trailers
        return body

    # The producer's side.

    @property
    def wants_more(self) -> bool:
        """Whether the producer should go on feeding."""
        return self._buffered < HIGH_WATER and not self.cancelled

    def feed(self, data: bytes) -> None:
        """Append bytes; empty data and data for a body that is cancelled or ended are dropped."""
        if self.cancelled or self.ended or not data:
            return
        self._chunks.append(data)
        self._buffered += len(data)
        for watcher in self._watchers:
            watcher.chunk(data)
        if self.on_readable is not None:
            self.on_readable()

    def finish(self, trailers: Headers | None = None) -> None:
        """Say that everything was fed."""
        if self.ended:
            return
        self.trailers = trailers
        self.ended = True
        self._tell_watchers()
        self._let_producer_go()
        if self.on_readable is not None:
            self.on_readable()

    def fail(self, error: BaseException) -> None:
        """Say that the rest will never come, and why."""
        if self.ended:
            return
        self.error = error
        self.ended = True
        self._tell_watchers()
        self._let_producer_go()
        if self.on_readable is not None:
            self.on_readable()

    def _let_producer_go(self) -> None:
        """Forget who will not be told anything more, lest it and the body keep each other alive."""
        self.on_cancelled = None
        if self._buffered < HIGH_WATER:
            self.on_drained = None

    # The consumer's side.

    @property
    def buffered(self) -> int:
        """Bytes that can be read without waiting."""
        return self._buffered

    @property
    def at_end(self) -> bool:
        """Whether nothing is buffered and nothing more will come."""
        return self.ended and not self._chunks

    def read_nowait(self, limit: int = -1) -> bytes | None:
        """Up to `limit` buffered bytes; `b""` at the end, None when nothing is there yet.

        Raises the body's error once its buffered bytes are read.
        """
        data = self.view_nowait(limit)
        return data.tobytes() if isinstance(data, memoryview) else data

    def view_nowait(self, limit: int) -> bytes | memoryview | None:
        """What `read_nowait` gives, but a part of a larger chunk as a view of that, uncopied."""
        if not self._chunks:
            if not self.ended:
                return None
            if self.error is not None:
                raise self.error
            return b""
        chunk: bytes | memoryview = self._chunks[0]
        start = self._taken
        if 0 <= limit < len(chunk) - start:
            self._taken = start + limit
            chunk = memoryview(chunk)[start : self._taken]
        else:
            self._chunks.popleft()
            if start:
                chunk = memoryview(chunk)[start:]
                self._taken = 0
        was_full = self._buffered >= HIGH_WATER
        self._buffered -= len(chunk)
        if was_full and self._buffered < HIGH_WATER and self.on_drained is not None:
            self.on_drained()
        return chunk

    async def read(self, limit: int = -1) -> bytes:
        """The next bytes, waiting for them; `b""` at the end."""
        while (chunk := self.read_nowait(limit)) is None:
            await self.wait_readable()
        return chunk

    async def read_all(self, limit: int | None = None) -> bytes:
        """The whole body; raises `BodyTooLarge` past `limit` bytes."""
        parts: list[bytes] = []
        size = 0
        while chunk := await self.read():
            size += len(chunk)
            if limit is not None and size > limit:
                raise BodyTooLarge(f"the body is larger than {limit} bytes")
            parts.append(chunk)
        return b"".join(parts)

    async def wait_readable(self) -> None:
        """Wait until there is something to read, the end or an error."""
        if self._chunks or self.ended:
            return
        ready = asyncio.get_running_loop().create_future()
        before = self.on_readable

        def wake() -> None:
            if not ready.done():
                ready.set_result(None)
            if before is not None:
                before()

        self.on_readable = wake
        try:
            await ready
        finally:
            self.on_readable = before

    def cancel(self) -> None:
        """Say that nobody reads any more; the producer is told once."""
        if self.cancelled:
            return
        self.cancelled = True
        self._chunks.clear()
        self._taken = self._buffered = 0
        if self.ended:
            return
        self._tell_watchers()
        on_cancelled = self.on_cancelled
        self._let_producer_go()
        if on_cancelled is not None:
            on_cancelled()

    # Others, who only look on.

    def watch(self, watcher: Watcher) -> None:
        """Show a watcher everything not read yet and all that comes."""
        for number, chunk in enumerate(self._chunks):
            watcher.chunk(chunk if number else chunk[self._taken :])
        if self.ended or self.cancelled:
            watcher.end()
        else:
            self._watchers = (*self._watchers, watcher)

    def _tell_watchers(self) -> None:
        watchers, self._watchers = self._watchers, ()
        for watcher in watchers:
            watcher.end()


class Asker(Protocol):
    """What a guest is at work on when it sends a request of its own."""

    interrupted: bool
    """Whether a person wants nothing more of it, nor of what it led to."""


@dataclass(slots=True, eq=False)
class Request:
    """One HTTP request as a handler sees it."""

    method: str
    scheme: str
    """`http` or `https`."""
    authority: str | None
    path_with_query: str
    headers: Headers = field(default_factory=list)
    body: Body = field(default_factory=lambda: Body.of(b""))
    client: tuple[str, int] = ("0.0.0.0", 0)  # what Spin says of chained requests
    http_version: str = "1.1"
    depth: int = 0
    """How many requests of guests to one another led to it; a client's is 0."""
    asked_by: Asker | None = None
    """What a guest sends it for; a client's has none."""


@dataclass(slots=True, eq=False)
class Response:
    """One HTTP response; its body may still be arriving."""

    status: int
    headers: Headers = field(default_factory=list)
    body: Body = field(default_factory=lambda: Body.of(b""))


def first(headers: Sequence[tuple[bytes, bytes]], name: bytes) -> bytes | None:
    """The first value of a header, by lower-case name."""
    for key, value in headers:
        if key.lower() == name:
            return value
    return None


def overloaded(why: str) -> Response:
    """The answer to a request that there is no room for."""
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"retry-after", b"1")]
    return Response(503, headers, Body.of(f"{why}\n".encode()))
