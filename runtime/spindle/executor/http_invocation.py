"""One HTTP request on its way through a guest, and its record.

It ends when the client has its whole response, or will not get one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from spindle.errors import GuestError
from spindle.exchange import Body as Copy
from spindle.exchange import Exchange, HttpInput, HttpOutput
from spindle.executor.failures import Told
from spindle.executor.invocation import ErrorAnswer, Invocation
from spindle.factors import HttpError
from spindle.messages import Request, Response, overloaded

if TYPE_CHECKING:
    from spindle.executor.program import Program


STALE = (b"spindle-build", b"stale")
"""Says that the sources were changed since, and can't be built."""


class Reply(Protocol):
    """Where an answer goes: the trigger's side of a request."""

    on_gone: Callable[[], None] | None

    @property
    def at_once(self) -> bool:
        """Whether the guest is to stop as soon as the client is gone."""
        ...

    def send(self, response: Response) -> None:
        """Answer; the body may still be arriving."""

    def fail(self, error: BaseException) -> None:
        """Answer that the guest failed."""


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


class HttpInvocation(Invocation):
    """One HTTP request that a guest answers."""

    __slots__ = ("asked_by", "program", "reply")

    _answer: Response | None

    def __init__(
        self,
        exchange: Exchange,
        request: Request,
        reply: Reply,
        on_finished: Callable[[HttpInvocation, BaseException | None], None],
        program: Program,
    ) -> None:
        """`on_finished` is told of a failure if the person is to be."""
        super().__init__(exchange, request.depth, on_finished)
        self.asked_by = request.asked_by
        self.reply = reply
        self.program = program
        """What answers, whatever may have taken its place meanwhile."""
        recorded = exchange.input = http_input(request)
        if not request.body.at_end:
            request.body.watch(Copying(recorded.body))
        reply.on_gone = self.lose_client

    def answer(self, answer: Response | BaseException) -> None:
        """Give the client what the guest answered."""
        if self._finished or self._answer is not None:
            if isinstance(answer, Response):
                answer.body.cancel()
            return
        self.exchange.mark("guest")
        if isinstance(answer, BaseException):
            self.fail(ErrorAnswer(f"the guest answered with the error `{answer}`"))
            return
        self._answer = answer
        output = self.exchange.output = HttpOutput(answer.status, tuple(answer.headers))
        answer.headers.append((b"spindle-exchange", self.exchange.id.encode()))
        if self.program.stale:
            answer.headers.append(STALE)
        answer.body.watch(Copying(output.body, self._body_ended))
        self.reply.send(answer)

    def refuse(self, why: str) -> None:
        """Answer that there is no room for it: 503."""
        self.answer(overloaded(why))

    def _body_ended(self) -> None:
        response, output = self._answer, self.exchange.output
        assert response is not None
        assert isinstance(output, HttpOutput)
        if response.body.trailers:
            output.trailers = tuple(response.body.trailers)
        self.exchange.mark("stream")
        if response.body.cancelled and self._asker_interrupted:
            self.interrupt()
            return
        error = response.body.error
        if isinstance(error, HttpError):
            error = ErrorAnswer(f"the response's body ended with the error `{error}`")
        own = isinstance(error, GuestError) or hasattr(error, "core_frames")
        self.finish(error, tell=own)

    def fail(self, error: BaseException) -> None:
        """Say that the guest failed: 500 if the client has nothing yet, else a body cut short."""
        if self._finished:
            return
        if self._answer is None:
            self.finish(error, tell=True)
            told = Told(str(error), exchange=self.exchange.id)
            told.__cause__ = error
            self.reply.fail(told)
            return
        body = self._answer.body
        stop_producer = body.on_cancelled
        body.fail(error)
        if stop_producer is not None:
            stop_producer()

    def lose_client(self) -> None:
        """The client left before it had a whole response."""
        if self.reply.at_once or self._asker_interrupted:
            self.interrupt()
            return
        self.finish(ConnectionError("the client went away"))
        self.unwanted = True
        if self.guest is not None:
            self.guest.expect_end()

    @property
    def _asker_interrupted(self) -> bool:
        return self.asked_by is not None and self.asked_by.interrupted

    def finish(self, error: BaseException | None = None, *, tell: bool = False) -> None:
        """End the record; the client's going away is of no interest any more."""
        if self._finished:
            return
        if self._answer is None or not self._answer.body.cancelled:
            self.reply.on_gone = None
        super().finish(error, tell=tell)


def http_input(request: Request) -> HttpInput:
    """The record of a request, its body still empty."""
    return HttpInput(
        request.method,
        request.scheme,
        request.authority,
        request.path_with_query,
        tuple(request.headers),
    )
