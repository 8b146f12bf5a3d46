"""An application as an object: the same methods for a host in this process and for one elsewhere.

Everything goes by the methods of the control endpoint. `AsyncApp` has them as coroutines that may
be awaited on any event loop; `App` has their twins, which wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Callable,
    Coroutine,
    Generator,
    Iterable,
    Mapping,
    Sequence,
)
from functools import update_wrapper
from json import dumps as dump_json
from types import TracebackType
from typing import Any, Concatenate, Literal, ParamSpec, Self, TypeVar
from urllib.parse import urlsplit

from spindle.client.answers import (
    BuildResult,
    ComponentInfo,
    Difference,
    HostInfo,
    Matched,
    RouteInfo,
    Stats,
)
from spindle.client.host_client import HostClient
from spindle.client.link import Event, Stream
from spindle.door.bench import Bench, measure, measure_both, requested
from spindle.door.loop_thread import LoopThread
from spindle.door.result import ExchangeResult, Json, Replay, answered
from spindle.door.state import KeyValues, Rows
from spindle.door.streaming import Streamed
from spindle.errors import UserError
from spindle.events import LogLine
from spindle.exchange import Summary

P = ParamSpec("P")
T = TypeVar("T")

Content = str | bytes | None
Headers = Mapping[str, str] | Iterable[tuple[str, str]]


class NotRecorded(UserError):
    """What was answered is no exchange that can be found again."""

    code = "not-recorded"


class AsyncApp:
    """An application's methods as coroutines, for any event loop."""

    def __init__(self, thread: LoopThread, client: HostClient, url: str | None = None) -> None:
        self._url = url
        self._host = urlsplit(url or "").netloc
        """Whom requests are for that don't say."""
        self._on = thread.wait
        """Runs what asks the host, which lives on the event loop of that thread."""
        self._client = client

    async def info(self) -> HostInfo:
        """What the host says of itself."""
        return await self._on(self._client.info())

    async def request(
        self,
        method: str,
        path: str,
        *,
        headers: Headers = (),
        body: Content = None,
        json: Any = None,
    ) -> ExchangeResult:
        """Have the application answer a request, by its routes and without a socket.

        `json` is sent as the body with its media type, where `body` is not given.
        """
        fields = list(headers.items() if isinstance(headers, Mapping) else headers)
        if self._host and not any(name.lower() == "host" for name, _ in fields):
            fields.insert(0, ("host", self._host))
        if json is not None and body is None:
            body = dump_json(json)
            if not any(name.lower() == "content-type" for name, _ in fields):
                fields.append(("content-type", "application/json"))
        fired = await self._on(
            self._client.fire("http", path, body or b"", method=method, headers=fields)
        )
        return answered(fired, method, path, fields, body or b"")

    async def get(self, path: str, *, headers: Headers = ()) -> ExchangeResult:
        """GET a path."""
        return await self.request("GET", path, headers=headers)

    async def head(self, path: str, *, headers: Headers = ()) -> ExchangeResult:
        """HEAD a path."""
        return await self.request("HEAD", path, headers=headers)

    async def options(self, path: str, *, headers: Headers = ()) -> ExchangeResult:
        """Ask for a path's OPTIONS."""
        return await self.request("OPTIONS", path, headers=headers)

    async def delete(
        self, path: str, body: Content = None, *, headers: Headers = (), json: Any = None
    ) -> ExchangeResult:
        """DELETE a path."""
        return await self.request("DELETE", path, headers=headers, body=body, json=json)

    async def post(
        self, path: str, body: Content = None, *, headers: Headers = (), json: Any = None
    ) -> ExchangeResult:
        """POST a body, or a value as JSON."""
        return await self.request("POST", path, headers=headers, body=body, json=json)

    async def put(
        self, path: str, body: Content = None, *, headers: Headers = (), json: Any = None
    ) -> ExchangeResult:
        """PUT a body, or a value as JSON."""
        return await self.request("PUT", path, headers=headers, body=body, json=json)

    async def patch(
        self, path: str, body: Content = None, *, headers: Headers = (), json: Any = None
    ) -> ExchangeResult:
        """PATCH with a body, or a value as JSON."""
        return await self.request("PATCH", path, headers=headers, body=body, json=json)

    async def bench(
        self, request: str, n: int = 100, *, concurrency: int = 1, against: str | None = None
    ) -> Bench:
        """Measure how long a request takes, `"GET /hello"`: `n` times, some of them at once.

        With `against`, a build as `replay` takes it, the request is replayed on copies of the
        state, one at a time, on both builds in turns; `Bench.other` has what the other one took.
        """
        method, path = requested(request)
        if against is None:
            return await measure(lambda: self.request(method, path), request, n, concurrency)
        asked = await self.request(method, path)

        async def replay(build: str | None) -> ExchangeResult:
            return (await self.replay(asked, against=build)).exchange

        return await measure_both(replay, request, n, against)

    async def stream(
        self, path: str, *, method: str = "GET", headers: Headers = (), body: Content = None
    ) -> Streamed:
        """A response whose body is read as it comes, over HTTP: iterate over its chunks."""
        fields = list(headers.items() if isinstance(headers, Mapping) else headers)
        return await asyncio.to_thread(Streamed, self._url, method, path, fields, body)

    async def fire(self, type: str, target: str, payload: Content = "") -> list[ExchangeResult]:
        """Have a trigger fire by hand: `redis`, `mqtt`, `cron` or `command`."""
        fired = await self._on(self._client.fire(type, target, payload or b""))
        return [ExchangeResult(document) for document in fired.exchanges]

    async def exchanges(self, where: str = "", *, limit: int = 100) -> list[Summary]:
        """The newest exchanges that a filter matches, newest first."""
        page = await self._on(self._client.exchanges(where or None, limit=limit))
        return list(page.exchanges)

    async def exchange(self, id: str) -> ExchangeResult:
        """An exchange by its id, or by the beginning of it."""
        return ExchangeResult(await self._on(self._client.exchange(id)))

    async def replay(
        self,
        exchange: str | ExchangeResult | Json,
        *,
        state: Literal["fork", "live"] = "fork",
        hosts: Literal["live", "recorded"] = "live",
        against: str | None = None,
        edit: Json | None = None,
        trace: bool = False,
    ) -> Replay:
        """Repeat an exchange, on a copy of the state unless told otherwise.

        `hosts="recorded"` answers what the guest asks from the recording, `against` is the build
        that answers, `edit` may have another `method`, `path`, `headers` and `body`. With `trace`
        the new exchange has all that the guest called.
        """
        which = exchange.document if isinstance(exchange, ExchangeResult) else exchange
        replayed = await self._on(
            self._client.replay(
                which, edit=edit, state=state, hosts=hosts, against=against, trace=trace
            )
        )
        return Replay(ExchangeResult(replayed.exchange), replayed.differences)

    async def diff(
        self, a: str | ExchangeResult, b: str | ExchangeResult
    ) -> tuple[Difference, ...]:
        """Where two recorded exchanges differ."""
        return await self._on(self._client.diff(_id(a), _id(b)))

    async def export(
        self,
        which: str | ExchangeResult | Sequence[str],
        format: str = "curl",
        *,
        secrets: bool = False,
    ) -> str:
        """Exchanges as text: `curl`, `http`, `har`, `python`, `pytest` or `json`.

        `which` is an exchange, several ids, or a filter.
        """
        where = which if isinstance(which, str) else None
        ids = [_id(which)] if isinstance(which, ExchangeResult) else list(which)
        chosen = None if where is not None else ids
        return await self._on(self._client.export(chosen, format, where=where, secrets=secrets))

    async def sql(self, statements: str, *values: Any, database: str = "default") -> Rows:
        """Execute SQL on a database; the rows of the last statement."""
        results = await self._on(self._client.sql(statements, values, database=database))
        return Rows.of(results)

    async def databases(self) -> tuple[str, ...]:
        """The labels of the SQLite databases there are."""
        return await self._on(self._client.databases())

    async def routes(self) -> tuple[RouteInfo, ...]:
        """The HTTP routes, in the order in which they are tried."""
        return await self._on(self._client.routes())

    async def match(self, path: str, method: str = "GET") -> Matched:
        """Which route a path takes, and why not the others."""
        return await self._on(self._client.match(path, method))

    async def components(self) -> tuple[ComponentInfo, ...]:
        """The components: builds, imports, exports, grants and instances of each."""
        return await self._on(self._client.components())

    async def stats(self) -> Stats:
        """Counts, rates and latencies of host, routes and components."""
        return await self._on(self._client.stats())

    async def build(self, *components: str, force: bool = False) -> tuple[BuildResult, ...]:
        """Build components, or all, and serve what came of them."""
        return await self._on(self._client.build(components or None, force=force))

    async def reload(self) -> tuple[str, ...]:
        """Serve the application as its files have it now; which components are new builds."""
        return await self._on(self._client.reload())

    async def logs(self, component: str | None = None) -> AsyncIterator[LogLine]:
        """What components write from now on."""
        async for event in self._events(lambda: self._client.follow_logs(component)):
            if isinstance(event.data, LogLine):
                yield event.data

    async def follow(self, where: str = "") -> AsyncIterator[Summary]:
        """The exchanges that finish from now on and that a filter matches."""
        async for event in self._events(lambda: self._client.follow_exchanges(where or None)):
            if isinstance(event.data, Summary):
                yield event.data

    async def kv_get(self, key: str, store: str = "default") -> bytes | None:
        """The value of a key; None if there is none."""
        return await self._on(self._client.kv_get(key, store))

    async def kv_set(self, key: str, value: str | bytes, store: str = "default") -> None:
        """Set a key."""
        await self._on(self._client.kv_set(key, value, store))

    async def kv_delete(self, key: str, store: str = "default") -> None:
        """Remove a key."""
        await self._on(self._client.kv_delete(key, store))

    async def kv_keys(self, prefix: str = "", store: str = "default") -> list[str]:
        """The keys that begin with a text."""
        page = await self._on(self._client.kv_list(store, prefix=prefix))
        keys = list(page.keys)
        while page.cursor is not None:
            page = await self._on(self._client.kv_list(store, prefix=prefix, cursor=page.cursor))
            keys += page.keys
        return keys

    async def _events(self, follow: Callable[[], Stream]) -> AsyncIterator[Event]:
        stream = follow()
        try:
            while (batch := await self._on(_next(stream))) is not None:
                for event in batch:
                    yield event
        finally:
            await self._on(stream.aclose())


