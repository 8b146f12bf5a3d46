"""Replays on stages, with a real guest."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from tests.guests.build import build
from tests.replay.applications import Application, answer_of, serving

from spindle.dev.replaying import Stage, replay_suite
from spindle.errors import SpindleError
from spindle.replay import Edit, Manner, NoSuchBuild, NotReplayable, Order, Replay

COUNT = """
with await key_value.open_default() as store:
    number = int(await store.get("n") or b"0") + 1
    await store.set("n", str(number).encode())
return number
"""
READ = """
with await key_value.open_default() as store:
    return (await store.get("n") or b"").decode()
"""
TOLD = """
import os, random, time
answer = await http.send(Request("GET", "http://127.0.0.1:%d/", {}, None))
with await key_value.open_default() as store:
    kept = await store.get("n")
    await store.set("n", b"other")
return [
    random.random(), random.getrandbits(64), time.time(), time.monotonic(), os.environ["COLOUR"],
    await variables.get("who"), await variables.get("token"), answer.status, answer.body.decode(),
    kept,
]
"""
INSERT = """
Connection = spin_sqlite_sqlite_3_1_0.Connection
connection = await Connection.open_async("default")
async def execute(statement):
    columns, rows, end = await connection.execute_async(statement, [])
    kept = []
    with rows, end:
        while not rows.writer_dropped:
            kept += await rows.read(100)
        await end.read()
    return kept
