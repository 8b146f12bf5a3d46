"""Connections that are opened again when they are lost, after ever longer waits."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from spindle.factors.answering import Failure
from spindle.trigger.listening import Surroundings

FIRST_WAIT = 0.25
"""Seconds until a lost connection is opened again; twice as long each time that fails."""
LONGEST_WAIT = 30.0

Session = Callable[[Callable[[], None]], Awaitable[None]]
"""Connects, calls what it is given once it listens, and raises `Failure` when that is over."""


async def stay_connected(
    session: Session, server: str, surroundings: Surroundings, greet: Callable[[], None]
) -> None:
    """Have a session with a server, again and again, until cancelled.

    `greet` is called the first time it listens; from then on, losing it and finding it again is
    told, once each.
    """
    wait, greeted, told = FIRST_WAIT, False, False

    def listens() -> None:
        nonlocal wait, greeted, told
        if not greeted:
            greet()
        elif told:
            surroundings.narrate(f"Listening on {server} again.")
        wait, greeted, told = FIRST_WAIT, True, False

    while True:
        try:
            await session(listens)
        except (Failure, OSError) as error:
            if not told:
                told = True
                surroundings.warn(
                    f"no messages come from {server}: {error}", (_hint(greeted=greeted),)
                )
        await asyncio.sleep(wait * random.uniform(0.75, 1.25))
        wait = min(2 * wait, LONGEST_WAIT)


def _hint(*, greeted: bool) -> str:
    if greeted:
        return "it is tried again and again; what is published meanwhile does not come here"
    return "it is tried again and again; is a server running there?"
