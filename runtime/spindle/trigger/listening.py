"""What the triggers other than HTTP have in common, and what they have of their host.

All triggers of one type are one *listener*. It is configured, which finds what is wrong with them;
then it may listen, which lasts until it is drained. Without listening its triggers can be fired by
hand.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import NamedTuple, Protocol

from spindle.errors import UserError
from spindle.exchange import Exchange
from spindle.executor import Firing
from spindle.text import quoted_list

Fire = Callable[[Firing], Awaitable[Exchange]]
"""Has a component handle an event; never raises."""


class Surroundings(NamedTuple):
    """What triggers have of the host they are in."""

    fire: Fire
    resolve: Callable[[str], Awaitable[str]]
    """The text that a template means; raises `VariableError`."""
    say: Callable[[str], None]
    """Prints a line of what was asked for."""
    warn: Callable[[str, tuple[str, ...]], None]
    """Prints what is wrong, and hints."""
    narrate: Callable[[str], None]
    """Prints a line about what goes on."""
    at_once: int
    """How many events of a listener may be at work."""
    arguments: tuple[str, ...] = ()
    """What the command line has for commands."""


class InvalidTrigger(UserError):
    """A trigger's settings cannot be understood, now that their variables have values."""

    code = "invalid-trigger"


class NoSuchTarget(UserError):
    """No trigger would fire for what was asked for."""

    code = "no-such-target"


def no_such_trigger(type: str, wanted: str, known: Iterable[str]) -> NoSuchTarget:
    """The error for a trigger that is asked for by a name it has not."""
    hint = f"there is {quoted_list(known) or 'none'}"
    return NoSuchTarget(f"no {type} trigger is called `{wanted}`", hints=(hint,))


class Listener(Protocol):
    """The triggers of one type."""

    async def configure(self) -> None:
        """Read the triggers' settings; raises `UserError`."""

    async def listen(self) -> None:
        """Begin to listen; what is down now is tried again later."""

    async def drain(self) -> None:
        """Listen no more, and return when what came in before has been handled."""

    def abort(self) -> None:
        """Handle nothing more that waits; `drain` then returns."""

    def firings(self, target: str, payload: bytes) -> list[Firing]:
        """What a trigger would ask of which components; raises `NoSuchTarget`."""
        ...
