"""One client's messages: bytes in, calls of the server, answers out.

Whatever is waiting is read at once, so that a request whose cancellation is there already is not
begun, and many keystrokes cost one reading. A request always has an answer, whatever is wrong with
it and whenever it comes.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any, Protocol

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from spindle.client import Decoder, FramingError, encode_message
from spindle.errors import ExitCode
from spindle_lsp.server import Server

log = logging.getLogger(__name__)

Message = dict[str, Any]
INVALID_REQUEST = types.ErrorCodes.InvalidRequest
NOT_INITIALIZED = types.ErrorCodes.ServerNotInitialized
PARSE_ERROR = types.ErrorCodes.ParseError
CANCELLED = types.LSPErrorCodes.RequestCancelled


class Writer(Protocol):
    """Takes bytes for the client."""

    def write(self, data: bytes, /) -> None:
        """Send them, in order."""

    def close(self) -> Any:
        """Send no more."""


class Session:
    """A client that is connected, from its first message to `exit`."""

    def __init__(self, server: Server, writer: Writer) -> None:
        self.ended: asyncio.Future[ExitCode] = asyncio.get_running_loop().create_future()
        """With how the process is to end."""
        self._server = server
        self._writer = writer
        self._decoder = Decoder()
        self._initialized = False
        self._shut_down = False
        server.protocol.set_writer(writer)

    def feed(self, data: bytes) -> None:
        """Do what the messages that are complete with these bytes ask for; none ends the client."""
        messages = list(self._messages(data))
        cancelled = {_cancelled(m) for m in messages if m.get("method") == types.CANCEL_REQUEST} - {
            None
        }
        for message in messages:
            if message.get("id") in cancelled and "method" in message:
                self._refuse(message, CANCELLED, "the request was cancelled")
            elif message.get("method") != types.CANCEL_REQUEST:
                self._take(message)

    def end(self) -> None:
        """The client is gone."""
        self._finish()

    def _messages(self, data: bytes) -> Iterator[Message]:
        try:
            for body in self._decoder.bodies(data):
                yield from self._parsed(body)
        except FramingError as error:
            log.error("lost the thread of the client's messages: %s", error)
            self._decoder = Decoder()

    def _parsed(self, body: bytes) -> Iterator[Message]:
        try:
            message = json.loads(body)
        except (ValueError, RecursionError) as error:
            self._refuse({"id": None}, PARSE_ERROR, f"a message is no JSON: {error}")
            return
        if isinstance(message, dict) and _has_id(message):
            yield message
        else:
            self._refuse({"id": None}, INVALID_REQUEST, "a message is no request")

    def _take(self, message: Message) -> None:
        method = message.get("method")
        if method == types.EXIT:
            self._finish()
        elif self._shut_down and method is not None:
            self._refuse(message, INVALID_REQUEST, "the server is shutting down")
        elif self._initialized == (method == types.INITIALIZE) and method is not None:
            self._refuse_early(message)
        else:
            self._hand_over(message)
            self._initialized |= method == types.INITIALIZE
            self._shut_down |= method == types.SHUTDOWN

    def _refuse_early(self, message: Message) -> None:
        if self._initialized:
            self._refuse(message, INVALID_REQUEST, "the server is initialized already")
        else:
            self._refuse(message, NOT_INITIALIZED, "the first request is `initialize`")

    def _hand_over(self, message: Message) -> None:
        protocol = self._server.protocol
        try:
            protocol.handle_message(protocol.structure_message({"jsonrpc": "2.0", **message}))
        except JsonRpcException as error:
            self._refuse(message, error.code or INVALID_REQUEST, error.message or "it is invalid")
        except RecursionError:
            self._refuse(message, types.ErrorCodes.InvalidParams, "it is nested too deeply")

    def _refuse(self, message: Message, code: int, why: str) -> None:
        """Answer a request with an error; a notification is left at that."""
        log.warning("%s: %s", message.get("method", "message"), why)
        if "id" in message:
            error = {"code": int(code), "message": why}
            answer = {"jsonrpc": "2.0", "id": message["id"], "error": error}
            self._writer.write(encode_message(answer))

    def _finish(self) -> None:
        if not self.ended.done():
            self.ended.set_result(ExitCode.OK if self._shut_down else ExitCode.FAILED)


def _has_id(message: Message) -> bool:
    """Whether it is a request, a notification or an answer."""
    if "method" in message:
        return isinstance(message["method"], str) and isinstance(message.get("id", 0), (int, str))
    return "id" in message


def _cancelled(message: Message) -> int | str | None:
    params = message.get("params")
    id_ = params.get("id") if isinstance(params, dict) else None
    return id_ if isinstance(id_, (int, str)) else None
