"""Host functions that begin at once, without a task of asyncio's of their own.

Most calls of a store that is at hand never wait: to make a task for each, and to come back for it
in the event loop's next round, takes longer than they do.
"""

from __future__ import annotations

import types
from collections.abc import Coroutine, Generator
from functools import partial
from typing import Any

from spindle.component.host import HostFunc, Later, may_block


def begun_at_once(function: HostFunc) -> HostFunc:
    """An `async def` as a host function that answers at once if it never waits.

    Up to where it first waits it runs outside of any task: it must not use `asyncio.timeout` or
    a task group there.
    """

    @may_block
    def begin(task: Any, *args: Any) -> Any:
        coroutine = function(task, *args)
        try:
            waiting = coroutine.send(None)
        except StopIteration as done:
            return done.value
        return Later(_rest(coroutine, waiting))

    return begin


@types.coroutine
def _rest(coroutine: Coroutine[Any, Any, Any], waiting: Any) -> Generator[Any, Any, Any]:
    """What is left of a coroutine that waits for something."""
    while True:
        try:
            step = partial(coroutine.send, (yield waiting))
        except BaseException as error:  # what is waited for failed, or this is cancelled
            step = partial(coroutine.throw, error)
        try:
            waiting = step()
        except StopIteration as done:
            return done.value
