"""Whatever a host says is what `spindle.client.protocol` says it says."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.client.endpoints import run
from tests.dev.hosts import hosted

from spindle.client import CallFailed, HostClient, Link
from spindle.client.protocol import EVENTS, METHODS, control_page, control_schema
from spindle.dev.control.answering import answer_to
from spindle.dev.host import Host

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
SCHEMA: Any = control_schema()

MANIFEST = """\
spin_manifest_version = 2
[application]
name = "all-of-it"
version = "1.0"
[[trigger.http]]
id = "hello"
route = "/hello/:name/..."
component = "hello"
[[trigger.http]]
route = "/traps"
component = "traps"
[[trigger.http]]
id = "fixed"
route = "/fixed"
static_response = {{ body = "fixed" }}
[component.hello]
description = "says hello"
source = "hello.wasm"
key_value_stores = ["default"]
sqlite_databases = ["default"]
allowed_outbound_hosts = ["https://example.com"]
variables = {{ greeting = "Hi" }}
[component.hello.build]
command = "cp {hello} hello.wasm"
watch = ["*.txt"]
[component.traps]
source = "traps.wasm"
[component.traps.build]
command = "echo 'error: it fails' && exit 3"
watch = ["*.txt"]
"""


def closed(schema: Any) -> Any:
    """A schema whose objects have no fields but those that are written down."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(value) for key, value in schema.items()}
    if "properties" in schema and "additionalProperties" not in schema:
        made["additionalProperties"] = False
    return made


DEFINITIONS = closed(SCHEMA["$defs"])


def check(schema: Any, document: object) -> None:
    Draft202012Validator({**closed(schema), "$defs": DEFINITIONS}).validate(document)


class Checked(Link):
    """A link that looks at whatever goes over it."""

    async def call(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = 60.0,  # noqa: ASYNC109  # as of `Link`
    ) -> Any:
        check(METHODS[method].params, params or {})
        result = await super().call(method, params, timeout=timeout)
        check(METHODS[method].result, result)
        return result

    def _take_events(self, params: Mapping[str, Any]) -> None:
        message = {"jsonrpc": "2.0", "method": "events", "params": params}
        Draft202012Validator(SCHEMA).validate(message)
        for event in params["events"]:
            check(EVENTS[event["kind"]], event["data"])
        super()._take_events(params)


@asynccontextmanager
async def checked(app: Path, **flags: Any) -> AsyncIterator[tuple[Host, HostClient]]:
    """A host, and a client that checks all it hears."""
    async with hosted(app, **flags) as (host, _):
        assert host.run_file is not None
        async with HostClient(await Checked.open(host.run_file)) as client:
            yield host, client


