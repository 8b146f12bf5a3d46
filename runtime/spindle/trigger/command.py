"""The command trigger: components that run once, from beginning to end, when the host starts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from spindle.app import Trigger
from spindle.exchange import Exchange
from spindle.executor import Firing
from spindle.trigger.listening import Surroundings, no_such_trigger

FAILED = 1
"""The exit status of a command that trapped."""


class CommandListener:
    """The command triggers of an application."""

    def __init__(self, triggers: Iterable[Trigger], surroundings: Surroundings) -> None:
        self._commands = [(t.id, t.component) for t in triggers if t.component is not None]
        self._surroundings = surroundings
        self._running: list[asyncio.Future[Exchange]] = []

    async def configure(self) -> None:
        """There is nothing to configure."""

    async def listen(self) -> None:
        """Begin to run the commands, all at the same time."""
        self._running = [
            asyncio.ensure_future(self._surroundings.fire(self._firing(id_, component)))
            for id_, component in self._commands
        ]

    async def wait_ended(self) -> int:
        """Wait until every command has ended; the first exit status that is not 0, if any."""
        ended = await asyncio.gather(*self._running)
        return next(filter(None, map(status_of, ended)), 0)

    async def drain(self) -> None:
        """Stop the commands: they wait for nobody."""
        self.abort()

    def abort(self) -> None:
        """Stop the commands."""
        for running in self._running:
            running.cancel()

    def firings(self, target: str, payload: bytes) -> list[Firing]:
        """The trigger with this id, or those of the component; the payload is arguments, by NUL."""
        chosen = [command for command in self._commands if target in command]
        if not chosen:
            raise no_such_trigger("command", target, (id_ for id_, _ in self._commands))
        arguments = tuple(payload.decode("utf-8", "replace").split("\0")) if payload else ()
        return [self._firing(*command, arguments) for command in chosen]

    def _firing(self, id_: str, component: str, arguments: tuple[str, ...] | None = None) -> Firing:
        given = self._surroundings.arguments if arguments is None else arguments
        argv = (component, *given)
        return Firing("command", id_, component, argv, {"arguments": list(argv)})


def status_of(exchange: Exchange) -> int:
    """The exit status of a command that has ended."""
    output = exchange.output
    status = output.get("status") if isinstance(output, dict) else None
    return status if isinstance(status, int) else FAILED
