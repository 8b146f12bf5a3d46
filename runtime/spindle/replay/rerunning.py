"""Having exchanges happen again on a stage: a set of guests that replays have to themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import NamedTuple, Protocol

from spindle.errors import SpindleError
from spindle.events import Bus, Event, EventKind
from spindle.exchange import Exchange, HttpInput, HttpOutput
from spindle.executor import Firing, Told
from spindle.messages import Request, Response, first
from spindle.replay.asking import HttpAsked, NotReplayable
from spindle.trigger.http.handler import FutureReply, Reply

LOOK_UP_SECONDS = 60.0
"""How long the end of a record is waited for once there is an answer: of a trap, places are
looked up."""


class Stage(Protocol):
    """Where exchanges are replayed."""

    bus: Bus

    def handle(self, request: Request, reply: Reply) -> None:
        """Answer a client's request."""

    async def chain(self, component: str, request: Request) -> Response:
        """Answer a request of one component to another."""
        ...

    def fire(self, firing: Firing) -> Awaitable[Exchange]:
        """Have a component handle an event."""
        ...


class _Record(NamedTuple):
    """A record that has begun."""

    exchange: Exchange
    finished: asyncio.Event


class Reruns:
    """Runs what exchanges ask on a stage, and has the records of it."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._records: dict[str, _Record] = {}
        self._begun: list[str] = []
        stage.bus.join(self, {EventKind.EXCHANGE_STARTED, EventKind.EXCHANGE_FINISHED})

    def put(self, event: Event) -> None:
        """Note that an exchange has begun or is finished."""
        exchange = event.data
        assert isinstance(exchange, Exchange), "that is what events of exchanges have"
        if event.kind is EventKind.EXCHANGE_STARTED:
            self._records[exchange.id] = _Record(exchange, asyncio.Event())
            self._begun.append(exchange.id)
        elif (record := self._records.get(exchange.id)) is not None:
            record.finished.set()

    def close(self) -> None:
        """Take no more notes."""
        self._stage.bus.leave(self)

    async def run(self, asked: HttpAsked | Firing, patience: float) -> Exchange:
        """The record of what happens; raises `NotReplayable`.

        After `patience` seconds the client goes away, as it were.
        """
        if isinstance(asked, Firing):
            return await self._fire(asked, patience)
        return await self._ask(asked, patience)

    async def _fire(self, firing: Firing, patience: float) -> Exchange:
        try:
            async with asyncio.timeout(patience):
                fired = await self._stage.fire(firing)
        except KeyError:
            raise NotReplayable(
                f"component `{firing.component}` handles no events of type `{firing.trigger}`"
            ) from None
        except TimeoutError:
            raise NotReplayable(f"it has not ended after {patience:g} seconds") from None
        return await self._whole(fired.id) or fired

    async def _ask(self, asked: HttpAsked, patience: float) -> Exchange:
        request, ids = asked.request, list[str]()

        def on_error(_request: Request, error: BaseException) -> None:
            if isinstance(error, Told) and error.exchange is not None:
                ids.append(error.exchange)

        reply = FutureReply(request, on_error)
        try:
            async with asyncio.timeout(patience):
                response = await self._answered(asked, reply, ids)
                if (id_ := first(response.headers, b"spindle-exchange")) is not None:
                    ids.append(id_.decode())
                output = HttpOutput(response.status, tuple(response.headers))
                with suppress(Exception):  # a body that is cut short is on the record
                    while chunk := await response.body.read():
                        output.body.add(chunk)
        except ConnectionError as error:
            raise NotReplayable(f"the request is not answered: {error}") from None
        except TimeoutError:
            reply.give_up()
            if not ids:
                raise NotReplayable(f"there is no answer after {patience:g} seconds") from None
        for begun in ids:
            if (exchange := await self._whole(begun)) is not None:
                return exchange
        return _of_the_host(request, output)

    async def _answered(self, asked: HttpAsked, reply: FutureReply, ids: list[str]) -> Response:
        if asked.component is not None:
            try:
                return await self._stage.chain(asked.component, asked.request)
            except SpindleError as error:
                raise NotReplayable(str(error)) from None
        self._begun.clear()
        try:
            self._stage.handle(asked.request, reply)
        except Exception as error:
            reply.fail(error)
        ids += self._begun[:1]
        return await reply.wait_response()

    async def _whole(self, id_: str) -> Exchange | None:
        """A record once it is finished."""
        record = self._records.get(id_)
        if record is None:
            return None
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_UP_SECONDS):
                await record.finished.wait()
        del self._records[id_]
        return record.exchange


def _of_the_host(request: Request, output: HttpOutput) -> Exchange:
    """The record of what no guest answered."""
    exchange = Exchange("http", request.path_with_query, None)
    exchange.input = HttpInput(
        request.method,
        request.scheme,
        request.authority,
        request.path_with_query,
        tuple(request.headers),
    )
    exchange.output = output
    exchange.finish()
    return exchange
