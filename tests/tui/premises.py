"""A host as panes see it that is always the same: routes, components, state, logs and builds."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.tui.documents import BEGAN, Stream, Teahouse, id_of

from spindle.client import (
    BuildResult,
    BuildState,
    BuildStatus,
    CallFailed,
    ComponentInfo,
    ComponentStats,
    Event,
    Fired,
    Grants,
    HostStats,
    InstanceInfo,
    KeyPage,
    Matched,
    QueryResult,
    RouteInfo,
    RouteStats,
    RouteTry,
    Stats,
)
from spindle.events import LogLine

NOW = BEGAN / 1000 + 600
ROUTES = (
    RouteInfo("orders", "/v1/orders/:id", False, "api", "http"),
    RouteInfo("api", "/v1", True, "api", "http"),
    RouteInfo("assets", "/static", True, "assets", "http"),
    RouteInfo("old", "/cgi-bin/report", False, "report", "wagi"),
    RouteInfo("front", "/", True, "front", "http"),
)
HISTOGRAM = ((400.0, 120), (900.0, 2400), (2000.0, 310), (4800.0, 62), (31_000.0, 9), (2.4e6, 2))
MIDDLE = ("wasi:cli/environment@0.2.6", "wasi:io/streams@0.2.6")
PROBLEMS: list[dict[str, Any]] = [
    {
        "code": "compiler",
        "severity": "error",
        "message": "expected `;`, found `let`",
        "path": "/home/you/teahouse/api/src/orders.rs",
        "range": {"start": {"line": 40, "character": 11}, "end": {"line": 40, "character": 12}},
        "help": "add `;` here",
    },
    {
        "code": "compiler",
        "severity": "warning",
        "message": "unused variable: `price`",
        "path": "/home/you/teahouse/api/src/prices.rs",
        "range": {"start": {"line": 7, "character": 8}, "end": {"line": 7, "character": 13}},
        "help": None,
    },
]
COMPONENTS = (
    ComponentInfo(
        "api",
        "Orders and prices",
        "target/wasm32-wasip1/release/api.wasm",
        "5f2c9d81aa40",
        True,
        ("fermyon:spin/key-value@2.0.0", "wasi:http/outgoing-handler@0.2.0", *MIDDLE),
        ("wasi:http/incoming-handler@0.2.0",),
        Grants(
            ("default", "sessions"),
            ("default",),
            ("https://prices.example", "redis://localhost:6379"),
            ("/data",),
            ("greeting", "token"),
        ),
        ("fermyon:auth/check",),
        (
            InstanceInfo(3, 1, 1204, 3_342_336, 0.0),
            InstanceInfo(5, 0, 311, 3_342_336, 4.0),
            InstanceInfo(6, 0, 12, 2_162_688, 71.0),
        ),
    ),
    ComponentInfo(
        "front",
        "",
        "front.wasm",
        "0a1b2c3d4e5f",
        False,
        MIDDLE,
        (),
        Grants(),
        (),
        (InstanceInfo(1, 0, 87, 1_114_112, 12.0),),
    ),
    ComponentInfo(
        "assets", "Files", "static.wasm", "99ffee001122", False, (), (), Grants(), (), ()
    ),
    ComponentInfo("report", "", "report.wasm", None, False, (), (), Grants(), (), ()),
)
BUILDS = BuildStatus(
    True,
    (
        BuildState(
            "api",
            "failed",
            NOW - 42,
            3.4,
            "`cargo build` ended with 101",
            [
                "   Compiling api v0.1.0 (/home/you/teahouse/api)\n",
                "error: expected `;`, found `let`\n",
                "  --> src/orders.rs:41:12\n",
                "\x1b[1m\x1b[31mwarning\x1b[0m: unused variable: `price`\n",
            ],
            PROBLEMS,
        ),
        BuildState("front", "instant", NOW - 7, 0.021, "", [], []),
        BuildState("assets", "none", None, None, "", [], []),
        BuildState("report", "building", NOW - 1, None, "", [], []),
    ),
)
WRITTEN = (
    ("api", 2, "stdout", "basket 7 has 1 item\n"),
    ("api", 2, "stderr", "\x1b[31mprice was 9.00\x1b[0m\x1b]0;owned\x07\n"),
    ("front", 3, "stdout", "rendering "),
    ("front", 3, "stdout", "the front page in 3 parts\n"),
    ("assets", None, "stderr", "no `cache-control` for app.css; a client asks for it each time\n"),
    ("api", 4, "stderr", "Traceback (most recent call last):\n  KeyError: 'price'\n"),
)


def stats(beat: int = 0) -> Stats:
    """What was counted at a beat; rates go up and down from one to the next."""
    served = sum(20 + (n * n) % 37 for n in range(beat))
    histogram = tuple((bound, count + served * (bound == 900.0)) for bound, count in HISTOGRAM)
    some = RouteStats("orders", "/v1/orders/:id", "api", 0, 0, 0.0, None, None, None, None, ())
    routes = (
        some,
        replace(
            some,
            id="api",
            route="/v1/...",
            count=2903 + served,
            errors=17,
            rate=34.2,
            p50=900.0,
            p90=2000.0,
            p99=4800.0,
            max=2.4e6,
            histogram=histogram,
        ),
        replace(
            some,
            id="front",
            route="/...",
            component="front",
            count=87,
            rate=0.4,
            p50=310.0,
            p90=400.0,
            p99=1250.0,
            max=1250.0,
            histogram=((400.0, 80), (1250.0, 7)),
        ),
    )
    components = (
        ComponentStats("api", 2903 + served, 17, 34.2, 900.0, 4800.0, 3, 8_847_360),
        ComponentStats("front", 87, 0, 0.4, 310.0, 1250.0, 1, 1_114_112),
        ComponentStats("assets", 0, 0, 0.0, None, None, 0, 0),
    )
    memory = 92_000_000 + 400_000 * (beat * 7 % 30)
    host = HostStats(600.0 + beat, memory, beat * 0.31, 2990 + served, 17, 1)
    return Stats(NOW + beat, host, routes, components)


class Told(Stream):
    """What a host tells from when somebody asks on."""

    async def start(self) -> None:
        """It has begun."""

    def tell(self, *events: Event) -> None:
        self.queue.put_nowait(list(events))


class Premises(Teahouse):
    """A `Teahouse` with all that panes look into."""

    def __init__(self) -> None:
        super().__init__()
        self.beat = 0
        self.keys: dict[str, bytes] = {
            "basket:7": b'{"tea-01": 2, "gift": false, "notes": ["no sugar", "\xc3\xa9tage 3"]}',
            "greeting": b"Good morning,\nwhat may it be?\n",
            "logo.png": bytes(range(0, 256, 3)),
            "session:\x1b[2Jeve": b"\x1b]0;owned\x07",
        }
        self.database = sqlite3.connect(":memory:", check_same_thread=False)
        self.database.executescript("""
            create table orders (id integer primary key, item text, price real, note blob);
            create table [odd "name"] (a);
            create view recent as select * from orders order by id desc limit 10;
        """)
        self.database.executemany(
            "insert into orders (item, price, note) values (?, ?, ?)",
            [
                (f"tea-{n:02}", n * 1.5, None if n % 3 else bytes([n % 256]) * 20)
                for n in range(250)
            ],
        )
        self.database.execute("update orders set item = ? where id = 3", ["\x1b[2Jtea"])
        self.fired: list[Any] = []
        self.built: list[Any] = []
        self.logs = Told()
        self.events = Told()

    # The application.

    async def routes(self) -> tuple[RouteInfo, ...]:
        return ROUTES

    async def match(self, url: str, method: str = "GET") -> Matched:
        tried = (
            RouteTry("orders", "/v1/orders/:id", True, "every part of it meets the path"),
            RouteTry("api", "/v1/...", True, "the route above is tried before it"),
            RouteTry("assets", "/static/...", False, "`/static` is not the beginning of the path"),
            RouteTry("old", "/cgi-bin/report", False, "the path has other parts"),
            RouteTry("front", "/...", True, "the route above is tried before it"),
        )
        headers = (("spin-path-info", ""), ("spin-raw-component-route", "/v1/orders/:id"))
        why = "every part of it meets the path, and it has no wildcard"
        return Matched("orders", "/v1/orders/:id", "api", why, {"id": "7"}, "", headers, tried)

    async def components(self) -> tuple[ComponentInfo, ...]:
        return COMPONENTS

    async def stats(self) -> Stats:
        return stats(self.beat)

    async def build_status(self) -> BuildStatus:
        return BUILDS

    async def build(
        self, components: Sequence[str] | None = None, *, force: bool = False
    ) -> tuple[BuildResult, ...]:
        self.built.append((components, force))
        reason = "`cargo build` ended with 101"
        return (BuildResult("api", False, False, 3.4, reason, PROBLEMS, []),)

    async def reload(self) -> tuple[str, ...]:
        return ("front",)

    async def fire(self, type: str, target: str, payload: Any = b"", **how: Any) -> Fired:
        self.fired.append((type, target, payload, how))
        return Fired([self.documents[id_of(2)]], {"status": 201})

    # State.

    async def kv_list(
        self, store: str = "default", *, prefix: str = "", cursor: str | None = None
    ) -> KeyPage:
        keys = sorted(key for key in self.keys if key.startswith(prefix))
        start = int(cursor or 0)
        more = str(start + 1000) if start + 1000 < len(keys) else None
        return KeyPage(keys[start : start + 1000], more)

    async def kv_get(self, key: str, store: str = "default") -> bytes | None:
        return self.keys.get(key)

    async def kv_set(self, key: str, value: bytes | str, store: str = "default") -> None:
        self.keys[key] = value.encode() if isinstance(value, str) else value

    async def kv_delete(self, key: str, store: str = "default") -> None:
        self.keys.pop(key, None)

    async def databases(self) -> tuple[str, ...]:
        return ("default",)

    async def sql(
        self,
        sql: str,
        parameters: Sequence[Any] = (),
        *,
        database: str = "default",
        limit: int | None = None,
    ) -> tuple[QueryResult, ...]:
        try:
            answer = self.database.execute(sql, parameters)
        except sqlite3.Error as error:
            raise CallFailed(f"{error}", -32000, ("line 1, column 8",)) from None
        rows = [list(row) for row in answer.fetchall()]
        columns = [name for name, *_ in answer.description or ()]
        changes = None if answer.rowcount < 0 else answer.rowcount
        return (QueryResult(columns, rows[:limit], len(rows), True, changes),)

    # What happens.

    def follow_logs(self, component: str | None = None) -> Told:
        for name, exchange, stream, text in WRITTEN:
            id = None if exchange is None else id_of(exchange)
            self.write(name, id, stream, text)
        return self.logs

    def write(self, component: str, exchange: str | None, stream: str, text: str) -> None:
        """Have a guest write something."""
        line = LogLine(component, exchange, stream, text)
        self.logs.tell(Event("log", NOW, line))

    def follow_events(self, *kinds: str) -> Told:
        self.events = Told()
        self.events.tell(
            *[
                Event("build.started", NOW - 45, {"components": ["api"]}),
                Event(
                    "build.finished",
                    NOW - 42,
                    {
                        "component": "api",
                        "ok": False,
                        "took": 3.4,
                        "reason": "`cargo build` ended with 101",
                    },
                ),
                Event("swap.done", NOW - 7, {"component": "front", "build": "0a1b", "took": 0.021}),
            ]
        )
        return self.events
