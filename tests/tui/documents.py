"""Exchanges that are always the same, and a host that tells of them without being one."""

import asyncio
from collections.abc import Sequence
from typing import Any

from spindle.client import (
    Difference,
    Event,
    HostStats,
    Page,
    Replayed,
    RouteInfo,
    RunFile,
    Stats,
)
from spindle.client.answers import AppName, HostInfo
from spindle.exchange import Summary
from spindle_tui.attachment import Attachment, State

BEGAN = 1_790_000_000_000
"""Milliseconds since the epoch: when the first of the exchanges began."""
Json = dict[str, Any]


def body(text: str, size: int | None = None) -> Json:
    kept = len(text.encode())
    size = kept if size is None else size
    return {"size": size, "kept": kept, "encoding": "utf-8", "data": text}


def id_of(number: int) -> str:
    return f"{BEGAN + number * 1500:012x}7000{number:016x}"


def document(number: int, method: str = "GET", path: str = "/", **changes: Any) -> Json:
    """An exchange in which all went well."""
    made: Json = {
        "v": 1,
        "id": id_of(number),
        "parent": None,
        "replay_of": None,
        "build": "5f2c9d81aa40",
        "component": "api",
        "instance": 3,
        "trigger": {"type": "http", "target": "/..."},
        "input": {
            "method": method,
            "scheme": "http",
            "authority": "127.0.0.1:3000",
            "path_with_query": path,
            "headers": [["host", "127.0.0.1:3000"], ["user-agent", "curl/8.5.0"]],
            "body": body(""),
        },
        "output": {
            "status": 200,
            "headers": [["content-type", "text/plain"]],
            "body": body("hello\n"),
            "trailers": None,
        },
        "phases_us": {
            "queue": 12.0,
            "guest": 940.0,
            "host": 310.0,
            "stream": 40.0,
            "total": 1302.0,
        },
        "calls": [],
        "logs": [],
        "trap": None,
        "truncated": [],
    }
    return {**made, **changes}


def output(status: int, text: str, kind: str = "application/json") -> Json:
    headers = [["content-type", kind]]
    return {"status": status, "headers": headers, "body": body(text), "trailers": None}


ORDER = '{"items": [{"sku": "tea-01", "count": 2, "price": 4.50}], "gift": false, "note": null}'
FRAMES = [
    {"function": "total", "file": "src/orders.py", "line": 41, "column": 12},
    {"function": "handle", "file": "src/app.py", "line": 17, "column": None},
    {"function": "wasi:http/handler@0.3.0#handle", "file": None, "line": None, "column": None},
]
CALLS: list[Json] = [
    {
        "interface": "fermyon:spin/key-value@2.0.0",
        "func": "get",
        "dependency": None,
        "at": 120.0,
        "took": 85.0,
        "args": {"store": "default", "key": "basket:7"},
        "result": body('{"tea-01": 2}'),
    },
    {
        "interface": "wasi:http/outgoing-handler@0.2.0",
        "func": "handle",
        "dependency": None,
        "at": 240.0,
        "took": 31_400.0,
        "args": {"method": "GET", "url": "https://prices.example/tea-01"},
        "result": {"status": 200},
    },
    {
        "interface": "fermyon:spin/sqlite@2.0.0",
        "func": "execute",
        "dependency": None,
        "at": 31_900.0,
        "took": 640.0,
        "args": {"statement": "INSERT INTO orders VALUES (?, ?)", "parameters": ["tea-01", 2]},
        "result": [],
    },
]
LOGS = [
    {"stream": "stdout", "at": 110.0, "text": "basket 7 has 1 item"},
    {"stream": "stderr", "at": 33_000.0, "text": "\x1b[31mprice was 9.00\x1b[0m\x1b]0;owned\x07"},
]

DOCUMENTS = (
    document(0, "GET", "/", component="front", output=output(200, "<h1>Tea</h1>", "text/html")),
    document(1, "GET", "/static/app.css?v=3", component="assets"),
    document(
        2,
        "POST",
        "/v1/orders",
        calls=CALLS,
        logs=LOGS,
        input={
            "method": "POST",
            "scheme": "http",
            "authority": "127.0.0.1:3000",
            "path_with_query": "/v1/orders",
            "headers": [["content-type", "application/json"]],
            "body": body(ORDER),
        },
        output=output(201, '{"order": 7, "total": 9.00, "tags": ["new", "\\u001b[2J"]}'),
        phases_us={
            "queue": 35.0,
            "instantiate": 2100.0,
            "guest": 4200.0,
            "host": 32_100.0,
            "stream": 220.0,
            "total": 38_700.0,
        },
    ),
    document(3, "GET", "/v1/orders/99", output=output(404, '{"error": "no such order"}')),
    document(
        4,
        "DELETE",
        "/v1/orders/7\x1b[2J\x07",
        trap={
            "reason": "wasm trap: unreachable",
            "frames": FRAMES,
            "export": "wasi:http/handler@0.3.0#handle",
            "dependency": None,
            "traceback": {
                "language": "Python",
                "message": "KeyError: 'price'\x1b[31m",
                "frames": FRAMES[:2],
            },
        },
        output=output(500, "", "text/plain"),
    ),
    document(5, "GET", "/v1/orders?page=2&sort=price", replay_of=id_of(3)),
)


