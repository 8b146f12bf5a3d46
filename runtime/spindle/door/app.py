"""An application as an object: the same methods for a host in this process and for one elsewhere.

Everything goes by the methods of the control endpoint. `AsyncApp` has them as coroutines that may
be awaited on any event loop; `App` has their twins, which wait.
"""

from __future__ import annotations

import base64
import json as _json
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from functools import wraps
from types import TracebackType
from typing import Any, Concatenate, Literal, NamedTuple, ParamSpec, Self, TypeVar

from spindle.door.loop_thread import LoopThread
from spindle.door.result import ExchangeResult, Json, Replay
from spindle.door.state import KeyValues, Rows, read_results, sql_value
from spindle.exchange import Summary

P = ParamSpec("P")
T = TypeVar("T")

Content = str | bytes | None
Headers = Mapping[str, str] | Iterable[tuple[str, str]]


class Wire(NamedTuple):
    """How a host is reached; all of it is called on the app's event loop."""

    call: Callable[[str, Json], Awaitable[Any]]
    """Calls a method of the control endpoint; raises `SpindleError`."""
    events: Callable[[str, Json], AsyncIterator[list[Any]]]
    """Subscribes; gives batches of `client.Event`s."""
    close: Callable[[], Awaitable[None]]


class AsyncApp:
    """An application's methods as coroutines, for any event loop."""

    def __init__(self, thread: LoopThread, wire: Wire) -> None:
        self._thread = thread
        self._wire = wire

    async def call(self, method: str, **params: Any) -> Any:
        """Call a method of the control endpoint by its name."""
        given = {name: value for name, value in params.items() if value is not None}
        return await self._thread.wait(_called(self._wire, method, given))

    async def info(self) -> Json:
        """What the host says of itself: its address, manifest, uptime."""
        return _mapping(await self.call("host/info"))

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
        fields = [list(pair) for pair in _pairs(headers)]
        if json is not None:
            body = _json.dumps(json)
            if not any(name.lower() == "content-type" for name, _ in fields):
                fields.append(["content-type", "application/json"])
        answer = await self.call(
            "trigger/fire",
            type="http",
            target=path,
            method=method,
            headers=fields,
            payload=_payload(body),
        )
        return _answered(answer, method, path, fields, body)

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

    async def fire(self, type: str, target: str, payload: Content = "") -> list[ExchangeResult]:
        """Have a trigger fire by hand: `redis`, `mqtt`, `cron` or `command`."""
        answer = await self.call("trigger/fire", type=type, target=target, payload=_payload(payload))
        return [ExchangeResult(document) for document in answer["exchanges"]]

    async def exchanges(self, where: str = "", *, limit: int = 100) -> list[Summary]:
        """The newest exchanges that a filter matches, newest first."""
        answer = await self.call("exchange/list", where=where or None, limit=limit)
        return [Summary(**summary) for summary in answer["exchanges"]]

    async def exchange(self, id: str) -> ExchangeResult:
        """An exchange by its id, or by the beginning of it."""
        return ExchangeResult(_mapping(await self.call("exchange/get", id=id)))

    async def replay(
        self,
        exchange: str | ExchangeResult | Json,
        *,
        state: Literal["fork", "live"] = "fork",
        hosts: Literal["live", "recorded"] = "live",
        against: str | None = None,
        edit: Json | None = None,
    ) -> Replay:
        """Repeat an exchange, on a copy of the state unless told otherwise.

        `hosts="recorded"` answers what the guest asks from the recording, `against` is the build
        that answers, `edit` may have another `method`, `path`, `headers` and `body`.
        """
        answer = await self.call(
            "exchange/replay",
            **_which(exchange),
            state=state,
            hosts=hosts,
            against=against,
            edit=edit,
        )
        return Replay(ExchangeResult(answer["exchange"]), tuple(answer["differences"]))

    async def diff(self, a: str | ExchangeResult, b: str | ExchangeResult) -> list[Json]:
        """Where two exchanges differ: `{part, path, before, after}` each."""
        answer = await self.call("exchange/diff", a=_id(a), b=_id(b))
        return list(answer["differences"] if isinstance(answer, dict) else answer)

    async def export(
        self,
        which: str | ExchangeResult | Sequence[str],
        format: str = "curl",
        *,
        secrets: bool = False,
    ) -> str:
        """Exchanges as text: `curl`, `http`, `har`, `python`, `pytest` or `json`.

        `which` is an exchange, ids, or a filter.
        """
        match which:
            case str():
                params: Json = {"where": which}
            case ExchangeResult():
                params = {"ids": [which.id]}
            case _:
                params = {"ids": list(which)}
        answer = await self.call("exchange/export", format=format, secrets=secrets, **params)
        return str(answer["text"])

    async def sql(self, statements: str, *values: Any, database: str = "default") -> Rows:
        """Execute SQL on a database; the rows of the last statement."""
        given = [sql_value(value) for value in values]
        answer = await self.call("sql/query", sql=statements, database=database, parameters=given)
        return read_results(answer["results"])

    async def databases(self) -> list[str]:
        """The labels of the SQLite databases there are."""
        return list((await self.call("sql/databases"))["databases"])

    async def routes(self) -> list[Json]:
        """The HTTP routes: `{id, route, wildcard, component, executor}` each."""
        return list(await self.call("app/routes"))

    async def match(self, path: str, method: str = "GET") -> Json:
        """Which route a path takes, and why not the others."""
        return _mapping(await self.call("app/match", url=path, method=method))

    async def components(self) -> list[Json]:
        """The components: builds, imports, exports, grants and instances of each."""
        return list(await self.call("app/components"))

    async def stats(self) -> Json:
        """Counts, rates and latencies of host, routes and components, in microseconds."""
        return _mapping(await self.call("stats/get"))

    async def build(self, *components: str, force: bool = False) -> list[Json]:
        """Build components, or all: `{id, ok, took, fresh, diagnostics, output}` of each."""
        answer = await self.call("app/build", components=list(components) or None, force=force)
        return list(answer["components"])

    async def reload(self) -> list[str]:
        """Serve the application as its files have it now; which components are new builds."""
        return list((await self.call("app/reload"))["changed"])

    async def logs(self, component: str | None = None) -> AsyncIterator[Json]:
        """What components write from now on: `{component, exchange, stream, text}` each."""
        params = {} if component is None else {"component": component}
        async for event in self._events("logs/subscribe", params):
            if event.kind == "log":
                yield event.data

    async def follow(self, where: str = "") -> AsyncIterator[Summary]:
        """Exchanges that finish from now on and that a filter matches."""
        params = {"where": where} if where else {}
        async for event in self._events("exchange/subscribe", params):
            if event.kind == "exchange.finished":
                yield Summary(**event.data)

    async def kv_get(self, key: str, store: str = "default") -> bytes | None:
        """The value of a key; None if there is none."""
        return _value((await self.call("kv/get", key=key, store=store))["value"])

    async def kv_set(self, key: str, value: str | bytes, store: str = "default") -> None:
        """Set a key."""
        await self.call("kv/set", key=key, value=_payload(value), store=store)

    async def kv_delete(self, key: str, store: str = "default") -> None:
        """Remove a key."""
        await self.call("kv/delete", key=key, store=store)

    async def kv_keys(self, prefix: str = "", store: str = "default") -> list[str]:
        """The keys that begin with a text."""
        keys: list[str] = []
        cursor: str | None = None
        while True:
            page = await self.call("kv/list", prefix=prefix, cursor=cursor, store=store)
            keys += page["keys"]
            if (cursor := page["cursor"]) is None:
                return keys

    async def _events(self, method: str, params: Json) -> AsyncIterator[Any]:
        stream = self._wire.events(method, params)
        try:
            while (batch := await self._thread.wait(_next(stream))) is not None:
                for event in batch:
                    yield event
        finally:
            await self._thread.wait(_end(stream))


