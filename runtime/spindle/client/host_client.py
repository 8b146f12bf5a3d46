"""A host's methods as functions, their answers as values."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Literal, Self

from spindle.client import answers
from spindle.client.answers import (
    BodyPart,
    BuildResult,
    BuildStatus,
    ComponentInfo,
    Difference,
    Document,
    Fired,
    HostInfo,
    KeyPage,
    Matched,
    Page,
    QueryResult,
    Replayed,
    RouteInfo,
    Stats,
)
from spindle.client.link import Event, Link, Stream
from spindle.client.run_file import RunFile
from spindle.events import Dropped, LogLine
from spindle.exchange import bytes_of


class HostClient:
    """Asks one host; every method raises `CallFailed` and `HostUnreachable`."""

    def __init__(self, link: Link) -> None:
        self.link = link

    @classmethod
    async def open(cls, run_file: RunFile, *, timeout: float = 5.0) -> Self:  # noqa: ASYNC109 - Link's
        """The client of a host that `find_host` found."""
        return cls(await Link.open(run_file, timeout=timeout))

    async def close(self) -> None:
        """Hang up."""
        await self.link.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    # The host and its application.

    async def info(self) -> HostInfo:
        """What the host says of itself."""
        return HostInfo.of(await self.link.call("host/info"))

    async def stop(self) -> None:
        """Have the host stop; it lets requests under way finish."""
        await self.link.call("host/stop")

    async def routes(self) -> tuple[RouteInfo, ...]:
        """The HTTP routes, in the order in which they are tried."""
        return answers.routes_of(await self.link.call("app/routes"))

    async def match(self, url: str, method: str = "GET") -> Matched:
        """Where a URL, or a path with query, would go, and why."""
        return Matched.of(await self.link.call("app/match", {"url": url, "method": method}))

    async def components(self) -> tuple[ComponentInfo, ...]:
        """The components, in the manifest's order."""
        return tuple(map(ComponentInfo.of, await self.link.call("app/components")))

    async def stats(self) -> Stats:
        """What the host has counted."""
        return Stats.of(await self.link.call("stats/get"))

    async def reload(self) -> tuple[str, ...]:
        """Have the host serve what the files say now; which components are new builds."""
        return tuple((await self.link.call("app/reload", timeout=None))["changed"])

    async def build(
        self, components: Sequence[str] | None = None, *, force: bool = False
    ) -> tuple[BuildResult, ...]:
        """Build components, all if none are named, and serve them."""
        params = _given(components=None if components is None else list(components), force=force)
        return answers.builds_of(await self.link.call("app/build", params, timeout=None))

    async def build_status(self) -> BuildStatus:
        """How components stand to their sources."""
        return BuildStatus.of(await self.link.call("build/status"))

    # Exchanges.

    async def exchanges(
        self, where: str | None = None, *, before: str | None = None, limit: int = 100
    ) -> Page:
        """The newest exchanges that a filter lets pass."""
        params = _given(where=where, before=before, limit=limit)
        return Page.of(await self.link.call("exchange/list", params))

    async def exchange(self, id: str) -> Document:
        """An exchange, whole, by its id or the unique beginning of it."""
        document: Document = await self.link.call("exchange/get", {"id": id})
        return document

    async def body(
        self,
        id: str,
        part: Literal["input", "output"],
        *,
        offset: int = 0,
        limit: int | None = None,
    ) -> BodyPart:
        """Bytes of a request's or a response's body, as far as they are kept."""
        params = _given(id=id, part=part, offset=offset, limit=limit)
        return BodyPart.of(await self.link.call("exchange/body", params))

    async def replay(
        self,
        exchange: str | Document,
        *,
        edit: Mapping[str, Any] | None = None,
        state: Literal["fork", "live"] = "fork",
        hosts: Literal["live", "recorded"] = "live",
        against: str | None = None,
        allow_truncated: bool = False,
        ignored: Sequence[str] = (),
        trace: bool = False,
    ) -> Replayed:
        """Have an exchange happen again; `edit` may have `method path headers body`.

        `against` is a build: the beginning of its id, `previous`, or a path. `ignored` are places
        of differences that don't count. With `trace` the new exchange has all that the guest
        called.
        """
        which = {"id": exchange} if isinstance(exchange, str) else {"exchange": exchange}
        params = _given(
            **which,
            edit=None if edit is None else _edit_document(edit),
            state=state,
            hosts=hosts,
            against=against,
            allow_truncated=allow_truncated,
            ignored=list(ignored),
            trace=trace,
        )
        return Replayed.of(await self.link.call("exchange/replay", params, timeout=None))

    async def export(
        self,
        ids: Sequence[str] | None = None,
        format: str = "curl",
        *,
        where: str | None = None,
        secrets: bool = False,
    ) -> str:
        """Exchanges in another form: `curl http har python pytest json`."""
        chosen = None if ids is None else list(ids)
        params = _given(ids=chosen, where=where, format=format, secrets=secrets)
        return str((await self.link.call("exchange/export", params))["text"])

    async def diff(self, a: str, b: str) -> tuple[Difference, ...]:
        """Where two exchanges differ."""
        answer = await self.link.call("exchange/diff", {"a": a, "b": b})
        return answers.differences_of(answer["differences"])

    async def fire(
        self,
        type: str,
        target: str,
        payload: bytes | str = b"",
        *,
        method: str | None = None,
        headers: Sequence[tuple[str, str]] | None = None,
    ) -> Fired:
        """Have a trigger fire by hand."""
        params = _given(
            type=type,
            target=target,
            payload=answers.payload_of(payload),
            method=method,
            headers=None if headers is None else [list(header) for header in headers],
        )
        return answers.fired_of(await self.link.call("trigger/fire", params, timeout=None))

    # State.

    async def kv_list(
        self, store: str = "default", *, prefix: str = "", cursor: str | None = None
    ) -> KeyPage:
        """A page of a store's keys."""
        params = _given(store=store, prefix=prefix, cursor=cursor)
        return answers.keys_of(await self.link.call("kv/list", params))

    async def kv_get(self, key: str, store: str = "default") -> bytes | None:
        """The value of a key."""
        value = (await self.link.call("kv/get", {"store": store, "key": key}))["value"]
        return None if value is None else bytes_of(value)

    async def kv_set(self, key: str, value: bytes | str, store: str = "default") -> None:
        """Set the value of a key."""
        params = {"store": store, "key": key, "value": answers.payload_of(value)}
        await self.link.call("kv/set", params)

    async def kv_delete(self, key: str, store: str = "default") -> None:
        """Remove a key."""
        await self.link.call("kv/delete", {"store": store, "key": key})

    async def databases(self) -> tuple[str, ...]:
        """The labels of the SQLite databases."""
        return tuple((await self.link.call("sql/databases"))["databases"])

    async def sql(
        self,
        sql: str,
        parameters: Sequence[Any] = (),
        *,
        database: str = "default",
        limit: int | None = None,
    ) -> tuple[QueryResult, ...]:
        """What statements answer, one result for each."""
        values = [_sql_document(value) for value in parameters]
        params = _given(sql=sql, parameters=values, database=database, limit=limit)
        answer = await self.link.call("sql/query", params)
        return tuple(map(QueryResult.of, answer["results"]))

    # What happens.

    def follow_exchanges(self, where: str | None = None, *, started: bool = False) -> Stream:
        """`exchange.finished` (and `exchange.started`) with a `Summary`, `dropped` with `Dropped`.

        What has not finished is told whatever `where` says of how it ends.
        """
        params = _given(where=where, started=started)
        return self._follow("exchange/subscribe", params, answers.summary_from)

    def follow_documents(self, where: str | None = None) -> Stream:
        """`exchange.finished` with whole exchanges."""
        return self._follow("exchange/subscribe", _given(where=where, detail=True), dict)

    def follow_logs(self, component: str | None = None) -> Stream:
        """`log` with a `LogLine`."""
        return self._follow("logs/subscribe", _given(component=component), _log_line)

    def follow_events(self, *kinds: str) -> Stream:
        """`app.changed build.started build.finished swap.done host.stopping`, or some of them."""
        params = _given(kinds=list(kinds) or None)
        return self._follow("events/subscribe", params, _same)

    def _follow(
        self, method: str, params: Mapping[str, Any], data_of: Callable[[Any], Any]
    ) -> Stream:
        def read(event: Event) -> Event:
            made = Dropped(**event.data) if event.kind == "dropped" else data_of(event.data)
            return event._replace(data=made)

        return self.link.events(method, params, read)


def _given(**params: Any) -> dict[str, Any]:
    """Parameters without those that say nothing."""
    return {name: value for name, value in params.items() if value is not None}


def _edit_document(edit: Mapping[str, Any]) -> dict[str, Any]:
    body = edit.get("body")
    return {**edit, "body": answers.payload_of(body)} if isinstance(body, bytes) else dict(edit)


def _sql_document(value: Any) -> Any:
    return {"blob": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def _log_line(data: Mapping[str, Any]) -> LogLine:
    return LogLine(data["component"], data["exchange"], data["stream"], data["text"])


def _same(data: Any) -> Any:
    return data
