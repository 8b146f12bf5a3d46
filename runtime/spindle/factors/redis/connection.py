"""One connection to a Redis server, over which any number of commands are on their way at once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from spindle.factors.redis.errors import ConnectionLost, ServerError
from spindle.factors.redis.resp import ErrorReply, Parser, ProtocolError, Push, Reply, encoded

OnPush = Callable[[list[Reply]], None]


class RedisConnection(asyncio.Protocol):
    """Replies come in the order of the commands; who gave up waiting leaves its place to them.

    What the server sends unasked, such as the messages of a subscription, goes to `on_push`.
    """

    def __init__(self, label: str) -> None:
        self.label = label
        """What it is called in records."""
        self.on_push: OnPush | None = None
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when there is no connection any more."""
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._parser = Parser()
        self._waiting: deque[asyncio.Future[Reply]] = deque()
        self._why = ""
        self._writable = asyncio.Event()
        self._writable.set()

    @property
    def open(self) -> bool:
        """Whether commands can be sent."""
        return self._transport is not None

    @property
    def busy(self) -> bool:
        """Whether a reply is still to come."""
        return bool(self._waiting)

    @property
    def why(self) -> str:
        """Why there is no connection any more."""
        return self._why

    async def call(self, *parts: bytes) -> Reply:
        """The server's reply to a command; raises `ServerError` and `ConnectionLost`."""
        if not self._writable.is_set():
            await self._writable.wait()
        reply = await self.send(*parts)
        if type(reply) is ErrorReply:
            raise ServerError(reply)
        return reply

    def send(self, *parts: bytes) -> asyncio.Future[Reply]:
        """Send a command at once; what becomes of it is an `ErrorReply` or any other reply."""
        if self._transport is None:
            raise self._loss()
        place: asyncio.Future[Reply] = self._loop.create_future()
        self._waiting.append(place)
        self._transport.write(encoded(parts))
        return place

    def tell(self, *parts: bytes) -> None:
        """Send a command whose answer, if there is one, is for `on_push`."""
        if self._transport is not None:
            self._transport.write(encoded(parts))

    def pause_reading(self) -> None:
        """Take in nothing more for now."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Go on taking in what comes."""
        if self._transport is not None:
            self._transport.resume_reading()

    def close(self, why: str = "the connection is closed") -> None:
        """Close it; who still waits for a reply is told why."""
        if self._transport is not None and not self._loop.is_closed():
            self._transport.abort()
            self._end(why)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """There is a connection."""
        self._transport = transport  # type: ignore[assignment]  # that of a stream

    def data_received(self, data: bytes) -> None:
        """Give replies to those who wait."""
        try:
            replies = self._parser.feed(data)
        except ProtocolError as error:
            self.close(f"what the server sends can't be read: {error}")
            return
        for reply in replies:
            if type(reply) is Push or not self._waiting:
                self._unasked(reply)
                continue
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(reply)

    def pause_writing(self) -> None:
        """The server takes in less than it is sent."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """It has caught up."""
        self._writable.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """The server closed it, or it broke."""
        if self._transport is not None:
            self._end("the server closed the connection" if exc is None else str(exc))

    def _unasked(self, reply: Reply) -> None:
        if type(reply) is ErrorReply:  # why it will close the connection
            self._why = reply
        elif self.on_push is not None:
            self.on_push(reply)

    def _loss(self) -> ConnectionLost:
        return ConnectionLost(self._why)

    def _end(self, why: str) -> None:
        self._why = self._why or why
        self._transport = None
        self._writable.set()
        waiting, self._waiting = self._waiting, deque()
        for place in waiting:
            if not place.done():
                place.set_exception(self._loss())
        if not self.lost.done():
            self.lost.set_result(None)
