"""One call of a guest on its way, and its record.

An invocation is the scope of its tasks: host functions find it as `task.scope` and note their
calls on it. What an answer is, and to whom it goes, depends on the trigger: see `http_invocation`
and `firing`.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from spindle.errors import GuestError
from spindle.exchange import Exchange, Trap
from spindle.executor.failures import dependency_of, plain_frames, reason_of

if TYPE_CHECKING:
    from asyncio import TimerHandle

    from spindle.executor.guest import Guest


class NoResponse(GuestError):
    """A guest ended without a response."""

    code = "no-response"


class ErrorAnswer(GuestError):
    """A guest answered with an error, in place of a result or of its end."""

    code = "error-answer"


class Interrupted(GuestError):
    """Whoever asked wants no answer any more."""

    code = "interrupted"

    def __init__(self) -> None:
        super().__init__("interrupted")


class RequestTimeout(GuestError):
    """A guest took longer than `--request-timeout` allows."""

    code = "request-timeout"


class Scope:
    """What the tasks of one invocation find as `task.scope`."""

    __slots__ = ("depth", "exchange", "interrupted")

    def __init__(self, exchange: Exchange, depth: int) -> None:
        self.exchange = exchange
        self.depth = depth
        """How many requests of guests to one another led to it."""
        self.interrupted = False
        """Whether a person wants nothing more of it, nor of what it led to."""

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


class Invocation(Scope, ABC):
    """Something that a guest is to answer."""

    __slots__ = ("_answer", "_finished", "guest", "on_finished", "timer", "unwanted")

    may_be_refused: ClassVar[bool] = True
    """Whether it is turned away when too many others wait already."""

    def __init__(
        self,
        exchange: Exchange,
        depth: int,
        on_finished: Callable[[Any, BaseException | None], None],
    ) -> None:
        """`on_finished` is told of a failure if the person is to be."""
        super().__init__(exchange, depth)
        self.on_finished = on_finished
        self.guest: Guest | None = None
        """Who is at work on it."""
        self.timer: TimerHandle | None = None
        """Runs until all is answered and the guest is done."""
        self.unwanted = False
        """Nobody waits for what the guest does for it any more."""
        self._answer: Any = None
        self._finished = False

    @abstractmethod
    def answer(self, answer: Any) -> None:
        """Take what the guest answered."""

    @abstractmethod
    def refuse(self, why: str) -> None:
        """Say that there is no room for it."""

    @abstractmethod
    def fail(self, error: BaseException) -> None:
        """Say that the guest failed."""

    @property
    def responded(self) -> bool:
        """Whether the guest has answered, or has begun to."""
        return self._answer is not None

    @property
    def finished(self) -> bool:
        """Whether nothing more will reach whoever waits for the answer."""
        return self._finished

    def limit(self, seconds: float) -> None:
        """Give up after that time: on the answer, or on what the guest does afterwards."""
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

    def interrupt(self) -> None:
        """Have the guest stop at once: a person does not want what it does any more."""
        self.interrupted = True
        self.finish(Interrupted())
        self.unwanted = True
        if self.guest is not None:
            self.guest.expect_end(0)

    def left(self) -> None:
        """The guest is done with it."""
        self.guest = None
        if self._answer is None:
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
        self.exchange.finish(None if error is None else trap_of(error))
        self.on_finished(self, error if tell else None)

    def _stop_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


def trap_of(error: BaseException) -> Trap:
    """What an exchange keeps of a failure as long as no more is known."""
    frames = plain_frames(getattr(error, "core_frames", ()))
    return Trap(reason_of(error), frames, dependency=dependency_of(error))
