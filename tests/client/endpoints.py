"""Endpoints with a few methods, to be called and followed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from spindle.client import Link, RunFile
from spindle.dev.control import BadParams, ControlEndpoint, Following, Json, Method, Params
from spindle.events import Bus, Event, EventKind, LogLine

PATIENCE = 60.0


class Serving(NamedTuple):
    """An endpoint that listens, and what its methods are of."""

    endpoint: ControlEndpoint
    run_file: RunFile
    bus: Bus
    released: asyncio.Event
    """What the method `wait` waits for."""

    def log(self, *texts: str) -> None:
        for text in texts:
            self.bus.publish(EventKind.LOG, LogLine("a", None, "stdout", text))


@asynccontextmanager
async def serving(
    directory: Path, *, unix: bool = True, most: int = 2000
) -> AsyncIterator[Serving]:
    """An endpoint with the methods `double`, `wait`, `blob` and `follow`."""
    bus, released = Bus(), asyncio.Event()

    async def wait(_params: Params) -> object:
        await released.wait()
        return "released"

    def follow(params: Params) -> object:
        prefix = params.get("prefix", "")
        if not isinstance(prefix, str):
            raise BadParams("`prefix` must be a text")
        return Following(bus.subscribe({EventKind.LOG}), lambda event: told(event, prefix), most)

    methods: dict[str, Method] = {
        "double": lambda params: params["number"] * 2,
        "blob": lambda params: "x" * params["size"],
        "wait": wait,
        "follow": follow,
    }
    endpoint = ControlEndpoint(methods, directory, unix=unix)
    run_file = await endpoint.start(Path("/a/spin.toml"), "http://127.0.0.1:1")
    try:
        yield Serving(endpoint, run_file, bus, released)
    finally:
        await endpoint.close()


def told(event: Event, prefix: str) -> Json | None:
    line: Any = event.data
    if not line.text.startswith(prefix):
        return None
    return {"kind": event.kind, "at": event.at, "data": line.text}


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run to the end, or fail when that takes too long."""

    async def patiently() -> None:
        async with asyncio.timeout(PATIENCE):
            await main

    asyncio.run(patiently())


async def until(holds: Callable[[], bool]) -> None:
    """Return once something is so."""
    while not holds():  # noqa: ASYNC110  # of what tells nobody
        await asyncio.sleep(0.005)


@asynccontextmanager
async def linked(served: Serving) -> AsyncIterator[Link]:
    """A link to an endpoint."""
    async with await Link.open(served.run_file) as link:
        yield link
