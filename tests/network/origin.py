"""A server that answers guests' requests, and notes them."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Self

Answer = Callable[[bytes], bytes]
"""The bytes of a response for those of a request."""


class Origin:
    """A server of scripted answers on a thread of its own, which notes what it is asked."""

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None = None) -> None:
        self._answer = answer
        self._tls = tls
        self.heads: list[bytes] = []
        self.connections = 0
        self.most = 0
        """Requests that were not answered yet at once."""
        self._asked = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        serving = asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self._server = asyncio.run_coroutine_threadsafe(serving, self._loop).result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_exc: object) -> None:
        async def end() -> None:
            self._server.close()
            for writer in tuple(self._writers):
                writer.transport.abort()
            while self._writers:  # noqa: ASYNC110  # nothing tells of it
                await asyncio.sleep(0)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def wait_left(self) -> None:
        """Return when nobody is connected any more."""
        for _ in range(3000):
            if not self._writers:
                return
            time.sleep(0.01)
        raise AssertionError("somebody is still connected")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.heads.append(head)
                length = _content_length(head)
                body = await reader.readexactly(length) if length else b""
                if b"transfer-encoding: chunked" in head:
                    body = await reader.readuntil(b"\r\n\r\n")
                self._asked += 1
                self.most = max(self.most, self._asked)
                await asyncio.sleep(0.01)  # others may ask meanwhile
                self._asked -= 1
                writer.write(self._answer(head + body))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            with suppress(Exception):
                await writer.wait_closed()
            self._writers.discard(writer)


def _content_length(head: bytes) -> int:
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return int(lengths[0].partition(b":")[2]) if lengths else 0


def ok(body: bytes = b"hello", *fields: bytes) -> bytes:
    lines = [b"HTTP/1.1 200 OK", b"content-length: %d" % len(body), *fields]
    return b"\r\n".join([*lines, b"", body])
