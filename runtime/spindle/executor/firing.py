"""One time that a trigger other than HTTP fires: what is called, with what, and its record."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

from spindle.component.values import Err, Variant
from spindle.errors import GuestError
from spindle.exchange import Exchange
from spindle.executor.invocation import ErrorAnswer, Invocation


class Firing(NamedTuple):
    """What a trigger asks of a component."""

    trigger: str
    """The trigger's type."""
    target: str
    """What it was aimed at: a channel, a topic, a trigger's id."""
    component: str
    arguments: tuple[Any, ...] = ()
    """What the component's handler is called with; a command's are its own."""
    input: object = None
    """What is recorded of it."""

    def exchange(self) -> Exchange:
        """A new record of it."""
        return Exchange(self.trigger, self.target, self.component, self.input)


class NoRoom(GuestError):
    """There is no room for an event."""

    code = "no-room"


class FiredInvocation(Invocation):
    """One firing that a guest handles; `done` is there once it has, and cancelling it stops it."""

    __slots__ = ("done",)

    may_be_refused: ClassVar[bool] = False  # whoever fires waits for those before

    def __init__(
        self,
        exchange: Exchange,
        on_finished: Callable[[FiredInvocation, BaseException | None], None],
    ) -> None:
        super().__init__(exchange, 0, on_finished)
        self.done: asyncio.Future[Exchange] = asyncio.get_running_loop().create_future()
        self.done.add_done_callback(self._told)

    def _told(self, done: asyncio.Future[Exchange]) -> None:
        if done.cancelled():
            self.interrupt()

    def answer(self, answer: Any) -> None:
        """Take the handler's `result`."""
        if self._finished:
            return
        self.exchange.mark("guest")
        self._answer = answer
        self.exchange.output = outcome(answer)
        if isinstance(answer, Err):
            error = error_text(answer.value)
            self.finish(ErrorAnswer(f"the guest answered with the error `{error}`"), tell=True)
        else:
            self.finish()

    def refuse(self, why: str) -> None:
        """Say that there is no room for it."""
        self.fail(NoRoom(why))

    def fail(self, error: BaseException) -> None:
        """Say that the guest failed."""
        self.finish(error, tell=True)

    def finish(self, error: BaseException | None = None, *, tell: bool = False) -> None:
        """End the record, and tell whoever fired."""
        super().finish(error, tell=tell)
        if not self.done.done():
            self.done.set_result(self.exchange)


def outcome(answer: Any) -> dict[str, object]:
    """A handler's `result` as it is recorded."""
    if isinstance(answer, Err):
        return {"result": "error", "error": error_text(answer.value)}
    return {"result": "ok"}


def error_text(value: Any) -> str:
    """An error of a handler in words: `other: no such user`."""
    if isinstance(value, Variant):
        return value.case if value.value is None else f"{value.case}: {value.value}"
    return str(value)
