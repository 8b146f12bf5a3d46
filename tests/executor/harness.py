"""An application's guests behind real sockets, on an event loop in a thread of its own.

The parts are those `spindle up` is made of; a test sees what the terminal and front ends would.
"""

from __future__ import annotations

import asyncio
import http.client
import socket
import struct
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import uvloop
from tests.conftest import Answer

from spindle.app import App, AppComponent, HttpExecutor, HttpTrigger, LocalSource, WagiExecutor
from spindle.component.cache_files import cache_root
from spindle.events import Bus, EventKind
from spindle.exchange import Exchange, HttpInput
from spindle.executor import Engines, Executor, Failure, Policy
from spindle.executor.failures import Told
from spindle.factors import Factors
from spindle.factors.http_client import HttpClient
from spindle.factors.outbound_http import OutboundFactor
from spindle.factors.variables import VariablesFactor
from spindle.factors.wasi import WasiFactor
from spindle.messages import Request
from spindle.routes import parse_route
from spindle.trigger.http.listener import bind
from spindle.trigger.http.pipeline import Pipeline
from spindle.trigger.http.server import HttpServer
from spindle.variables import Resolver

PATIENCE = 60.0
"""Seconds after which a test gives up on something that must happen."""
_T = TypeVar("_T")


@dataclass
class Running:
    """Guests being served, as a test sees them."""

    loop: asyncio.AbstractEventLoop
    port: int
    server: HttpServer
    executor: Executor
    exchanges: list[Exchange]
    """Those that have finished, in the order in which they did."""
    errors: list[tuple[str, BaseException]]
    """What the terminal is told: the request's path, or the component of a response that was
    given already, and why it failed."""
    output: list[tuple[str, str, bytes, Exchange | None]] = field(default_factory=list)
    """What guests wrote: component, stream, bytes, and during which exchange."""
    failures: list[Failure] = field(default_factory=list)
    loop_errors: list[Mapping[str, Any]] = field(default_factory=list)
    """Exceptions nobody caught; there must be none."""

    def call(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        """Run a coroutine on the host's loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(PATIENCE)

    def ask(self, function: Callable[[], _T]) -> _T:
        """Call a function on the host's loop."""

        async def asked() -> _T:
            return function()

        return self.call(asked())

    def connect(self) -> socket.socket:
        """A client's connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def get(self, path: str, **headers: str) -> Answer:
        """GET `path` on a connection of its own."""
        return self.request("GET", path, headers=headers)

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request on a connection of its own, its response read to the end."""
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with closing(client):
            client.request(method, path, body, dict(headers or {}))
            response = client.getresponse()
            return Answer(response.status, response.headers, response.read())

    def begin(self, path: str) -> socket.socket:
        """A connection on which `path` was asked for and nothing read."""
        client = self.connect()
        client.sendall(f"GET {path} HTTP/1.1\r\nhost: a\r\n\r\n".encode())
        return client

    def wait_for(self, condition: Callable[[], object]) -> None:
        """Wait until a condition holds."""
        until = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < until, "what was waited for did not happen"
            time.sleep(0.005)

    def exchange_of(self, answer: Answer) -> Exchange:
        """The record of the request with this response, once it is finished."""
        id_ = answer.headers["spindle-exchange"]
        self.wait_for(lambda: any(exchange.id == id_ for exchange in self.exchanges))
        return next(exchange for exchange in self.exchanges if exchange.id == id_)

    def instances(self, component: str) -> int:
        """How many instances of a component there are."""
        return self.ask(lambda: len(self.executor._pools.http[component]._guests))

    def error_of(self, path: str) -> str:
        """What the terminal was told of the request to `path`."""
        self.wait_for(lambda: any(told == path for told, _ in self.errors))
        return next(str(error) for told, error in self.errors if told == path)


def vanish(client: socket.socket) -> None:
    """Close a connection without a goodbye."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


@contextmanager
def serving(
    guests: Mapping[str, Path] | App,
    policy: Policy | None = None,
    *,
    wagi: Mapping[str, Path] | None = None,
    engines: Engines | None = None,
) -> Iterator[Running]:
    """Serve each component at `/<its id>/...`, and what is named `root` at `/...`; or an
    application that has such components alone."""
    loop = uvloop.new_event_loop()
    loop_errors: list[Mapping[str, Any]] = []
    loop.set_exception_handler(lambda _loop, context: loop_errors.append(context))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    app = guests if isinstance(guests, App) else application(guests, wagi or {})
    host = asyncio.run_coroutine_threadsafe(
        _Host.start(app, policy or Policy(), engines or Engines(), wagi or {}), loop
    )
    try:
        started = host.result(PATIENCE)
        running = started.running
        running.loop_errors = loop_errors
        try:
            yield running
        finally:
            running.call(started.stop())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE)
        loop.close()
    assert not loop_errors, loop_errors


def application(guests: Mapping[str, Path], wagi: Mapping[str, Path]) -> App:
    """The application of these components and commands."""
    components = {
        id_: AppComponent(id_, LocalSource(path), allowed_outbound_hosts=("*://*:*",))
        for id_, path in (*guests.items(), *wagi.items())
    }
    triggers = tuple(
        HttpTrigger(
            id_,
            "http",
            id_,
            route=parse_route("/..." if id_ == "root" else f"/{id_}/..."),
            executor=WagiExecutor() if id_ in wagi else HttpExecutor(),
        )
        for id_ in components
    )
    return App("test", Path("/"), components=components, triggers=triggers)


@dataclass
class _Host:
    """The parts, and how they end."""

    running: Running
    client: HttpClient
    engines: Engines

    @classmethod
    async def start(
        cls, app: App, policy: Policy, engines: Engines, wagi: Mapping[str, Path]
    ) -> _Host:
        exchanges: list[Exchange] = []
        bus = _AllHeard(exchanges)
        errors: list[tuple[str, BaseException]] = []
        failures: list[Failure] = []
        output: list[tuple[str, str, bytes, Exchange | None]] = []
        client = HttpClient()
        listener = bind("127.0.0.1", 0)
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        resolver = Resolver.of(app, ())

        async def chain(component: str, request: Request) -> Any:
            return await pipeline.chain(component, request)

        def log(component: str, stream: str, data: bytes, exchange: Exchange | None) -> None:
            output.append((component, stream, data, exchange))
            if exchange is not None:
                exchange.write(stream, data)

        def report(request: Request, error: BaseException) -> None:
            if not isinstance(error, Told):
                errors.append((request.path_with_query, error))

        def tell(failure: Failure) -> None:
            failures.append(failure)
            inputs = [exchange.input for exchange in failure.exchanges if not exchange.output]
            paths = [put.path_with_query for put in inputs if isinstance(put, HttpInput)]
            errors.extend((told, failure.error) for told in paths or [failure.component])

        outbound = OutboundFactor(
            client, resolver.variable_nowait, origin=lambda: origin, chain=chain
        )
        factors = Factors([WasiFactor(), VariablesFactor(lambda: resolver), outbound])
        factors.configure_app(app)
        executor = Executor(
            app,
            factors,
            policy=policy,
            bus=bus,
            log=log,
            engines=engines,
            cache_dir=cache_root(),
            on_failure=tell,
        )
        pipeline = Pipeline(app, executor, on_error=report)
        server = HttpServer(pipeline, listener, on_error=report)
        try:
            await executor.start([id_ for id_ in app.components if id_ not in wagi], wagi)
        except BaseException:
            listener.close()
            engines.close()
            await client.close()
            raise
        await server.start()
        running = Running(
            asyncio.get_running_loop(),
            listener.getsockname()[1],
            server,
            executor,
            exchanges,
            errors,
            output,
            failures,
        )
        return cls(running, client, engines)

    async def stop(self) -> None:
        self.running.server.abort()
        await self.running.server.drain()
        self.running.executor.close()
        await self.client.close()
        self.engines.close()
        await asyncio.sleep(0)


class _AllHeard(Bus):
    """A bus whose listener loses nothing."""

    def __init__(self, finished: list[Exchange]) -> None:
        super().__init__()
        self._finished = finished
        self.subscribe()

    def publish(self, kind: EventKind, data: Any = None) -> None:
        if kind is EventKind.EXCHANGE_FINISHED:
            self._finished.append(data)
