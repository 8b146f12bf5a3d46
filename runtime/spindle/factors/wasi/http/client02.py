"""`wasi:http/outgoing-handler@0.2`: a request goes out, a future brings the response."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from spindle.component.host import HostFunc, HostInterface
from spindle.component.values import Err, Ok
from spindle.factors.http_error import HttpError, internal_error
from spindle.factors.recording import recorded_send
from spindle.factors.wasi.http.incoming02 import IncomingResponse
from spindle.factors.wasi.http.outgoing02 import OutgoingRequest
from spindle.factors.wasi.http.parts import RequestOptions
from spindle.factors.wasi.io.poll import Listener, Pollable, Signal, Unsubscribe
from spindle.messages import Request, Response


class FutureIncomingResponse:
    """The resource `future-incoming-response`."""

    __slots__ = ("_signal", "_taken", "_task")

    def __init__(self, task: asyncio.Task[Response]) -> None:
        self._task = task
        self._taken = False
        self._signal = Signal()
        task.add_done_callback(lambda _done: self._signal.fire())

    def is_ready(self) -> bool:
        """Whether the response's head, or a failure, is there."""
        return self._task.done()

    def subscribe(self, listener: Listener) -> Unsubscribe:
        """Be told when it is."""
        return self._signal.subscribe(listener)

    def get(self) -> Any:
        """None while it is under way, then the response, then an error."""
        if not self._task.done():
            return None
        if self._taken:
            return Err(None)
        self._taken = True
        if self._task.cancelled():
            return Ok(Err(internal_error("the request was cancelled").code))
        error = self._task.exception()
        if error is None:
            return Ok(Ok(IncomingResponse(self._task.result())))
        if isinstance(error, HttpError):
            return Ok(Err(error.code))
        raise error

    def drop(self) -> None:
        """Give up a request nobody waits for; a response nobody took is not read."""
        if not self._task.done():
            self._task.cancel()
        elif not self._taken and not self._task.cancelled() and self._task.exception() is None:
            self._task.result().body.cancel()


def handle(task: Any, outgoing: OutgoingRequest, options: RequestOptions | None) -> Ok | Err:
    """Send a request: a future of its response, or the `error-code` if it is none."""
    try:
        request = outgoing.message()
    except HttpError as error:
        return Err(error.code)
    timeouts = (options or RequestOptions()).timeouts()

    async def send(request: Request) -> Response:
        interface = "wasi:http/outgoing-handler"
        return await recorded_send(task, interface, "handle", request, timeouts)

    running = asyncio.get_running_loop().create_task(send(request))
    return Ok(FutureIncomingResponse(running))


OUTGOING_HANDLER = HostInterface(functions={"handle": handle})

FUNCTIONS: Mapping[str, HostFunc] = {
    "[method]future-incoming-response.subscribe": lambda _t, f: Pollable(f.is_ready, f.subscribe),
    "[method]future-incoming-response.get": lambda _t, f: f.get(),
}

RESOURCES = {"future-incoming-response": lambda f: f.drop()}