@pytest.fixture
def app(tmp_path: Path, guest: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    root = tmp_path / "app"
    root.mkdir()
    for name in ("hello", "traps"):
        (root / f"{name}.wasm").write_bytes(guest(f"wat/{name}").read_bytes())
    (root / "source.txt").write_text("1")
    manifest = root / "spin.toml"
    manifest.write_text(MANIFEST.format(hello=guest("wat/hello")))
    return manifest


def test_every_method_is_written_down(app: Path) -> None:
    async def main() -> None:
        async with hosted(app) as (host, _):
            assert {*host.methods, "initialize", "host/cancel", "host/unsubscribe"} == set(METHODS)

    run(main())


def test_the_reference_is_what_is_written_down() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert json.loads((REFERENCE / "control.schema.json").read_text("utf-8")) == SCHEMA
    assert (REFERENCE / "control.md").read_text("utf-8") == control_page()


def test_a_host_about_itself_and_its_application(app: Path) -> None:
    async def main() -> None:
        async with checked(app) as (host, client):
            info = await client.info()
            assert (info.app.name, info.app.version) == ("all-of-it", "1.0")
            assert info.base_url == host.base_url
            assert info.state == str(app.parent / ".spin")
            assert [(r.id, r.pattern, r.component) for r in await client.routes()] == [
                ("traps-http-trigger", "/traps", "traps"),
                ("fixed", "/fixed", None),
                ("hello", "/hello/:name/...", "hello"),
            ]
            matched = await client.match("http://example.com/hello/you/a%20b?c=d")
            assert (matched.matched, matched.params) == ("hello", {"name": "you"})
            assert matched.path_info == "/a%20b"
            assert ("spin-path-match-name", "you") in matched.headers
            hello, traps = await client.components()
            assert hello.grants.variables == ["greeting"]
            assert hello.exports
            assert (hello.build, traps.build) == (host.build_of("hello"), host.build_of("traps"))
            assert await client.reload() == ()

    run(main())


def test_exchanges(app: Path) -> None:
    async def main() -> None:
        async with checked(app) as (_, client):
            follow = [
                client.follow_exchanges(started=True),
                client.follow_exchanges("component:traps"),
                client.follow_documents(),
            ]
            await asyncio.gather(*(stream.start() for stream in follow))
            fired = await client.fire("http", "/hello/you?a=b", b"\xff", method="POST")
            assert fired.response is not None
            assert fired.response["status"] == 200
            trapped = await client.fire("http", "/traps")
            hello, traps = fired.exchanges[0]["id"], trapped.exchanges[0]["id"]

            seen = [(e.kind, e.data.id) for e in await _events(follow[0], 4)]
            assert sorted(seen) == [
                ("exchange.finished", hello),
                ("exchange.finished", traps),
                ("exchange.started", hello),
                ("exchange.started", traps),
            ]
            assert [e.data.id for e in await _events(follow[1], 1)] == [traps]
            assert [e.data["id"] for e in await _events(follow[2], 2)] == [hello, traps]

            page = await client.exchanges(limit=1)
            assert [each.id for each in page.exchanges] == [traps] == [page.more]
            page = await client.exchanges(limit=1, before=page.more)
            assert ([each.id for each in page.exchanges], page.more) == ([hello], None)
            assert [e.id for e in (await client.exchanges("status:200")).exchanges] == [hello]
            assert (await client.exchange(traps))["trap"]["reason"]
            assert (await client.exchange(hello[:-1]))["id"] == hello
            body = await client.body(hello, "input")
            assert (body.data, body.size) == (b"\xff", 1)
            assert (await client.body(hello, "output", offset=1, limit=2)).data == b"el"
            assert (await client.body(traps, "output")).size == 0
            assert "curl" in await client.export([hello, traps])
            assert len(json.loads(await client.export(format="har", where="status:200"))) == 1
            assert await client.diff(hello, hello) == ()
            assert {d.part for d in await client.diff(hello, traps)} >= {"output", "trap"}
            replayed = await client.replay(hello, edit={"path": "/hello/me", "body": b"\xfe"})
            assert replayed.exchange["replay_of"] == hello
            assert replayed.exchange["input"]["path_with_query"] == "/hello/me"

            stats = await client.stats()
            counted = {route.id: (route.count, route.errors) for route in stats.routes}
            assert counted["traps-http-trigger"] == (1, 1)
            assert counted["hello"][0] >= 1
            assert counted["fixed"] == (0, 0)
            assert stats.host.rss > 0

    run(main())


async def _events(stream: Any, count: int) -> list[Any]:
    events: list[Any] = []
    while len(events) < count:
        events += await anext(stream)
    return events


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda client: client.exchange("nope"), "no exchange is kept"),
        (lambda client: client.exchanges("status>="), "nothing follows `status>=`"),
        (lambda client: client.exchanges(limit=-1), "`limit` must be a number"),
        (lambda client: client.body("x", "middle"), "`part` must be one of"),
        (lambda client: client.export(["x"], "pdf"), "`format` must be one of"),
        (lambda client: client.build(["nope"]), "no component `nope` that has a build command"),
        (lambda client: client.match("nope"), "neither a URL nor a path"),
        (lambda client: client.match("http://[/"), "no URL"),
        (lambda client: anext(client.follow_events("log")), "there are no events `log`"),
        (lambda client: client.fire("sqs", "x"), "has no `sqs` trigger"),
        (lambda client: client.kv_get("a", "nope"), "no key-value store has the label `nope`"),
        (lambda client: client.sql("nope"), "near|empty"),
    ],
)
def test_what_is_refused_is_said(app: Path, ask: Callable[[HostClient], Any], message: str) -> None:
    async def main() -> None:
        async with hosted(app) as (_, client):
            with pytest.raises(CallFailed, match=message):
                await ask(client)

    run(main())


