"""The control endpoint: JSON-RPC 2.0 over a socket that only its owner can use.

A connection's first message must be `initialize` with the run file's token; whatever else comes
first closes it. Then each request is answered in turn. What the methods are is the host's affair.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import os
import secrets
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, cast

from spindle import __version__
from spindle.client.framing import BODY_LIMIT, Decoder, FramingError, encode_message
from spindle.client.run_file import PROTOCOL, RunFile, private_directory, run_directory
from spindle.client.run_file import write_run_file as announce
from spindle.errors import SpindleError

Params = Mapping[str, Any]
Method = Callable[[Params], object]
"""Takes the named parameters, returns what JSON can say or an awaitable of it.

Raises `BadParams` for wrong parameters, `SpindleError` for what a person should be told.
"""
Answer = dict[str, object]

INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
REFUSED = -32000
"""What was asked can't be done, and the message says why; `data.hints` what to do.

`data.exit_code` is what a command ends with for it.
"""

_LONGEST_SOCKET_PATH = 100
"""Bytes; the operating systems' limits are 104 and 108."""
_STRANGERS_LIMIT = 4096
"""Bytes of a message from someone who has not shown the token."""
_HANG_UP_SECONDS = 1.0
"""How long a front end that doesn't read holds up the end of a host."""


class BadParams(ValueError):
    """A call's parameters are not what its method takes."""


class ControlEndpoint:
    """Answers front ends, and announces itself by a run file."""

    def __init__(self, methods: Mapping[str, Method], directory: Path | None = None) -> None:
        self.methods = methods
        self.peers: set[Peer] = set()
        self.on_empty: Callable[[], None] | None = None
        """Called when the last peer is gone."""
        self._directory = directory
        self._token = secrets.token_urlsafe(32)
        self._server: asyncio.Server | None = None
        self._files: list[Path] = []

    async def start(self, manifest: Path, base_url: str) -> RunFile:
        """Begin to answer, and be found; raises `OSError` where that can't be."""
        directory = private_directory(self._directory or run_directory())
        endpoint = await self._listen(directory)
        run_file = RunFile(os.getpid(), __version__, str(manifest), base_url, endpoint, self._token)
        self._files.append(announce(run_file, directory))
        return run_file

    async def close(self) -> None:
        """Be found no more, and hang up."""
        for path in reversed(self._files):
            path.unlink(missing_ok=True)
        if self._server is not None:
            self._server.close()
        if self.peers:
            gone = asyncio.Event()
            self.on_empty = gone.set
            for peer in self.peers:
                peer.hang_up()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(gone.wait(), _HANG_UP_SECONDS)

    def knows(self, token: object) -> bool:
        """Whether a token is the run file's; takes as long for every wrong one."""
        return isinstance(token, str) and hmac.compare_digest(
            token.encode("utf-8", "replace"), self._token.encode()
        )

    async def _listen(self, directory: Path) -> str:
        loop = asyncio.get_running_loop()
        path = directory / f"{os.getpid()}.sock"
        if sys.platform == "win32" or len(os.fsencode(path)) > _LONGEST_SOCKET_PATH:
            self._server = await loop.create_server(lambda: Peer(self), "127.0.0.1", 0)
            host, port = self._server.sockets[0].getsockname()[:2]
            return f"tcp:{host}:{port}"
        path.unlink(missing_ok=True)
        self._server = await loop.create_unix_server(lambda: Peer(self), path)
        self._files.append(path)
        path.chmod(0o600)
        return f"unix:{path}"


