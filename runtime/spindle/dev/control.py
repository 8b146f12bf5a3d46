"""The control endpoint: JSON-RPC 2.0 over a socket that only its owner can use.

A connection's first message must be `initialize` with the run file's token; whatever else comes
first closes it. Then each request is answered in turn. What the methods are is the host's affair.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import secrets
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from spindle.client.framing import Decoder, FramingError, encode_message
from spindle.client.run_file import PROTOCOL, RunFile, private_directory, run_directory
from spindle.client.run_file import write_run_file as announce

Params = Mapping[str, Any]
Method = Callable[[Params], object]
"""Takes the named parameters, returns what JSON can say; raises `BadParams` for wrong ones."""

INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603

_LONGEST_SOCKET_PATH = 100
"""Bytes; the operating systems' limits are 104 and 108."""


class BadParams(ValueError):
    """A call's parameters are not what its method takes."""


class ControlEndpoint:
    """Answers front ends, and announces itself by a run file."""

    def __init__(self, methods: Mapping[str, Method], directory: Path | None = None) -> None:
        self._methods = methods
        self._directory = directory
        self._token = secrets.token_urlsafe(32)
        self._server: asyncio.Server | None = None
        self._peers: set[asyncio.StreamWriter] = set()
        self._files: list[Path] = []

    async def start(self, manifest: Path, base_url: str) -> RunFile:
        """Begin to answer, and be found; raises `OSError` where that can't be."""
        directory = private_directory(self._directory or run_directory())
        endpoint = await self._listen(directory)
        run_file = RunFile(
            os.getpid(), version("spindle"), str(manifest), base_url, endpoint, self._token
        )
        self._files.append(announce(run_file, directory))
        return run_file

    async def close(self) -> None:
        """Be found no more, and hang up."""
        for path in reversed(self._files):
            path.unlink(missing_ok=True)
        if self._server is not None:
            self._server.close()
        for peer in list(self._peers):
            peer.close()

    async def _listen(self, directory: Path) -> str:
        path = directory / f"{os.getpid()}.sock"
        if sys.platform == "win32" or len(os.fsencode(path)) > _LONGEST_SOCKET_PATH:
            self._server = await asyncio.start_server(self._serve_peer, "127.0.0.1", 0)
            host, port = self._server.sockets[0].getsockname()[:2]
            return f"tcp:{host}:{port}"
        path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve_peer, path)
        self._files.append(path)
        path.chmod(0o600)
        return f"unix:{path}"

    async def _serve_peer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._peers.add(writer)
        try:
            await self._answer_all(reader, writer)
        except (OSError, FramingError):
            pass  # a peer that is gone, or speaks something else, is not talked to
        finally:
            self._peers.discard(writer)
            writer.close()

    async def _answer_all(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        decoder = Decoder()
        known = False
        while data := await reader.read(65536):
            for message in decoder.feed(data):
                if not known:
                    known = self._is_introduction(message)
                    if not known:
                        return
                answer = self._answer(message)
                if answer is not None:
                    writer.write(encode_message(answer))
                    await writer.drain()

    def _is_introduction(self, message: object) -> bool:
        """Whether a first message says who may speak here; compared in constant time."""
        if not isinstance(message, dict) or message.get("method") != "initialize":
            return False
        params = message.get("params")
        token = params.get("token") if isinstance(params, dict) else None
        return isinstance(token, str) and hmac.compare_digest(
            token.encode("utf-8", "replace"), self._token.encode()
        )

    def _answer(self, message: object) -> dict[str, object] | None:
        """The answer to a message; None to a notification."""
        if not isinstance(message, dict) or not isinstance(message.get("method"), str):
            return _failure(None, INVALID_REQUEST, "the message is no request")
        id_, method, params = message.get("id"), message["method"], message.get("params", {})
        if not isinstance(params, dict):
            answer = _failure(id_, INVALID_PARAMS, "parameters are passed by name")
        elif method == "initialize":
            answer = _introduced(id_, params)
        elif (function := self._methods.get(method)) is None:
            answer = _failure(id_, METHOD_NOT_FOUND, f"there is no method `{method}`")
        else:
            answer = _called(id_, function, params)
        return answer if "id" in message else None


def _introduced(id_: object, params: Params) -> dict[str, object]:
    if params.get("protocol") != PROTOCOL:
        return _failure(id_, INVALID_PARAMS, f"this host speaks protocol {PROTOCOL}")
    return _success(id_, {"protocol": PROTOCOL, "version": version("spindle")})


def _called(id_: object, method: Method, params: Params) -> dict[str, object]:
    try:
        return _success(id_, method(params))
    except BadParams as error:
        return _failure(id_, INVALID_PARAMS, str(error))
    except Exception as error:
        return _failure(id_, INTERNAL_ERROR, f"{type(error).__name__}: {error}")


def _success(id_: object, result: object) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": id_, "result": result}


def _failure(id_: object, number: int, message: str) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": id_, "error": {"code": number, "message": message}}