await execute("CREATE TABLE IF NOT EXISTS t (n INTEGER)")
await execute("INSERT INTO t VALUES (1)")
((row),) = await execute("SELECT count(*) FROM t")
return row.values[0].value
"""


def test_the_new_exchange_repeats_the_old_one(tmp_path: Path) -> None:
    async def test(app: Application) -> None:
        before = await app.run("return [request.method, request.uri, sorted(request.headers)]")
        came = await app.replay(before)
        assert came.exchange["replay_of"] == before["id"]
        assert came.exchange["id"] != before["id"]
        assert came.exchange["build"] == before["build"]
        assert came.exchange["input"] == before["input"]
        assert came.differences == ()

    serving(tmp_path, test)


def test_a_fork_leaves_stores_and_databases_alone(tmp_path: Path) -> None:
    async def test(app: Application) -> None:
        counted = await app.run(COUNT)
        inserted = await app.run(INSERT)
        assert answer_of(counted) == 1
        for _ in range(2):
            came = await app.replay(counted)
            assert answer_of(came.exchange) == 1  # as it was then: nothing was kept yet
            assert came.notes == (
                "key `n` of store `default` is removed from the fork: it was not there then",
            )
            assert answer_of((await app.replay(inserted)).exchange) == 2
        assert answer_of(await app.run(READ)) == "1"
        assert answer_of(await app.run(INSERT)) == 2

    serving(tmp_path, test)


def test_a_fork_of_what_is_in_memory_is_a_copy_too(tmp_path: Path) -> None:
    async def test(app: Application) -> None:
        await app.run(COUNT)
        read = await app.run(READ)
        came = await app.replay(read)
        assert answer_of(came.exchange) == "1"
        assert came.notes == ()
        counted = await app.run(COUNT)
        await app.replay(counted)
        assert answer_of(await app.run(READ)) == "2"

    serving(tmp_path, test, state_dir="")


def test_live_state_is_the_applications_own(tmp_path: Path) -> None:
    async def test(app: Application) -> None:
        counted = await app.run(COUNT)
        came = await app.replay(counted, state="live")
        assert answer_of(came.exchange) == 2
        assert {each.place for each in came.differences} == {
            "output.body",
            "calls.spin:key-value/key-value#get.result",
            "calls.spin:key-value/key-value#set.args[2]",
        }
        assert answer_of(await app.run(READ)) == "2"

    serving(tmp_path, test)


def test_a_fork_says_that_servers_can_not_be_copied(tmp_path: Path) -> None:
    code = """
    try:
        await redis.open("redis://127.0.0.1:1")
    except Err as error:
        return str(error.value)
    """

    async def test(app: Application) -> None:
        before = await app.run(code)
        came = await app.replay(before)
        why = "Redis can't be forked; `--state live` uses it as it is"
        assert came.notes == (why,)
        assert why in answer_of(came.exchange)

    serving(tmp_path, test)


def test_a_store_on_a_server_is_refused_by_name(tmp_path: Path) -> None:
    config = tmp_path / "runtime.toml"
    config.write_text('[key_value_store.far]\ntype = "redis"\nurl = "redis://127.0.0.1:1"\n')
    code = """
    try:
        await key_value.open("far")
    except Err as error:
        return str(error.value)
    """

    async def test(app: Application) -> None:
        came = await app.replay(await app.run(code))
        why = (
            "key-value store `far` is kept by a server and can't be forked; "
            "`--state live` uses it as it is"
        )
        assert came.notes == (why,)
        assert why in answer_of(came.exchange)

    serving(tmp_path, test, stores=', "far"', runtime_config_file=config)


def test_requests_to_the_application_itself_stay_in_the_fork(tmp_path: Path) -> None:
    code = f"""
    answer = await http.send(Request("POST", "http://self.alt/", {{}}, {COUNT!r}.encode()))
    return answer.body.decode()
    """

    async def test(app: Application) -> None:
        before = await app.run(code)  # it is not served: it can't ask itself
        assert before["output"]["status"] == 500
        came = await app.replay(before)
        assert answer_of(came.exchange) == "1"
        assert answer_of(await app.run(READ)) == ""

    serving(tmp_path, test)


def test_what_the_host_told_is_told_again(tmp_path: Path) -> None:
    async def test(app: Application) -> None:
        with _server() as (port, asked):
            await app.run(COUNT)
            before = await app.run(TOLD % port)
            assert answer_of(before)[-2] == "hello 1"
            assert len(asked) == 1
        for _ in range(2):  # the server is gone
            came = await app.replay(before, hosts="recorded")
            assert came.exchange["output"] == before["output"]
            assert came.differences == ()
            assert came.notes == ()
        assert len(asked) == 1
        assert answer_of(await app.run(READ)) == "other"
        assert "s3cret" not in json.dumps(before["recorded"])

    serving(tmp_path, test, record=True)


def test_it_says_where_a_guest_asks_something_else(tmp_path: Path) -> None:
    async def test(app: Application) -> None:
        before = await app.run(READ)
        edit = Edit(body=READ.replace('"n"', '"m"').encode())
        came = await app.replay(before, edit, hosts="recorded")
        assert _output(came)["status"] == 500
        assert [(each.path, each.before, each.after) for each in came.differences[-2:]] == [
            ("spin:key-value/key-value#[method]store.get", None, ["default", "m"]),
            ("spin:key-value/key-value#[method]store.get", ["default", "n"], None),
        ]

    serving(tmp_path, test, record=True)


def test_waits_of_a_recording_take_no_time(tmp_path: Path) -> None:
    code = """
    import time
    began = time.monotonic()
    for _ in range(3):
        await wasi_clocks_monotonic_clock_0_3_0.wait_for(50_000_000)
    return time.monotonic() - began
    """

    async def test(app: Application) -> None:
        before = await app.run(code)
        came = await app.replay(before, hosts="recorded")
        assert came.exchange["output"] == before["output"]

    serving(tmp_path, test, record=True)


def test_without_a_recording_it_says_how_to_have_one(tmp_path: Path) -> None:
    async def test(app: Application) -> None:
        with pytest.raises(NotReplayable) as raised:
            await app.replay(await app.run("return 1"), hosts="recorded")
        assert raised.value.hints == ("`spindle up --record` makes recordings",)

    serving(tmp_path, test)


def test_another_build_may_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    wasm = tmp_path / "app.wasm"
    wasm.write_bytes(build("rust-p2").read_bytes())

    async def first(app: Application) -> Any:
        return await app.run("")

    async def then(app: Application) -> None:
        now = await app.run("")
        assert now["build"] != old["build"]
        for against in ("previous", old["build"][:6], str(build("rust-p2"))):
            came = await app.replay(now, against=against)
            assert _output(came)["body"] == old["output"]["body"]
            assert came.differences
        assert (await app.replay(now, against="previous")).exchange["build"] == old["build"]
        assert (await app.replay(now, against=now["build"])).differences == ()
        with pytest.raises(NoSuchBuild, match="no build `abcdef` of component `lab` is kept"):
            await app.replay(now, against="abcdef")

    (tmp_path / "app").mkdir()
    old = serving(tmp_path / "app", first, wasm=wasm)
    wasm.write_bytes(build("python").read_bytes())
    serving(tmp_path / "app", then, wasm=wasm)


def test_a_suite_is_replayed_in_order_on_one_fork(tmp_path: Path) -> None:
    async def test(app: Application) -> None:
        documents = [await app.run(COUNT) for _ in range(3)]
        documents += [await app.run(f"return {number}") for number in range(20)]
        orders = list(map(Order, documents))
        async with Stage(app.host._scene(), Manner()) as stage:
            outcomes = [outcome async for outcome in replay_suite(stage, orders)]
        assert [_told(outcome) for outcome in outcomes] == [1, 2, 3, *range(20)]
        assert [len(it.notes) for it in outcomes[:3] if isinstance(it, Replay)] == [1, 0, 0]

    serving(tmp_path, test)


def test_what_can_not_be_replayed_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    async def test(app: Application) -> None:
        good = await app.run("return 1")
        bad: list[Any] = [
            {},
            {**good, "trigger": {"type": "mystery", "target": "x"}},
            {**good, "input": {"method": "GET"}},
            {**good, "input": {**good["input"], "headers": [1]}},
            {**good, "trigger": {"type": "redis", "target": "c"}, "input": {"payload": 5}},
            {**good, "input": {**good["input"], "body": {"size": 9, "kept": 1, "encoding": "utf-8",
                                                        "data": "r"}}},
        ]  # fmt: skip
        orders = [Order(document) for document in (*bad, good)]
        async with Stage(app.host._scene(), Manner()) as stage:
            outcomes = [outcome async for outcome in replay_suite(stage, orders)]
        assert all(isinstance(outcome, NotReplayable) for outcome in outcomes[:-1])
        assert _told(outcomes[-1]) == 1

    serving(tmp_path, test)


def test_what_has_no_route_any_more_is_answered_by_the_host(tmp_path: Path) -> None:
    async def test(app: Application) -> None:
        before = await app.run("return 1", "/api/x")
        before["input"]["path_with_query"] = "/elsewhere"
        came = await app.replay(before)
        assert came.exchange["component"] is None
        assert _output(came)["status"] == 404

    serving(tmp_path, test, route="api/")


@pytest.mark.parametrize("hosts", ["live", "recorded"])
def test_commands_of_wagi_are_run_again(tmp_path: Path, hosts: str) -> None:
    async def test(app: Application) -> None:
        before = await app.run("")
        came = await app.replay(before, hosts=hosts)
        assert came.exchange["output"] == before["output"]
        assert came.differences == ()

    def by_wagi(manifest: str) -> str:
        component = 'component = "lab"\n'
        return manifest.replace(component, f'{component}executor = {{ type = "wagi" }}\n')

    serving(tmp_path, test, wasm=build("wagi"), record=True, change=by_wagi)


@pytest.mark.parametrize("hosts", ["live", "recorded"])
def test_messages_are_handled_again(tmp_path: Path, hosts: str) -> None:
    async def test(app: Application) -> None:
        params: Any = {"type": "redis", "target": "news", "payload": "import random; x = 1"}
        (before,) = (await app.host.fire(params))["exchanges"]
        came = await app.replay(before, hosts=hosts)
        assert came.exchange["output"] == {"result": "ok"}
        assert came.exchange["input"] == before["input"]
        assert came.differences == ()
        with pytest.raises(NotReplayable, match="only HTTP requests can be changed"):
            await app.replay(before, Edit(method="GET"))

    def by_redis(manifest: str) -> str:
        trigger = '[[trigger.http]]\nroute = "/..."'
        settings = '[application.trigger.redis]\naddress = "redis://127.0.0.1:1"\n'
        return manifest.replace(trigger, f'{settings}[[trigger.redis]]\nchannel = "news"')

    serving(tmp_path, test, wasm=build("lab-python-redis"), record=True, change=by_redis)


@pytest.mark.parametrize(
    ("lab", "code"),
    [
        ("lab-python-2", "import random, time; return [random.random(), time.time()]"),
        ("lab-javascript", "return [Math.random(), Date.now()]"),
    ],
)
def test_every_language_is_told_again(tmp_path: Path, lab: str, code: str) -> None:
    async def test(app: Application) -> None:
        before = await app.run(code)
        came = await app.replay(before, hosts="recorded")
        assert came.exchange["output"] == before["output"]
        assert came.notes == ()

    serving(tmp_path, test, wasm=build(lab), record=True)


def test_traps_are_compared(tmp_path: Path) -> None:
    async def test(app: Application) -> None:
        before = await app.run("return 1")
        came = await app.replay(before, Edit(body=b"wasi_cli_exit_0_2_0.exit(Err(None))"))
        assert came.exchange["trap"] is not None
        assert "trap" in {each.part for each in came.differences}

    serving(tmp_path, test)


def test_nothing_is_left_in_the_temporary_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))

    async def test(app: Application) -> None:
        before = await app.run(COUNT)
        await app.replay(before)
        with pytest.raises(SpindleError):
            await app.replay(before, against="nothing")
        assert list(temporary.iterdir()) == []

    serving(tmp_path, test)


def test_the_control_method_keeps_a_suites_stage(tmp_path: Path) -> None:
    async def test(app: Application) -> None:
        documents = [await app.run(COUNT) for _ in range(2)]
        call: Any = app.host.methods["exchange/replay"]
        answers = [await call({"exchange": it, "suite": "s"}) for it in documents]
        assert [len(answer["notes"]) for answer in answers] == [1, 0]
        ids = [document["id"] for document in documents]
        several = await call({"ids": ids, "suite": "s"})
        assert [it["exchange"]["replay_of"] for it in several["replays"]] == ids
        await call({"id": ids[0], "edit": {"body": "return 5", "headers": {"a": "b"}}})
        end: Any = app.host.methods["exchange/end-suite"]
        await end({"suite": "s"})
        kept: Any = app.host.methods["exchange/list"]
        replays = (await kept({"where": "replay:*"}))["exchanges"]
        assert {it["replay_of"] for it in replays} == set(ids)

    serving(tmp_path, test)


@pytest.mark.parametrize("suite", [{}, {"suite": "s"}])
def test_a_host_that_stops_waits_for_no_replay(
    tmp_path: Path, suite: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    computing = asyncio.Event()
    handle = Stage.handle

    def handle_and_tell(stage: Stage, request: Any, reply: Any) -> None:
        handle(stage, request, reply)
        computing.set()

    monkeypatch.setattr(Stage, "handle", handle_and_tell)

    async def test(app: Application) -> None:
        before = await app.run("return 1")
        call: Any = app.host.methods["exchange/replay"]
        endless = {"exchange": before, "edit": {"body": "while True: pass"}, **suite}
        replaying = asyncio.ensure_future(call(endless))
        await computing.wait()
        await app.host._suites.close()
        answer = await replaying
        assert answer["exchange"]["trap"]["reason"] == "the host is stopping"

    serving(tmp_path, test)


@pytest.mark.parametrize("suite", [{}, {"suite": "s"}])
def test_a_host_that_stops_sets_no_stage(tmp_path: Path, suite: dict[str, str]) -> None:
    async def test(app: Application) -> None:
        before = await app.run("return 1")
        call: Any = app.host.methods["exchange/replay"]
        replaying = asyncio.ensure_future(call({"exchange": before, **suite}))
        await asyncio.sleep(0)
        closing = asyncio.ensure_future(app.host._suites.close())
        for late in (replaying, call({"exchange": before, **suite})):
            with pytest.raises(NotReplayable, match="the host is stopping"):
                await late
        await closing

    serving(tmp_path, test)


def _output(came: Replay) -> Any:
    return came.exchange["output"]


def _told(outcome: Replay | SpindleError) -> Any:
    assert isinstance(outcome, Replay), outcome
    return answer_of(outcome.exchange)


@contextmanager
def _server() -> Iterator[tuple[int, list[str]]]:
    """A server of greetings that counts."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = f"hello {len(asked)}".encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port, asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
