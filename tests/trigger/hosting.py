"""A host with triggers other than HTTP, on the event loop of a test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.labs import Recorder

from spindle.dev.host import Host
from spindle.dev.options import UpOptions
from spindle.dev.preparing import prepare_app
from spindle.events import EventKind
from spindle.exchange import Exchange
from spindle.executor import Failure
from spindle.factors.redis.address import parse_address
from spindle.factors.redis.connecting import connect
from spindle.factors.redis.connection import RedisConnection

PATIENCE = 60.0
"""Seconds after which a test gives up on something that must happen."""


class Said(Recorder):
    """What a person is told; warnings and failures apart."""

    def __init__(self) -> None:
        super().__init__()
        self.warnings: list[str] = []
        self.failures: list[str] = []

    def warn(self, message: str, hints: tuple[str, ...] = ()) -> None:
        self.warnings.append(message)

    def complain(self, doing: str, error: BaseException) -> None:
        self.failures.append(f"{doing}: {error}")

    def report(self, failure: Failure, root: Path) -> None:
        self.failures.append(f"{failure.component}: {failure.trap.reason}")


@dataclass
class Hosted:
    """A host, and what came of it."""

    host: Host
    said: Said
    exchanges: list[Exchange] = field(default_factory=list)
    """Those that have finished, in the order in which they did."""

    async def wait_for(self, condition: Callable[[], object], patience: float = PATIENCE) -> None:
        """Wait until a condition holds."""
        async with asyncio.timeout(patience):
            while not condition():  # noqa: ASYNC110 - whatever it is, it tells nobody
                await asyncio.sleep(0.005)

    async def fire(self, kind: str, target: str, payload: object = "", **more: object) -> Any:
        """What `trigger/fire` answers."""
        params = {"type": kind, "target": target, "payload": payload, **more}
        return await self.host.fire(params)

    def outcomes(self) -> list[tuple[str, str, object]]:
        """Component, target and result of each exchange."""
        return [(e.component or "", e.target, _result(e)) for e in self.exchanges]


def _result(exchange: Exchange) -> object:
    return exchange.output.get("result") if isinstance(exchange.output, dict) else None


@asynccontextmanager
async def hosting(
    directory: Path,
    manifest: str,
    wasm: Mapping[str, bytes],
    *,
    listen: bool = True,
    **options: Any,
) -> AsyncIterator[Hosted]:
    """The application of a manifest's rest and its components; `a` is in `a.wasm`."""
    source = application(directory, manifest, wasm)
    said = Said()
    up = UpOptions(source=source, listen="127.0.0.1:0", state_dir="", quiet=True, **options)
    host = Host(await asyncio.to_thread(prepare_app, up, said), up, said)
    hosted = Hosted(host, said)
    heard = host.bus.subscribe({EventKind.EXCHANGE_FINISHED}, limit=100_000)

    async def collect() -> None:
        async for event in heard:
            assert isinstance(event.data, Exchange)
            hosted.exchanges.append(event.data)

    collecting = asyncio.create_task(collect())
    try:
        if listen:
            await host.start()
        else:
            await host.load()
        yield hosted
        host.stop()
        await host.wait_stopped()
    finally:
        await host.close()
        heard.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(collecting, PATIENCE)


def application(directory: Path, manifest: str, wasm: Mapping[str, bytes]) -> Path:
    """The manifest of an application with these components."""
    head = 'spin_manifest_version = 2\n[application]\nname = "events"\n'
    components = "".join(f'[component.{id_}]\nsource = "{id_}.wasm"\n' for id_ in wasm)
    for id_, data in wasm.items():
        (directory / f"{id_}.wasm").write_bytes(data)
    source = directory / "spin.toml"
    source.write_text(f"{head}{manifest}\n{components}")
    return source


@asynccontextmanager
async def redis_client(url: str) -> AsyncIterator[RedisConnection]:
    """A connection to publish over."""
    connection = await connect(parse_address(url))
    try:
        yield connection
    finally:
        connection.close()
