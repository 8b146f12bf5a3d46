"""One request on its way through a guest, and its record.

An invocation is the scope of its tasks: host functions find it as `task.scope` and note their
calls on it. It ends when the client has its whole response, or will not get one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol

from spindle.errors import GuestError
from spindle.exchange import Body as Copy
from spindle.exchange import Exchange, HttpInput, HttpOutput, Trap
from spindle.executor.failures import Told, dependency_of, plain_frames, reason_of
from spindle.factors import HttpError
from spindle.messages import Request, Response

if TYPE_CHECKING:
    from asyncio import TimerHandle

    from spindle.executor.guest import Guest


class Reply(Protocol):
    """Where an answer goes: the trigger's side of a request."""

    on_gone: Callable[[], None] | None

    def send(self, response: Response) -> None:
        """Answer; the body may still be arriving."""

    def fail(self, error: BaseException) -> None:
        """Answer that the guest failed."""


class NoResponse(GuestError):
    """A guest ended without a response."""

    code = "no-response"


class ErrorAnswer(GuestError):
    """A guest answered with an `error-code`, in place of a response or of its end."""

    code = "error-answer"


class RequestTimeout(GuestError):
    """A guest took longer than `--request-timeout` allows."""

    code = "request-timeout"


class Copying:
    """Notes a body's bytes on the record."""

    __slots__ = ("_at_end", "chunk")

    def __init__(self, copy: Copy, at_end: Callable[[], None] | None = None) -> None:
        self.chunk = copy.add
        self._at_end = at_end

    def end(self) -> None:
        """The body is over."""
        if self._at_end is not None:
            self._at_end()


class Scope:
    """What the tasks of one request find as `task.scope`."""

    __slots__ = ("depth", "exchange")

    def __init__(self, exchange: Exchange, depth: int) -> None:
        self.exchange = exchange
        self.depth = depth
        """How many requests of guests to one another led to it."""

    def call(
        self,
        interface: str,
        func: str,
        args: object,
        result: object,
        took: int,
        dependency: str | None = None,
    ) -> None:
        """Note a factor's call that ends now; `took` in nanoseconds."""
        exchange = self.exchange
        exchange.call(interface, func, exchange.now - took, args, result, dependency)


class Invocation(Scope):
    """One HTTP request that a guest answers."""

    __slots__ = (
        "_finished", "_response", "guest", "on_finished", "reply", "timer", "unwanted",
    )  # fmt: skip

    def __init__(
        self,
        exchange: Exchange,
        request: Request,
        reply: Reply,
        on_finished: Callable[[Invocation, BaseException | None], None],
    ) -> None:
        """`on_finished` is told of a failure if the person is to be."""
        super().__init__(exchange, request.depth)
        self.reply = reply
        self.on_finished = on_finished
        self.guest: Guest | None = None
        """Who is at work on it."""
        self.timer: TimerHandle | None = None
        """Runs until the response is complete and the guest is done."""
        self.unwanted = False
        """Nobody waits for what the guest does for it any more."""
        self._response: Response | None = None
        self._finished = False
        recorded = exchange.input = http_input(request)
        if not request.body.at_end:
            request.body.watch(Copying(recorded.body))
        reply.on_gone = self.lose_client

    @property
    def responded(self) -> bool:
        """Whether the client has, or begins to get, a response."""
        return self._response is not None

    @property
    def finished(self) -> bool:
        """Whether nothing more will reach the client."""
        return self._finished

    def answer(self, answer: Response | BaseException) -> None:
        """Give the client what the guest answered."""
        if self._finished or self._response is not None:
            if isinstance(answer, Response):
                answer.body.cancel()
            return
        self.exchange.mark("guest")
        if isinstance(answer, BaseException):
            self.fail(ErrorAnswer(f"the guest answered with the error `{answer}`"))
            return
        self._response = answer
        output = self.exchange.output = HttpOutput(answer.status, tuple(answer.headers))
        answer.headers.append((b"spindle-exchange", self.exchange.id.encode()))
        answer.body.watch(Copying(output.body, self._body_ended))
        self.reply.send(answer)

    def _body_ended(self) -> None:
        response, output = self._response, self.exchange.output
        assert response is not None
        assert isinstance(output, HttpOutput)
        if response.body.trailers:
            output.trailers = tuple(response.body.trailers)
        self.exchange.mark("stream")
        error = response.body.error
        if isinstance(error, HttpError):
            error = ErrorAnswer(f"the response's body ended with the error `{error}`")
        own = isinstance(error, GuestError) or hasattr(error, "core_frames")
        self.finish(error, tell=own)

    def fail(self, error: BaseException) -> None:
        """Say that the guest failed: 500 if the client has nothing yet, else a body cut short."""
        if self._finished:
            return
        if self._response is None:
            self.finish(error, tell=True)
            told = Told(str(error))
            told.__cause__ = error
            self.reply.fail(told)
            return
        body = self._response.body
        stop_producer = body.on_cancelled
        body.fail(error)
        if stop_producer is not None:
            stop_producer()

    def lose_client(self) -> None:
        """The client left before it had a whole response."""
        self.finish(ConnectionError("the client went away"))
        self.unwanted = True
        if self.guest is not None:
            self.guest.expect_end()

    def limit(self, seconds: float) -> None:
        """Give up after that time: on the response, or on what the guest does afterwards."""
        self.timer = asyncio.get_running_loop().call_later(seconds, self._expire, seconds)

    def _expire(self, seconds: float, *, answered_before: bool = False) -> None:
        if self._finished and not (answered_before or self.unwanted):
            again = partial(self._expire, seconds, answered_before=True)
            self.timer = asyncio.get_running_loop().call_later(seconds, again)
            return
        self.unwanted = True
        self.fail(RequestTimeout("the guest exceeded the request timeout"))
        if self.guest is not None:
            self.guest.expect_end(0)

    def left(self) -> None:
        """The guest is done with it."""
        self.guest = None
        if self._response is None:
            self.fail(NoResponse("guest failed to produce a response prior to returning"))
        if self._finished:
            self._stop_timer()

    def finish(self, error: BaseException | None = None, *, tell: bool = False) -> None:
        """End the record, and say whether the person is to be told of the error."""
        if self._finished:
            return
        self._finished = True
        if self.guest is None:
            self._stop_timer()
        if self._response is None or not self._response.body.cancelled:
            self.reply.on_gone = None
        self.exchange.finish(None if error is None else trap_of(error))
        self.on_finished(self, error if tell else None)

    def _stop_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


def http_input(request: Request) -> HttpInput:
    """The record of a request, its body still empty."""
    return HttpInput(
        request.method,
        request.scheme,
        request.authority,
        request.path_with_query,
        tuple(request.headers),
    )


def trap_of(error: BaseException) -> Trap:
    """What an exchange keeps of a failure as long as no more is known."""
    frames = plain_frames(getattr(error, "core_frames", ()))
    return Trap(reason_of(error), frames, dependency=dependency_of(error))