def _twin(
    method: Callable[Concatenate[AsyncApp, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[App, P], T]:
    """The method that waits for what another one awaits."""

    @wraps(method)
    def wait(app: App, *args: P.args, **kwargs: P.kwargs) -> T:
        return app._wait(method(app.aio, *args, **kwargs))

    return wait


def _iterated(
    method: Callable[Concatenate[AsyncApp, P], AsyncIterator[T]],
) -> Callable[Concatenate[App, P], Iterator[T]]:
    """The generator that waits for each of what another one yields."""

    @wraps(method)
    def iterate(app: App, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        stream = method(app.aio, *args, **kwargs)
        try:
            while (found := app._wait(_item(stream))) is not None:
                yield found[0]
        finally:
            app._wait(_end(stream))

    return iterate


class App:
    """An application that is served; a context manager, which closes it."""

    def __init__(self, thread: LoopThread, wire: Wire, path: str, url: str | None) -> None:
        self._thread = thread
        self._wire = wire
        self.path = path
        """The manifest, or the bare wasm file."""
        self.url = url
        """Where it is served over HTTP; None if it isn't."""
        self.aio = AsyncApp(thread, wire)
        """The same methods as coroutines."""
        self.kv = KeyValues(self)
        """The default key-value store as a mapping; `app.kv("label")` is another one."""

    call = _twin(AsyncApp.call)
    info = _twin(AsyncApp.info)
    request = _twin(AsyncApp.request)
    get = _twin(AsyncApp.get)
    head = _twin(AsyncApp.head)
    options = _twin(AsyncApp.options)
    delete = _twin(AsyncApp.delete)
    post = _twin(AsyncApp.post)
    put = _twin(AsyncApp.put)
    patch = _twin(AsyncApp.patch)
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
                self._thread.run(_closed(self._wire))
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


async def _called(wire: Wire, method: str, params: Json) -> Any:
    return await wire.call(method, params)


async def _closed(wire: Wire) -> None:
    await wire.close()


async def _next(stream: AsyncIterator[T]) -> T | None:
    return await anext(stream, None)


async def _item(stream: AsyncIterator[T]) -> tuple[T] | None:
    async for item in stream:
        return (item,)
    return None


async def _end(stream: AsyncIterator[Any]) -> None:
    if (close := getattr(stream, "aclose", None)) is not None:
        await close()


def _pairs(headers: Headers) -> Iterable[tuple[str, str]]:
    return headers.items() if isinstance(headers, Mapping) else headers


def _payload(content: Content) -> Json:
    if isinstance(content, bytes):
        return {"encoding": "base64", "data": base64.b64encode(content).decode()}
    return {"encoding": "utf-8", "data": content or ""}


def _value(document: Any) -> bytes | None:
    if document is None:
        return None
    from spindle.door.result import body_bytes

    return body_bytes(document)


def _answered(
    answer: Json, method: str, path: str, headers: list[list[str]], body: Content
) -> ExchangeResult:
    response = answer["response"]
    if answer["exchanges"]:
        return ExchangeResult(answer["exchanges"][0], response)
    return ExchangeResult(
        {
            "v": 1,
            "id": None,
            "component": None,
            "trigger": {"type": "http", "target": path},
            "input": {
                "method": method,
                "scheme": "http",
                "authority": None,
                "path_with_query": path,
                "headers": headers,
                "body": _payload(body),
            },
            "output": response,
            "calls": [],
            "logs": [],
            "trap": None,
        },
        response,
    )


def _which(exchange: str | ExchangeResult | Json) -> Json:
    match exchange:
        case str():
            return {"id": exchange}
        case ExchangeResult():
            return {"exchange": exchange.document}
    return {"exchange": exchange}


def _id(exchange: str | ExchangeResult) -> str | None:
    return exchange.id if isinstance(exchange, ExchangeResult) else exchange


def _mapping(answer: Any) -> Json:
    assert isinstance(answer, dict), "the host answers with an object"
    return answer
