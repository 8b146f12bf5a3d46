"""A guest that runs the code it is asked to: a request's body, or a Redis message.

As `../lab_python/app.py` for the interfaces of WASI 0.2, with what was Spin's SDK then: nothing in
it is asynchronous, except what `run(coroutine)` runs. A binding whose name is that of an SDK's
module is had as `bindings.postgres`.
"""

# The SDK this is written for is among the guest's tools, not ours.
# mypy: ignore-errors
# What it imports is for the code it runs.
# ruff: noqa: F401

import asyncio

import rendering
from spin_sdk import http, key_value, llm, mqtt, mysql, postgres, redis, sqlite, variables
from spin_sdk.http import Request, Response, poll_loop
from spin_sdk.wit import exports
from spin_sdk.wit import imports as bindings
from spin_sdk.wit.types import Err, Ok, Some

kept = {}


def run(coroutine):
    """What a coroutine returns, such as `http.send_async(request)`."""
    loop = poll_loop.PollLoop()
    asyncio.set_event_loop(loop)
    return loop.run_until_complete(coroutine)


AT_HAND = {**rendering.modules_of(bindings), **rendering.LIBRARY, **globals()}


class IncomingHandler(http.IncomingHandler):
    def handle_request(self, request: Request) -> Response:
        try:
            code = rendering.function(request.body, AT_HAND | {"request": request}, plain=True)
            status, answer = 200, rendering.rendered(code())
        except BaseException as error:
            status, answer = 500, rendering.failure(error)
        return Response(status, {"content-type": "application/json"}, rendering.encoded(answer))


class InboundRedis(exports.InboundRedis):
    def handle_message(self, message: bytes) -> None:
        rendering.function(message, AT_HAND | {"request": None}, plain=True)()
