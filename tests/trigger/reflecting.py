"""Guests in plain Python that say what they were given, as the recorded guest of Spin's does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping

from spindle.app import App
from spindle.messages import Body, Request, Response
from spindle.trigger.http.handler import Reply
from spindle.trigger.http.pipeline import Match
from spindle.trigger.http.wagi import WagiCall

_METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}
# What a WASI 0.2 host keeps from its guests.
_HIDDEN = {
    b"host",
    b"connection",
    b"keep-alive",
    b"proxy-connection",
    b"proxy-authenticate",
    b"proxy-authorization",
    b"transfer-encoding",
    b"upgrade",
    b"http2-settings",
}
TEXT = [(b"content-type", b"text/plain")]


class ReflectGuests:
    """Runs a reflecting guest for every component of an app."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._tasks: set[asyncio.Task[None]] = set()

    def invoke(self, component: str, request: Request, match: Match, reply: Reply) -> None:
        environment = self._app.components[component].environment
        task = asyncio.get_running_loop().create_task(_answer(request, environment, reply))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def body_limit(self, component: str) -> int:
        return 1 << 20

    async def run_wagi(
        self,
        component: str,
        call: WagiCall,
        request: Request,
        match: Match,
        to_response: Callable[[bytes, int], Response],
    ) -> Response:
        environment = call.environment | dict(self._app.components[component].environment)
        lines = [f"argv={json.dumps(call.argv)}"]
        lines += [f"{name}={value}" for name, value in sorted(environment.items())]
        text = "\n".join([*lines, f"stdin_bytes={len(call.stdin)}", ""])
        return to_response(f"Content-Type: text/plain\n\n{text}".encode(), 0)


def streamed(status: int, headers: list[tuple[bytes, bytes]], *chunks: bytes) -> Response:
    """A response as a guest gives it: its body's size is not known before its end."""
    body = Body()
    for chunk in chunks:
        body.feed(chunk)
    body.finish()
    return Response(status, headers, body)


async def _answer(request: Request, environment: Mapping[str, str], reply: Reply) -> None:
    path = request.path_with_query.partition("?")[0]
    if path == "/trap":
        reply.fail(RuntimeError("trap requested"))
    elif path == "/trap-late":
        body = Body()
        reply.send(Response(200, TEXT, body))
        body.feed(b"partial")
        body.fail(RuntimeError("trap after start requested"))
    elif path == "/noresponse":
        reply.fail(RuntimeError("guest failed to produce a response prior to returning"))
    elif path == "/empty":
        reply.send(streamed(200, []))
    elif path == "/noread":
        reply.send(streamed(200, TEXT, b"not read"))
    elif path == "/trailers":
        response = streamed(200, TEXT, b"body")
        response.body.trailers = [(b"x-trailer", b"yes")]
        reply.send(response)
    elif path == "/echo":
        await _echo(request, reply)
    elif path.startswith("/status/"):
        status = int(path.removeprefix("/status/"))
        reply.send(streamed(status, TEXT, b"status %d" % status))
    else:
        await _describe(request, environment, reply)


async def _echo(request: Request, reply: Reply) -> None:
    body, drained = Body(), asyncio.Event()
    body.on_drained = body.on_cancelled = drained.set
    reply.send(Response(200, TEXT, body))
    while chunk := await request.body.read():
        body.feed(chunk)
        if not body.wants_more:
            drained.clear()
            await drained.wait()
        if body.cancelled:
            request.body.cancel()
            return
    body.finish()


async def _describe(request: Request, environment: Mapping[str, str], reply: Reply) -> None:
    try:
        body, failed = await request.body.read_all(), None
    except Exception:
        body, failed = b"", "body stream failed"
    described = {
        "component": environment.get("COMPONENT_ID"),
        "method": request.method if request.method in _METHODS else f"other:{request.method}",
        "path_with_query": request.path_with_query,
        "scheme": "http",
        "authority": request.authority,
        "headers": _pairs([h for h in request.headers if h[0] not in _HIDDEN]),
        "env": dict(sorted(environment.items())),
        "args": [],
        "cwd": None,
        "body_len": len(body),
        "body_error": failed,
        "trailers": _pairs(request.body.trailers) if request.body.trailers else None,
    }
    json_type = [(b"content-type", b"application/json")]
    reply.send(streamed(200, json_type, json.dumps(described).encode()))


def _pairs(headers: list[tuple[bytes, bytes]]) -> list[list[str]]:
    return [[name.decode(), _text(value)] for name, value in headers]


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
