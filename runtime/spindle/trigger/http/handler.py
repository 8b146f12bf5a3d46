"""What the server asks of whoever answers requests, and what it offers in return.

A handler is called once a request's head is there. It answers through the `Reply`, in the same
call or any time later, so that no task is needed for a request. Everything happens on the event
loop's thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from spindle.messages import Request, Response


class Reply(Protocol):
    """Where the answer to one request goes: exactly one of `send`, `fail` and `drop`.

    An answer after `on_gone` was called is dropped, its body cancelled.
    """

    on_gone: Callable[[], None] | None
    """Called once if the client goes away before it has the whole response.

    The request's body has failed by then, and the body of a response that was sent is cancelled.
    """

    @property
    def at_once(self) -> bool:
        """Whether a guest is to stop as soon as its client is gone: a person interrupted it."""
        ...

    def send(self, response: Response) -> None:
        """Answer; the body may still be arriving."""

    def fail(self, error: BaseException) -> None:
        """Answer 500 with an empty body, and report the error to the server's `on_error`."""

    def drop(self, reason: str) -> None:
        """Close the connection (in HTTP/2: reset the stream) without an answer."""


class Handler(Protocol):
    """Answers requests; an exception it raises before answering is the same as `Reply.fail`."""

    def handle(self, request: Request, reply: Reply) -> None:
        """Take one request whose body may still be arriving."""


class FutureReply:
    """A reply to await: for requests that did not come through a socket."""

    __slots__ = ("_answer", "_on_error", "_request", "at_once", "on_gone")

    def __init__(
        self,
        request: Request,
        on_error: Callable[[Request, BaseException], None] | None = None,
        *,
        at_once: bool = False,
    ) -> None:
        self.at_once = at_once
        self._request = request
        self._on_error = on_error
        self._answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self.on_gone: Callable[[], None] | None = None

    def send(self, response: Response) -> None:
        if self._answer.done():
            response.body.cancel()
        else:
            self._answer.set_result(response)

    def fail(self, error: BaseException) -> None:
        if self._answer.done():
            return
        if self._on_error is not None:
            self._on_error(self._request, error)
        self._answer.set_result(Response(500))

    def drop(self, reason: str) -> None:
        if not self._answer.done():
            self._answer.set_exception(ConnectionError(reason))

    async def wait_response(self) -> Response:
        """The response; cancelling the wait tells the handler that the client went away."""
        try:
            return await self._answer
        except asyncio.CancelledError:
            self.give_up()
            raise

    def give_up(self) -> None:
        """Nobody waits for the response any more, or for the rest of it."""
        if self.on_gone is not None:
            self.on_gone()
        if self._answer.done() and not self._answer.cancelled() and not self._answer.exception():
            self._answer.result().body.cancel()