def summary(made: Json) -> Summary:
    asked, gave = made["input"], made["output"]
    return Summary(
        id=made["id"],
        at=int(made["id"][:12], 16) / 1000,
        trigger=made["trigger"]["type"],
        target=made["trigger"]["target"],
        component=made["component"],
        build=made["build"],
        instance=made["instance"],
        method=asked["method"],
        path=asked["path_with_query"],
        host=asked["authority"],
        status=gave["status"],
        took=made["phases_us"]["total"],
        received=asked["body"]["size"],
        sent=gave["body"]["size"],
        calls=len(made["calls"]),
        logs=len(made["logs"]),
        trap=made["trap"] and made["trap"]["reason"],
        parent=made["parent"],
        replay_of=made["replay_of"],
    )


class Stream:
    """Events that a test puts; ends when it is closed."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[list[Event] | None] = asyncio.Queue()

    def put(self, *summaries: Summary) -> None:
        self.queue.put_nowait([Event("exchange.finished", each.at, each) for each in summaries])

    def __aiter__(self) -> "Stream":
        return self

    async def __anext__(self) -> list[Event]:
        events = await self.queue.get()
        if events is None:
            raise StopAsyncIteration
        return events

    async def aclose(self) -> None:
        self.queue.put_nowait(None)


class Teahouse:
    """Stands for a `HostClient` where what is shown must always be the same."""

    def __init__(self, documents: Sequence[Json] = DOCUMENTS) -> None:
        self.documents = {made["id"]: made for made in documents}
        self.streams: list[Stream] = []
        self.replays: list[Json] = []

    async def info(self) -> HostInfo:
        manifest = "/home/you/teahouse/spin.toml"
        return HostInfo(1, AppName("teahouse"), manifest, "http://127.0.0.1:3000", 0.0, 60.0, 1)

    async def stats(self) -> Stats:
        return Stats(0.0, HostStats(60.0, 0, 0.0, 6, 1, 1), (), ())

    async def routes(self) -> tuple[RouteInfo, ...]:
        return (RouteInfo("orders", "/v1", True, "api", "http"),)

    async def exchanges(
        self, where: str | None = None, *, before: str | None = None, limit: int = 100
    ) -> Page:
        from spindle.exchange import parse_filter

        wanted = parse_filter(where or "")
        rows = [summary(made) for made in self.documents.values()]
        chosen = [r for r in rows if wanted.matches(r) and (before is None or r.id < before)]
        return Page(tuple(sorted(chosen, reverse=True)[:limit]), None)

    async def exchange(self, id: str) -> Json:
        return self.documents[id]

    def follow_exchanges(self, where: str | None = None, *, started: bool = False) -> Stream:
        self.streams.append(Stream())
        return self.streams[-1]

    async def replay(self, id: str, **how: Any) -> Replayed:
        self.replays.append({"id": id, **how})
        made = {**self.documents[id], "id": id_of(90 + len(self.replays)), "replay_of": id}
        self.documents[made["id"]] = made
        changed = Difference("output", "body.total", 9.0, 9.5)
        return Replayed(made, (changed,) if made["calls"] else ())

    async def export(self, ids: Sequence[str], format: str, *, secrets: bool = False) -> str:
        return f"{format} of {len(ids)}"

    async def diff(self, a: str, b: str) -> tuple[Difference, ...]:
        return (
            Difference("output", "status", 404, 200),
            Difference("output", "body", "one\ntwo\nthree", "one\n2\nthree"),
            Difference("calls", "key-value.get[0].args.key", "basket:7", None),
        )


class Beside(Attachment):
    """A connection to what stands for a host."""

    def __init__(self, host: Teahouse) -> None:
        super().__init__("/home/you/teahouse")
        self._stand_in = host

    async def keep(self) -> None:
        manifest = "/home/you/teahouse/spin.toml"
        self.run_file = RunFile(1, "0", manifest, "http://127.0.0.1:3000", "", "")
        self.state = State.LIVE
        self.host = self._stand_in  # type: ignore[assignment]  # as far as panes ask it
        self.on_change()
        await asyncio.Event().wait()
