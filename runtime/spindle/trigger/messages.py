"""Listeners for messages of servers: what Redis and MQTT have in common."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol

from spindle.executor import Firing
from spindle.factors.answering import Failure
from spindle.template import TemplateError
from spindle.trigger.flow import Flow
from spindle.trigger.listening import InvalidTrigger, Surroundings
from spindle.trigger.staying import stay_connected
from spindle.variables import VariableError

LEAVE_SECONDS = 5.0
"""How long a server is waited for that is told to send no more."""


class Connection(Protocol):
    """A connection to a server."""

    def pause_reading(self) -> None:
        """Take in nothing more for now."""

    def resume_reading(self) -> None:
        """Go on taking in what comes."""

    def close(self) -> None:
        """Close it."""


class Subscriber(ABC):
    """One connection's worth of subscriptions, kept up as long as it is started."""

    server: str
    """What the server is called, without secrets."""

    def __init__(self) -> None:
        self.paused = False
        self.put: Callable[[Firing, int], None] = lambda _firing, _size: None
        """Takes what a message asks of a component, and the message's bytes."""
        self._connection: Any = None

    @abstractmethod
    async def connect(self) -> Connection:
        """A connection to the server; raises `Failure`."""

    @abstractmethod
    async def subscribe(self, connection: Any) -> None:
        """Have messages come; raises `Failure`."""

    @abstractmethod
    async def last(self, connection: Any) -> None:
        """Wait until the connection is lost, and raise the `Failure` that says why."""

    async def leave(self, connection: Any) -> None:  # noqa: B027 - not all servers can be asked
        """Have no more messages come, and return when those are here that were sent before."""

    @abstractmethod
    def greet(self, say: Callable[[str], None]) -> None:
        """Say what is listened to, the first time it is."""

    async def session(self, listens: Callable[[], None]) -> None:
        """One connection from beginning to end; `listens` is called in between."""
        self._connection = await self.connect()
        try:
            await self.subscribe(self._connection)
            if self.paused:
                self._connection.pause_reading()
            listens()
            await self.last(self._connection)
        finally:
            self._connection.close()
            self._connection = None

    async def stop(self) -> None:
        """Take in what was sent already, for a while at most."""
        self.pause(paused=False)
        if self._connection is not None:
            with suppress(TimeoutError, Failure):
                async with asyncio.timeout(LEAVE_SECONDS):
                    await self.leave(self._connection)

    def pause(self, *, paused: bool) -> None:
        """Read no more messages for now, or go on doing so."""
        self.paused = paused
        if self._connection is not None and paused:
            self._connection.pause_reading()
        elif self._connection is not None:
            self._connection.resume_reading()


class MessageListener:
    """The triggers of one type, for messages that servers send."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._subscribers: Sequence[Subscriber] = ()
        self._tasks: list[asyncio.Task[None]] = []
        self._flow = Flow(
            surroundings.fire,
            surroundings.at_once,
            on_full=lambda: self._pause(paused=True),
            on_room=lambda: self._pause(paused=False),
        )

    async def listen(self) -> None:
        """Begin to connect to the servers, and go on doing so when they are lost."""
        around = self._surroundings
        for subscriber in self._subscribers:
            subscriber.put = self._flow.put

            def greet(subscriber: Subscriber = subscriber) -> None:
                subscriber.greet(around.say)

            staying = stay_connected(subscriber.session, subscriber.server, around, greet)
            self._tasks.append(asyncio.create_task(staying))

    async def drain(self) -> None:
        """Take leave of the servers, and return when what they sent has been handled."""
        await asyncio.gather(*(subscriber.stop() for subscriber in self._subscribers))
        self._stop()
        await self._flow.wait_empty()

    def abort(self) -> None:
        """Handle no more."""
        self._stop()
        self._flow.abort()

    def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()

    def _pause(self, *, paused: bool) -> None:
        for subscriber in self._subscribers:
            subscriber.pause(paused=paused)

    async def _resolved(self, template: str, what: str) -> str:
        """What a template means; `what` says whose it is."""
        try:
            return await self._surroundings.resolve(template)
        except (VariableError, TemplateError) as error:
            raise InvalidTrigger(f"{what} can't be resolved: {error}") from None