def test_of_a_filter_it_is_said_where_it_is_wrong(app: Path) -> None:
    async def main() -> None:
        async with hosted(app) as (host, _):
            assert host.run_file is not None
            answer: Any = answer_to(
                {"id": 1, "method": "exchange/list", "params": {"where": "status>="}}, host.methods
            )
            error = (await answer)["error"]
            check({"$ref": "#/$defs/Error"}, error)
            assert (error["data"]["column"], error["data"]["length"]) == (0, 8)

    run(main())


def test_state(app: Path) -> None:
    async def main() -> None:
        async with checked(app) as (_, client):
            await client.kv_set("a", b"\xff")
            await client.kv_set("b", "text")
            assert await client.kv_list() == (await client.kv_list(prefix=""))
            assert sorted((await client.kv_list()).keys) == ["a", "b"]
            assert await client.kv_get("a") == b"\xff"
            assert await client.kv_get("b") == b"text"
            await client.kv_delete("a")
            assert await client.kv_get("a") is None
            assert await client.databases() == ("default",)
            await client.sql("create table t (a)")
            await client.sql("insert into t values (?), (?), (1e999)", [b"text", None])
            (result,) = await client.sql("select a from t")
            assert [row[0] for row in result.rows] == [b"text", None, float("inf")]

    run(main())


def test_builds(app: Path) -> None:
    async def main() -> None:
        async with checked(app) as (host, client):
            states = {each.id: each.state for each in (await client.build_status()).components}
            assert states == {"hello": "fresh", "traps": "fresh"}
            told = client.follow_events()
            await told.start()
            before = host.build_of("hello")
            (app.parent / "hello.wasm").write_bytes((app.parent / "traps.wasm").read_bytes())
            assert await client.reload() == ("hello",)
            (result,) = await client.build(["hello"])
            assert (result.ok, result.fresh) == (True, False)
            assert host.build_of("hello") == before
            (result,) = await client.build(["traps"], force=True)
            assert (result.ok, result.output) == (False, ["error: it fails"])
            status = await client.build_status()
            assert not status.watching
            assert {each.id: each.state for each in status.components} == {
                "hello": "fresh",
                "traps": "failed",
            }
            host.stop()
            await host.wait_stopped()
            kinds = [event.kind for event in await _events(told, 9)]
            assert sorted(set(kinds)) == [
                "app.changed",
                "build.finished",
                "build.started",
                "host.stopping",
                "swap.done",
            ]

    run(main())


def test_a_build_that_is_refused_stays_refused_until_it_can_be_served(app: Path) -> None:
    cut = app.read_text().replace("cp ", "head -c $(cat source.txt) ")
    app.write_text(cut.replace(" hello.wasm", " > hello.wasm"))

    async def stale(client: HostClient) -> list[bool]:
        return [each.stale for each in await client.components()]

    async def main() -> None:
        async with checked(app) as (host, client):
            before = host.build_of("hello")
            for _ in range(2):
                with pytest.raises(CallFailed, match="component `hello`: "):
                    await client.build(["hello"])
                assert (await stale(client), host.build_of("hello")) == ([True, False], before)
            (app.parent / "source.txt").write_text("999999")
            (result,) = await client.build(["hello"])
            assert (result.ok, await stale(client)) == (True, [False, False])
            assert host.build_of("hello") == before

    run(main())


def test_what_is_saved_makes_components_stale_that_nobody_builds(app: Path) -> None:
    async def main() -> None:
        async with checked(app) as (_, client):
            later = app.parent / "later.txt"
            later.write_text("later")
            states = {each.id: each.state for each in (await client.build_status()).components}
            assert states == {"hello": "stale", "traps": "stale"}

    run(main())


def test_a_watched_application_tells_of_its_builds(app: Path) -> None:
    async def main() -> None:
        async with checked(app, watch=True, components=("hello",)) as (_, client):
            assert (await client.build_status()).watching
            told = client.follow_events("build.finished")
            await told.start()
            (app.parent / "source.txt").write_text("2")
            ended: dict[str, bool] = {}
            while "hello" not in ended:
                ended |= {e.data["component"]: e.data["ok"] for e in await anext(told)}
            assert ended["hello"]

    run(main())
