"""A client's side of a session in this process: messages in, what the server sent out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from spindle.client import Decoder, encode_message
from spindle_lsp.session import Session
from spindle_lsp.wiring import make_server

Json = dict[str, Any]


class Conversation:
    """Sends messages and keeps what comes back; also the server's end of the wire."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.received: list[Json] = []
        self._loop = loop
        self._decoder = Decoder()
        self._calls = 0
        self.session: Session

    def write(self, data: bytes, /) -> None:
        self.received += self._decoder.feed(data)  # type: ignore[arg-type]  # all are objects

    def close(self) -> None:
        pass

    def send(self, *data: bytes) -> None:
        """Send bytes, all at once, and let the server do what it has to."""
        self._loop.call_soon(self.session.feed, b"".join(data))
        for _ in range(3):
            self._loop.run_until_complete(asyncio.sleep(0))

    def request(self, method: str, params: object = None) -> Json:
        """The whole answer to a request."""
        self._calls += 1
        self.send(request(self._calls, method, params))
        return self.answer_to(self._calls)

    def ask(self, method: str, params: object = None) -> Any:
        """The result of a request."""
        answer = self.request(method, params)
        assert "error" not in answer, answer
        return answer.get("result")

    def notify(self, method: str, params: object = None) -> None:
        self.send(notification(method, params))

    def answer_to(self, id_: int | str | None) -> Json:
        (answer,) = [m for m in self.received if m.get("id", 0) == id_ and "method" not in m]
        return answer

    def published(self, uri: str) -> Json:
        """What was last published of a file."""
        found = [
            m["params"]
            for m in self.received
            if m.get("method") == "textDocument/publishDiagnostics" and m["params"]["uri"] == uri
        ]
        last: Json = found[-1]
        return last

    def codes(self, uri: str) -> list[str]:
        """The codes of what was last published of a file."""
        return [found["code"] for found in self.published(uri)["diagnostics"]]

    def initialize(self, capabilities: Mapping[str, object] = {}, **params: object) -> Any:
        given = {"processId": None, "rootUri": None, "capabilities": dict(capabilities), **params}
        result = self.ask("initialize", given)
        self.notify("initialized", {})
        return result

    def open(self, uri: str, text: str, version: int = 1) -> None:
        document = {"uri": uri, "languageId": "toml", "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def change(self, uri: str, *changes: object, version: int = 2) -> None:
        document = {"uri": uri, "version": version}
        params = {"textDocument": document, "contentChanges": list(changes)}
        self.notify("textDocument/didChange", params)


def request(id_: int | str, method: str, params: object = None) -> bytes:
    message = {"jsonrpc": "2.0", "id": id_, "method": method}
    return encode_message(message if params is None else {**message, "params": params})


def notification(method: str, params: object = None) -> bytes:
    message = {"jsonrpc": "2.0", "method": method}
    return encode_message(message if params is None else {**message, "params": params})


def span(line: int, start: int, end: int) -> Json:
    """A range on one line."""
    return {
        "start": {"line": line, "character": start},
        "end": {"line": line, "character": end},
    }


@contextmanager
def conversation() -> Iterator[Conversation]:
    """A client that has said nothing yet."""
    loop = asyncio.new_event_loop()
    talk = Conversation(loop)

    async def begin() -> Session:
        return Session(make_server(), talk)

    talk.session = loop.run_until_complete(begin())
    try:
        yield talk
    finally:
        loop.close()
