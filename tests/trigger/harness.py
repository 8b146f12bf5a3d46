"""A server on a loop in a thread of its own, and a client that sees every byte."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvloop

from spindle.messages import Request
from spindle.trigger.http.handler import Handler, Reply
from spindle.trigger.http.listener import bind
from spindle.trigger.http.server import HttpServer
from spindle.trigger.http.site import Limits

TIMEOUT = 60.0
QUIET = 0.15
"""Seconds without a byte after which a client that got its answer stops waiting for a close."""


class Calling:
    """A handler made of one function."""

    def __init__(self, function: Callable[[Request, Reply], None]) -> None:
        self.handle = function


@dataclass
class Running:
    """A running server, as a test sees it."""

    server: HttpServer
    loop: asyncio.AbstractEventLoop
    port: int
    errors: list[BaseException]

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT)

    def call(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(TIMEOUT)

    def soon(self, function: Callable[..., object], *arguments: object) -> None:
        self.loop.call_soon_threadsafe(function, *arguments)

    def exchange(self, *sends: bytes, half_close: bool = False) -> Conversation:
        """Send, on a connection of its own, and read whatever comes back."""
        return converse(self.port, list(sends), half_close=half_close)


@contextmanager
def serving(
    handler: Handler | Callable[[Request, Reply], None],
    limits: Limits | None = None,
    **options: Any,
) -> Iterator[Running]:
    """Serve on a free port while the block runs."""
    loop = uvloop.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    errors: list[BaseException] = []
    listener = bind("127.0.0.1", 0)
    server = HttpServer(
        Calling(handler) if not hasattr(handler, "handle") else handler,
        listener,
        limits=limits,
        on_error=lambda _, error: errors.append(error),
        **options,
    )
    running = Running(server, loop, listener.getsockname()[1], errors)
    try:
        running.call(server.start())
        yield running
    finally:
        running.soon(server.abort)
        running.call(server.drain())
        running.soon(loop.stop)
        thread.join(TIMEOUT)
        loop.close()


@dataclass
class Received:
    """One response as it came."""

    status_line: str
    headers: list[tuple[str, str]]
    body: bytes = b""
    complete: bool | None = False
    """True when its framed end was seen, None when the connection's end is its end."""
    trailers: list[tuple[str, str]] = field(default_factory=list)

    @property
    def status(self) -> int:
        return int(self.status_line.split()[1])

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Conversation:
    """What a client saw on one connection."""

    responses: list[Received]
    closed: bool
    """Whether the server closed first."""


def converse(port: int, sends: list[bytes | float], *, half_close: bool = False) -> Conversation:
    """Play sends (bytes, or seconds to pause) on one new connection; a record of the answers."""
    got = bytearray()
    closed = False
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT) as client:
        for send in sends:
            if isinstance(send, float):
                time.sleep(send)
                continue
            try:
                client.sendall(send)
            except OSError:
                closed = True
                break
        if half_close:
            client.shutdown(socket.SHUT_WR)
        methods = [m.decode() for m in re.findall(rb"(?m)^(\S+) \S+ HTTP/1", _joined(sends))]
        deadline = time.monotonic() + TIMEOUT
        while not closed and time.monotonic() < deadline:
            done = len(parse_responses(bytes(got), methods, closed=False)) >= len(methods)
            client.settimeout(QUIET if done else 2.0)
            try:
                data = client.recv(1 << 20)
            except TimeoutError:
                break
            except ConnectionError:
                data = b""
            closed = not data
            got += data
    return Conversation(parse_responses(bytes(got), methods, closed=closed), closed)


def _joined(sends: list[bytes | float]) -> bytes:
    return b"".join(send for send in sends if isinstance(send, bytes))


def parse_responses(data: bytes, methods: list[str], *, closed: bool) -> list[Received]:
    """The whole responses in what a server sent, and the last one cut if it is not complete."""
    responses: list[Received] = []
    asked = iter(methods)
    while b"\r\n\r\n" in data:
        head, _, data = data.partition(b"\r\n\r\n")
        status_line, *lines = head.decode("latin-1").split("\r\n")
        headers = [_field(line) for line in lines]
        response = Received(status_line, headers)
        responses.append(response)
        if response.status < 200:
            response.complete = True
            continue
        data = _read_body(response, data, next(asked, "GET"), closed=closed)
    return responses if closed else [r for r in responses if r.complete]


def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(": ")
    return name, value


def _read_body(response: Received, data: bytes, method: str, *, closed: bool) -> bytes:
    fields = dict(response.headers)
    if method == "HEAD" or response.status in (204, 304):
        response.complete = True
        return data
    if "content-length" in fields:
        size = int(fields["content-length"])
        response.body, rest = data[:size], data[size:]
        response.complete = len(response.body) == size
        return rest
    if fields.get("transfer-encoding") == "chunked":
        return _read_chunks(response, data)
    response.body = data
    response.complete = None if closed else False
    return b""


def _read_chunks(response: Received, data: bytes) -> bytes:
    while b"\r\n" in data:
        line, _, rest = data.partition(b"\r\n")
        size = int(line, 16)
        if size == 0:
            lines, end, rest = (b"\r\n" + rest).partition(b"\r\n\r\n")
            response.complete = bool(end)
            response.trailers = [_field(t.decode()) for t in lines.split(b"\r\n") if t]
            return rest
        if len(rest) < size + 2:
            response.body += rest[:size]
            return b""
        response.body += rest[:size]
        data = rest[size + 2 :]
    return b""
