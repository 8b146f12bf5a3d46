"""`trigger/fire`: has a trigger fire by hand, no client and no broker needed.

    {type: "redis" | "mqtt" | "cron" | "command", target, payload?}
    {type: "http", target: PATH, method?, headers?: [[name, value]], payload?}

A payload is text, or `{encoding: "utf-8" | "base64", data}`. The answer is `{exchanges}`, for HTTP
with `response: {status, headers, body, error}` too. A request that no guest answered has no
exchange.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import closing, suppress
from typing import Any
from urllib.parse import quote

from spindle.dev.control import BadParams, Method, Params
from spindle.dev.triggers import HTTP, Triggers
from spindle.events import Bus, EventKind, Subscription
from spindle.exchange import Body as Copy
from spindle.exchange import Exchange
from spindle.executor import Firing, Told
from spindle.messages import Body, Headers, Request, Response, first
from spindle.trigger.http.handler import FutureReply, Handler

LARGEST_BODY = 16 << 20
"""Bytes of a response's body that are answered."""
MOST_EVENTS = 100_000
"""Exchanges that may finish while one is waited for."""
LOOK_UP_SECONDS = 60.0
"""How long a record is waited for once there is an answer: of a trap, places are looked up.

That takes seconds the first time, in a large guest on a busy machine.
"""
_METHOD = re.compile(r"[A-Za-z!#$%&'*+.^_`|~0-9-]+")
_IN_TARGETS = "%/:?@!$&'()*+,;=~[]"
"""What is left as it is in a path, apart from letters and digits."""

Fire = Callable[[Firing], Awaitable[Exchange]]


def fire_methods(
    bus: Bus, handler: Handler, triggers: Triggers, fire: Fire
) -> Mapping[str, Method]:
    """The method, on the parts of a host."""

    async def fire_trigger(params: Params) -> object:
        kind, payload = _text(params, "type"), _payload(params.get("payload", ""))
        with closing(bus.subscribe({EventKind.EXCHANGE_FINISHED}, limit=MOST_EVENTS)) as heard:
            triggers.check_any(kind)
            if kind == HTTP:
                return await _request(handler, _read_request(params, payload), heard)
            firings = triggers.firings(kind, _text(params, "target"), payload)
            exchanges = await asyncio.gather(*map(fire, firings))
            await _finished(heard, {each.id for each in exchanges})
            return {"exchanges": [each.to_json() for each in exchanges]}

    return {"trigger/fire": fire_trigger}


async def _request(handler: Handler, request: Request, heard: Subscription) -> object:
    """Ask as a client would; the response, and the record."""
    ids: set[str] = set()

    def on_error(_request: Request, error: BaseException) -> None:
        if isinstance(error, Told) and error.exchange is not None:
            ids.add(error.exchange)

    reply = FutureReply(request, on_error, at_once=True)
    try:
        handler.handle(request, reply)
    except Exception as error:
        reply.fail(error)
    try:
        response = await reply.wait_response()
    except ConnectionError as error:
        raise BadParams(f"the request is not answered: {error}") from None
    if (id_ := first(response.headers, b"spindle-exchange")) is not None:
        ids.add(id_.decode())
    try:
        answered = await _read_response(response)
    except asyncio.CancelledError:
        reply.give_up()
        raise
    exchanges = [each.to_json() for each in await _finished(heard, ids)]
    return {"exchanges": exchanges, "response": answered}


async def _read_response(response: Response) -> object:
    body, error = Copy(LARGEST_BODY), None
    try:
        while not body.truncated and (chunk := await response.body.read()):
            body.add(chunk)
    except Exception as failure:
        error = str(failure) or type(failure).__name__
    response.body.cancel()
    headers = [[name.decode("latin-1"), text.decode("latin-1")] for name, text in response.headers]
    answer = {"status": response.status, "headers": headers, "body": body.to_json()}
    return {**answer, "error": error}


async def _finished(heard: Subscription, ids: Collection[str]) -> list[Exchange]:
    """The records with these ids, when they are finished."""
    found: list[Exchange] = []
    if not ids:
        return found
    with suppress(TimeoutError):
        async with asyncio.timeout(LOOK_UP_SECONDS):
            async for event in heard:
                if isinstance(event.data, Exchange) and event.data.id in ids:
                    found.append(event.data)
                    if len(found) == len(ids):
                        break
    return found


def _read_request(params: Params, payload: bytes) -> Request:
    path, method = _text(params, "target"), params.get("method", "GET")
    if not path.startswith("/"):
        raise BadParams(f"`{path}` is no path: it begins with `/`")
    if not isinstance(method, str) or not _METHOD.fullmatch(method):
        raise BadParams("`method` is no HTTP method")
    headers = _read_headers(params.get("headers", []))
    if first(headers, b"host") is None:
        headers.insert(0, (b"host", b"localhost"))
    if payload and first(headers, b"content-length") is None:
        headers.append((b"content-length", b"%d" % len(payload)))
    target = quote(path.partition("#")[0], safe=_IN_TARGETS)
    return Request(method, "http", None, target, headers, Body.of(payload))


def _read_headers(given: Any) -> Headers:
    headers: Headers = []
    for pair in given if isinstance(given, list) else [None]:
        match pair:
            case [str(name), str(value)] if _METHOD.fullmatch(name) and value.isprintable():
                headers.append((name.lower().encode(), value.strip().encode()))
            case _:
                raise BadParams("`headers` is no list of names and values of HTTP headers")
    return headers


def _text(params: Params, name: str) -> str:
    value = params.get(name)
    if not isinstance(value, str):
        raise BadParams(f"`{name}` is missing, or no text")
    return value


def _payload(given: object) -> bytes:
    match given:
        case str():
            return given.encode("utf-8", "surrogateescape")
        case {"encoding": "utf-8", "data": str(data)}:
            return data.encode("utf-8", "surrogateescape")
        case {"encoding": "base64", "data": str(data)}:
            with suppress(binascii.Error):
                return base64.b64decode(data, validate=True)
    raise BadParams("`payload` is neither text nor `{encoding, data}`")
