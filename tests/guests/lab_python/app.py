"""A guest that runs the code it is asked to: a request's body, or a Redis message.

The code is the body of an async function. It has at hand the SDK's modules by their names
(`key_value`, `http`, …), every raw binding by its module's name (`spin_redis_redis_3_0_0`, …), the
component types (`Ok`, `Err`, `Some`), `request`, and `kept`, a dictionary that lives as long as
the instance. What it returns is answered as JSON (see `rendering.py`).
"""

# The SDK this is written for is among the guest's tools, not ours.
# mypy: ignore-errors
# What it imports is for the code it runs.
# ruff: noqa: F401

import componentize_py_async_support
import rendering
from componentize_py_types import Err, Ok, Some
from spin_sdk import (
    http,
    key_value,
    llm,
    mqtt,
    mysql,
    postgres,
    redis,
    sqlite,
    util,
    variables,
    wit,
)
from spin_sdk.http import Request, Response
from spin_sdk.wit import exports
from spin_sdk.wit import imports as bindings

kept = {}
AT_HAND = {**rendering.modules_of(bindings), **rendering.LIBRARY, **globals()}


class HttpHandler(getattr(http, "Handler", object)):  # none where the world is Redis's
    async def handle_request(self, request: Request) -> Response:
        try:
            value = await rendering.function(request.body, AT_HAND | {"request": request})()
            status, answer = 200, rendering.rendered(value)
        except BaseException as error:
            status, answer = 500, rendering.failure(error)
        return Response(status, {"content-type": "application/json"}, rendering.encoded(answer))


class RedisHandler(getattr(exports, "RedisHandler", object)):  # none where it is HTTP's
    async def handle_message(self, message: bytes) -> None:
        await rendering.function(message, AT_HAND | {"request": None})()
