"""Host functions that answer `result<T, error>`: how a factor's work becomes one.

Versions of an interface differ in their words more than in their deeds: the work is written once
and raises one kind of exception, and each version says how that is spelled.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from spindle.component.columns import Rows
from spindle.component.host import HostFunc
from spindle.component.values import Err, Ok
from spindle.exchange import Body
from spindle.factors.recording import note

Work = Callable[..., Awaitable[Any]]
"""Takes the task and the function's arguments; may raise the factor's failure."""
Seen = Callable[[Any], object]
"""Arguments or a result as they are recorded: small, and without secrets."""

MOST_ITEMS = 100
"""Items recorded of one list."""
MOST_TEXT = 4096
"""Characters of a text beyond which it is recorded as bytes are: cut if need be."""


class Failure(Exception):
    """A call failed in a way the guest is told of; factors derive their own from it."""


class CaseFailure(Failure):
    """A failure that is one case of the interface's `error`, with or without a text."""

    def __init__(self, case: str, reason: str | None = None) -> None:
        super().__init__(case if reason is None else reason)
        self.case = case
        self.reason = reason

    @property
    def spelled(self) -> str | tuple[str, str]:
        """The variant."""
        return self.case if self.reason is None else (self.case, self.reason)


Spelling = Callable[[Any], Any]
"""The error value of one interface for a factor's failure."""


def seen(value: Any) -> object:
    """An argument or result as it is recorded: bounded, resources by their label."""
    match value:
        case bytes() | bytearray():
            return Body.of(bytes(value))
        case str() if len(value) > MOST_TEXT:
            return Body.of(value.encode(errors="replace"))
        case Mapping():
            return {key: seen(item) for key, item in value.items()}
        case tuple() | list() | Rows():
            items = [seen(item) for item in value[:MOST_ITEMS]]
            left = len(value) - MOST_ITEMS
            return items if left <= 0 else [*items, f"… and {left} more"]
    label = getattr(value, "label", None)
    return value if label is None else label


def answered(
    interface: str,
    func: str,
    work: Work,
    spelling: Spelling,
    *,
    seen_args: Seen = seen,
    seen_result: Seen = seen,
) -> HostFunc:
    """A host function that answers `result<T, error>` and is noted on the invocation.

    What work answers is the `ok`; a `Failure` it raises becomes the error `spelling` makes of it.
    """

    async def answer(task: Any, *args: Any) -> Ok | Err:
        task.inst.state.touched = True
        began = time.perf_counter_ns()
        try:
            result: Ok | Err = Ok(await work(task, *args))
        except Failure as failure:
            result = Err(spelling(failure))
            note(task, interface, func, seen_args(args), {"error": seen(result.value)}, began)
        else:
            note(task, interface, func, seen_args(args), seen_result(result.value), began)
        return result

    return answer