def _twin(
    method: Callable[Concatenate[AsyncApp, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[App, P], T]:
    """The method that waits for what another one awaits."""

    def wait(app: App, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return app._wait(method(app.aio, *args, **kwargs))

    return update_wrapper(wait, method)


def _iterated(
    method: Callable[Concatenate[AsyncApp, P], AsyncIterator[T]],
) -> Callable[Concatenate[App, P], Generator[T]]:
    """The generator that waits for each of what another one yields."""

    def iterate(app: App, /, *args: P.args, **kwargs: P.kwargs) -> Generator[T]:
        stream = method(app.aio, *args, **kwargs)
        try:
            while (found := app._wait(_item(stream))) is not None:
                yield found[0]
        finally:
            app._wait(_end(stream))

    return update_wrapper(iterate, method)


class App:
    """An application that is served; a context manager, which closes it."""

    def __init__(self, thread: LoopThread, client: HostClient, path: str, url: str | None) -> None:
        self._thread = thread
        self._client = client
        self.path = path
        """The manifest, or the bare wasm file."""
        self.url = url
        """Where it is served over HTTP; None if it isn't."""
        self.aio = AsyncApp(thread, client, url)
        """The same methods as coroutines."""
        self.kv = KeyValues(self)
        """The default key-value store as a mapping; `app.kv("label")` is another one."""

    info = _twin(AsyncApp.info)
    request = _twin(AsyncApp.request)
    get = _twin(AsyncApp.get)
    head = _twin(AsyncApp.head)
    options = _twin(AsyncApp.options)
    delete = _twin(AsyncApp.delete)
    post = _twin(AsyncApp.post)
    put = _twin(AsyncApp.put)
    patch = _twin(AsyncApp.patch)
    bench = _twin(AsyncApp.bench)
    stream = _twin(AsyncApp.stream)
    fire = _twin(AsyncApp.fire)
    exchanges = _twin(AsyncApp.exchanges)
    exchange = _twin(AsyncApp.exchange)
    replay = _twin(AsyncApp.replay)
    diff = _twin(AsyncApp.diff)
    export = _twin(AsyncApp.export)
    sql = _twin(AsyncApp.sql)
    databases = _twin(AsyncApp.databases)
    routes = _twin(AsyncApp.routes)
    match = _twin(AsyncApp.match)
    components = _twin(AsyncApp.components)
    stats = _twin(AsyncApp.stats)
    build = _twin(AsyncApp.build)
    reload = _twin(AsyncApp.reload)
    logs = _iterated(AsyncApp.logs)
    follow = _iterated(AsyncApp.follow)

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return not self._thread.running

    def close(self) -> None:
        """Let go of the host: one of this process ends, one elsewhere goes on."""
        if self._thread.running:
            try:
                self._thread.run(self._client.close())
            finally:
                self._thread.close()

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return self._thread.run(work)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        where = "closed" if self.closed else self.url or "no HTTP"
        return f"<{type(self).__name__} {self.path} ({where})>"


async def _next(stream: AsyncIterator[T]) -> T | None:
    return await anext(stream, None)


async def _item(stream: AsyncIterator[T]) -> tuple[T] | None:
    async for item in stream:
        return (item,)
    return None


async def _end(stream: AsyncIterator[Any]) -> None:
    if isinstance(stream, AsyncGenerator):
        await stream.aclose()


def _id(exchange: str | ExchangeResult) -> str:
    id_ = exchange.id if isinstance(exchange, ExchangeResult) else exchange
    if id_ is None:
        raise NotRecorded("the host answered by itself, and keeps no record of that")
    return id_
