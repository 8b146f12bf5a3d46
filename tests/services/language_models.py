"""A server with the HTTP API of OpenAI, and that of Spin's own, whose models repeat what they hear.

It speaks the documented wire format; `test_the_server_is_one_for_openais_client` shows that
OpenAI's own client takes it for one.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from tests.services.web import WebServer

MODELS = ("echo", "echo-embeddings")
TOKEN = "open sesame"


class LanguageModels(WebServer):
    """The server.

    `requests` are paths, headers and bodies as they came; `answer`, when set, is what it answers
    to everything: a status and a body; `trouble`, when set, is what it does instead of answering.
    """

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        self.answer: tuple[int, bytes] | None = None
        self.trouble: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._noted], client_max_size=64 << 20)
        app.router.add_post("/v1/chat/completions", chat)
        app.router.add_post("/v1/embeddings", embeddings)
        app.router.add_post("/infer", infer)
        app.router.add_post("/embed", embed)
        return app

    @web.middleware
    async def _noted(self, request: web.Request, handler: Any) -> web.StreamResponse:
        text = await request.text()
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append((request.path, headers, json.loads(text)))
        if self.trouble is not None:
            return await self.trouble(request)
        if self.answer is not None:
            status, body = self.answer
            return web.Response(status=status, body=body)
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or token != TOKEN:
            return failed(401, "Incorrect API key provided.", "invalid_api_key")
        if json.loads(text)["model"] not in MODELS:
            return failed(404, "The model does not exist.", "model_not_found")
        response: web.StreamResponse = await handler(request)
        return response


def failed(status: int, message: str, code: str) -> web.Response:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return web.json_response({"error": error}, status=status)


def tokens(text: str) -> int:
    return len(text.split())


def vector(text: str) -> list[float]:
    return [float(len(text)), 0.25, -1.5]


async def chat(request: web.Request) -> web.Response:
    asked = await request.json()
    heard = asked["messages"][-1]["content"]
    said = " ".join(heard.split()[: asked.get("max_completion_tokens", 100)])
    usage = {"prompt_tokens": tokens(heard), "completion_tokens": tokens(said)}
    message = {"role": "assistant", "content": said, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return web.json_response(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1_700_000_000,
            "model": asked["model"],
            "choices": [choice],
            "usage": usage | {"total_tokens": sum(usage.values())},
        }
    )


async def embeddings(request: web.Request) -> web.Response:
    asked = await request.json()
    given = asked["input"]
    texts = [given] if isinstance(given, str) else given
    coded = asked.get("encoding_format") == "base64"
    data = [
        {"object": "embedding", "index": i, "embedding": packed(text) if coded else vector(text)}
        for i, text in enumerate(texts)
    ]
    count = sum(map(tokens, texts))
    usage = {"prompt_tokens": count, "total_tokens": count}
    return web.json_response(
        {"object": "list", "data": data, "model": asked["model"], "usage": usage}
    )


def packed(text: str) -> str:
    return base64.b64encode(struct.pack("<3f", *vector(text))).decode()


async def infer(request: web.Request) -> web.Response:
    heard = (await request.json())["prompt"]
    usage = {"promptTokenCount": tokens(heard), "generatedTokenCount": tokens(heard)}
    return web.json_response({"text": heard, "usage": usage})


async def embed(request: web.Request) -> web.Response:
    texts = (await request.json())["input"]
    usage = {"promptTokenCount": sum(map(tokens, texts))}
    return web.json_response({"embeddings": [vector(text) for text in texts], "usage": usage})