class Peer(asyncio.Protocol):
    """One front end's connection."""

    def __init__(self, endpoint: ControlEndpoint) -> None:
        self._endpoint = endpoint
        self._decoder = Decoder(_STRANGERS_LIMIT)
        self._known = False
        self._transport: asyncio.Transport | None = None
        self._under_way: set[asyncio.Future[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are not of that class
        self._endpoint.peers.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        for answering in self._under_way:
            answering.cancel()
        peers = self._endpoint.peers
        peers.discard(self)
        if not peers and self._endpoint.on_empty is not None:
            self._endpoint.on_empty()

    def data_received(self, data: bytes) -> None:
        try:
            for message in self._decoder.feed(data):
                self._take(message)
        except FramingError:
            self.hang_up()

    def hang_up(self) -> None:
        """Close the connection once what was answered is written."""
        assert self._transport is not None, "the connection is made"
        self._transport.close()

    def _take(self, message: object) -> None:
        assert self._transport is not None, "the connection is made"
        if self._transport.is_closing():
            return
        self._known = self._known or self._is_introduction(message)
        if not self._known:
            self.hang_up()
            return
        self._decoder.limit = BODY_LIMIT
        answer = answer_to(message, self._endpoint.methods)
        if isinstance(answer, Awaitable):
            later = asyncio.ensure_future(self._write_later(answer))
            self._under_way.add(later)
            later.add_done_callback(self._under_way.discard)
        elif answer is not None:
            self._transport.write(encode_message(answer))

    async def _write_later(self, coming: Awaitable[Answer | None]) -> None:
        answer = await coming
        assert self._transport is not None, "the connection is made"
        if answer is not None and not self._transport.is_closing():
            self._transport.write(encode_message(answer))

    def _is_introduction(self, message: object) -> bool:
        """Whether a first message says who may speak here."""
        if not isinstance(message, dict) or message.get("method") != "initialize":
            return False
        params = message.get("params")
        return isinstance(params, dict) and self._endpoint.knows(params.get("token"))


def answer_to(
    message: object, methods: Mapping[str, Method]
) -> Answer | Awaitable[Answer | None] | None:
    """The answer to a message, or an awaitable of it; None to a notification."""
    if not isinstance(message, dict) or not isinstance(message.get("method"), str):
        return _failure(None, INVALID_REQUEST, "the message is no request")
    id_, name, params = message.get("id"), message["method"], message.get("params", {})
    answer: Answer | Awaitable[Answer]
    if not isinstance(params, dict):
        answer = _failure(id_, INVALID_PARAMS, "parameters are passed by name")
    elif name == "initialize":
        answer = _introduced(id_, params)
    elif (method := methods.get(name)) is None:
        answer = _failure(id_, METHOD_NOT_FOUND, f"there is no method `{name}`")
    else:
        answer = _called(id_, method, params)
    if "id" in message:
        return answer
    return _unheard(answer) if isinstance(answer, Awaitable) else None


def _introduced(id_: object, params: Params) -> Answer:
    if params.get("protocol") != PROTOCOL:
        return _failure(id_, INVALID_PARAMS, f"this host speaks protocol {PROTOCOL}")
    return _success(id_, {"protocol": PROTOCOL, "version": __version__})


def _called(id_: object, method: Method, params: Params) -> Answer | Awaitable[Answer]:
    try:
        result = method(params)
    except Exception as error:
        return _failed(id_, error)
    return _awaited(id_, result) if isinstance(result, Awaitable) else _success(id_, result)


async def _awaited(id_: object, result: Awaitable[object]) -> Answer:
    try:
        return _success(id_, await result)
    except Exception as error:
        return _failed(id_, error)


async def _unheard(answer: Awaitable[Answer]) -> None:
    await answer


def _failed(id_: object, error: Exception) -> Answer:
    match error:
        case BadParams():
            return _failure(id_, INVALID_PARAMS, str(error))
        case SpindleError():
            more = {"hints": list(error.hints), "exit_code": int(error.exit_code)}
            return _failure(id_, REFUSED, error.message, more)
    return _failure(id_, INTERNAL_ERROR, f"{type(error).__name__}: {error}")


def _success(id_: object, result: object) -> Answer:
    return {"jsonrpc": "2.0", "id": id_, "result": result}


def _failure(id_: object, number: int, message: str, data: object = None) -> Answer:
    error: Answer = {"code": number, "message": message}
    if data is not None:
        error["data"] = data
    return {"jsonrpc": "2.0", "id": id_, "error": error}
