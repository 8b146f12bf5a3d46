"""Guests called over their handler, with nothing of the host around them but the factors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop

from spindle.component.component import Component, default_compiler
from spindle.component.exports import Instance
from spindle.component.run_queue import RunQueue, Ticker
from spindle.factors import Factors, HttpError, InstanceState
from spindle.factors.wasi import WasiFactor
from spindle.factors.wasi.http.handlers import Handler, handlers_of
from spindle.messages import Body, Headers, Request, Response

LIMIT = 60.0


@dataclass
class Recorder:
    """An invocation's scope that keeps what it is told."""

    calls: list[tuple[str, str, object, object]] = field(default_factory=list)
    depth: int = 0

    def call(
        self,
        interface: str,
        func: str,
        args: object,
        result: object,
        took: int,
        dependency: str | None,
    ) -> None:
        assert took >= 0
        self.calls.append((interface, func, args, result))


@dataclass
class Called:
    """One instance, to send requests to."""

    handler: Handler
    instance: Instance
    scope: Recorder = field(default_factory=Recorder)

    async def send(self, request: Request) -> Response:
        """The guest's response; raises what the guest answers instead."""
        answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()

        def on_answer(result: Response | HttpError) -> None:
            if isinstance(result, HttpError):
                on_failure(result)
            elif not answer.done():
                answer.set_result(result)

        def on_failure(error: BaseException) -> None:
            if not answer.done():
                answer.set_exception(error)

        def on_resolve(result: tuple[Any, ...] | None) -> None:
            if result is not None:
                handling.returned(self.instance.store, result[0] if result else None)

        handling = self.handler.handling(request, on_answer)
        self.instance.store.on_failure = on_failure
        func = self.instance.func(self.handler.export, self.handler.function)
        while not self.instance.store.idle:  # noqa: ASYNC110  # nothing tells of it
            await asyncio.sleep(0)
        func.start(handling.arguments, on_resolve, self.scope)
        return await asyncio.wait_for(answer, LIMIT)

    async def ask(
        self, path: str, body: bytes = b"", method: str = "GET", headers: Headers | None = None
    ) -> tuple[int, bytes]:
        """Status and whole body of the answer to a small request."""
        request = Request(method, "http", "example.com", path, headers or [], Body.of(body))
        response = await self.send(request)
        return response.status, await asyncio.wait_for(response.body.read_all(), LIMIT)


@asynccontextmanager
async def instance_of(
    path: Path, state: InstanceState | None = None, factors: Factors | None = None
) -> AsyncIterator[Called]:
    """An instance of a guest, with WASI unless other factors are given."""
    component = Component.load(path)
    imports = (factors or Factors([WasiFactor()])).imports
    ticker = Ticker()
    ticker.add(default_compiler().engine)
    queue = RunQueue(asyncio.get_running_loop())
    instance = component.instantiate(imports, state=state or InstanceState(), queue=queue)
    try:
        yield Called(handlers_of(component.exports)[0], instance)
    finally:
        instance.close()
        ticker.stop()


def run(test: Callable[[], Any]) -> None:
    """Run an asynchronous test, for a limited time, on the event loop that hosts run on."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(asyncio.wait_for(test(), 2 * LIMIT))
        # What the test closed at its end is closed in the loop's next turn.
        runner.run(asyncio.sleep(0))
