"""A session over this process's standard input and output, or over a socket."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections import deque

from spindle.errors import ExitCode
from spindle_lsp.session import Session
from spindle_lsp.starting import keep_what_there_is
from spindle_lsp.wiring import make_server

CHUNK = 1 << 16


class StdoutWriter:
    """Standard output, of which nobody else may make use: what others print goes to stderr."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._file = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)

    def write(self, data: bytes, /) -> None:
        """Send it now."""
        self._file.write(data)
        self._file.flush()

    def close(self) -> None:
        """Send no more."""
        self._file.close()


async def serve_stdio() -> ExitCode:
    """Serve the client that started this process."""
    session = Session(make_server(), StdoutWriter())
    loop = asyncio.get_running_loop()
    # A thread, because not every system can wait for standard input otherwise; it may be blocked
    # there when the process ends.
    inbox: deque[bytes] = deque()

    def drain() -> None:
        if waiting := b"".join(inbox.popleft() for _ in range(len(inbox))):
            session.feed(waiting)

    def read() -> None:
        while data := os.read(0, CHUNK):
            inbox.append(data)
            loop.call_soon_threadsafe(drain)
        loop.call_soon_threadsafe(session.end)

    threading.Thread(target=read, daemon=True).start()
    keep_what_there_is()
    try:
        return await session.ended
    except BrokenPipeError:
        return ExitCode.FAILED


async def serve_tcp(host: str, port: int) -> ExitCode:
    """Serve one client that connects."""
    first: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]]
    first = asyncio.get_running_loop().create_future()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if first.done():
            writer.close()
        else:
            first.set_result((reader, writer))

    listener = await asyncio.start_server(connected, host, port)
    address = listener.sockets[0].getsockname()
    sys.stderr.write(f"listening at {address[0]}:{address[1]}\n")
    sys.stderr.flush()
    reader, writer = await first
    listener.close()
    return await _serve(reader, writer)


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> ExitCode:
    session = Session(make_server(), writer)
    keep_what_there_is()
    reading = asyncio.create_task(_read(session, reader))
    code = await session.ended
    reading.cancel()
    writer.close()
    return code


async def _read(session: Session, reader: asyncio.StreamReader) -> None:
    try:
        while data := await reader.read(CHUNK):
            session.feed(data)
    except ConnectionError:
        pass
    session.end()
