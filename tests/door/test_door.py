"""An application as a Python object."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import serving

import spindle
from spindle.client import CallFailed, NoSuchHost
from spindle.dev.problems import ManifestError
from spindle.door import App, EmbeddedApp
from spindle.door.app import NotRecorded
from spindle.door.explaining import explanation
from spindle.door.flags import WrongFlag
from spindle.door.streaming import StreamFailed
from spindle.errors import SpindleError


@pytest.fixture(scope="module", params=["embedded", "attached"])
def either(
    request: pytest.FixtureRequest, manifest: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[App]:
    """The application served in this process, and by another one."""
    if request.param == "embedded":
        yield request.getfixturevalue("app")
        return
    state = tmp_path_factory.mktemp("state")
    with serving(manifest, state, ("--variable", "greeting=Salut")) as host:
        assert host.tells("Available Routes")
        with spindle.attach(host.process.pid) as attached:
            yield attached


def test_requests_give_exchanges(either: App) -> None:
    exchange = either.post("/a/echo", "hé", headers={"X-A": "1"})
    assert exchange.status == 200
    assert exchange.ok
    assert exchange.text == "hé"
    assert exchange.component == "guest"
    assert exchange.trap is None
    assert exchange.took is not None
    assert exchange.took > 0
    assert exchange.headers["Spindle-Exchange"] == exchange.id
    assert exchange.document["input"]["path_with_query"] == "/a/echo"
    assert ["x-a", "1"] in exchange.document["input"]["headers"]


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "options"])
def test_each_method_has_a_function(either: App, method: str) -> None:
    reflected = getattr(either, method)("/reflect").json()
    assert reflected["method"] == method.upper()


def test_a_head_has_no_body(either: App) -> None:
    assert either.head("/flood").body == b""


def test_values_go_as_json(either: App) -> None:
    exchange = either.post("/echo", json={"a": [1, None]})
    assert exchange.json() == {"a": [1, None]}
    assert ["content-type", "application/json"] in exchange.document["input"]["headers"]


def test_bytes_come_back_as_they_were(either: App) -> None:
    assert either.post("/echo", bytes(range(256))).body == bytes(range(256))


def test_a_long_body_comes_whole(either: App) -> None:
    exchange = either.get("/flood?size=1000000")
    assert exchange.body == bytes(1_000_000)
    assert not exchange.truncated


def test_what_the_host_answers_itself_is_no_record(either: App) -> None:
    exchange = either.get("/fixed")
    assert (exchange.status, exchange.text, exchange.headers["x-fixed"]) == (418, "a teapot", "yes")
    assert (exchange.id, exchange.component, exchange.ok) == (None, None, False)
    with pytest.raises(NotRecorded):
        either.diff(exchange, exchange)


def test_logs_calls_and_traps_are_in_it(either: App) -> None:
    assert either.get("/log?text=x").logs == ["out: x", "err: x"]
    calls = either.get("/keep?key=a").calls
    assert [call["func"] for call in calls][-1] == "[async method]store.get" or calls
    trapped = either.get("/trap")
    assert trapped.status == 500
    assert trapped.trap is not None
    assert "trapped: " in repr(trapped)


def test_variables_are_flags(either: App) -> None:
    assert either.get("/variable?name=greeting").text == "Salut"


def test_key_values_are_a_mapping(either: App) -> None:
    either.kv["k"] = "v"
    either.kv["blob"] = b"\xff\x00"
    assert either.get("/keep?key=k").text == "v"
    either.get("/keep?key=mine&value=set")
    assert dict(either.kv) == {"k": b"v", "blob": b"\xff\x00", "mine": b"set"}
    assert either.kv.keys_from("b") == ["blob"]
    del either.kv["k"]
    assert "k" not in either.kv
    with pytest.raises(KeyError):
        del either.kv["k"]
    either.kv.clear()
    assert len(either.kv) == 0
    with pytest.raises(SpindleError, match="no key-value store has the label `other`"):
        list(either.kv("other"))


def test_sql_gives_rows(either: App) -> None:
    either.sql("create table t (a, b); insert into t values (1, x'00ff'), (null, 1.5)")
    rows = either.sql("select * from t where a is ? order by a", None)
    assert rows == [(None, 1.5)]
    assert either.sql("select * from t")[0] == (1, b"\x00\xff")
    assert either.sql("select a from t").dicts() == [{"a": 1}, {"a": None}]
    assert either.sql("update t set a = 3").changes == 2
    assert either.databases() == ("default",)
    with pytest.raises(SpindleError, match="no such table"):
        either.sql("select * from nope")
    either.sql("drop table t")


def test_routes_and_info(either: App) -> None:
    assert [route.pattern for route in either.routes()] == ["/fixed", "/..."]
    info = either.info()
    assert info.app.name == "within"
    assert either.url == info.base_url


def test_what_is_wrong_with_a_request_is_said(either: App) -> None:
    with pytest.raises(CallFailed, match="begins with `/`"):
        either.get("no-path")
    with pytest.raises(CallFailed, match="no HTTP method"):
        either.request("G T", "/")
    with pytest.raises(CallFailed, match="HTTP headers"):
        either.get("/", headers={"a": "b\r\nc: d"})


def test_no_error_shows_the_frames_below(app: EmbeddedApp) -> None:
    with pytest.raises(CallFailed) as caught:
        app.get("no-path")
    assert caught.value.__suppress_context__
    assert "spindle/dev" not in "".join(str(entry.path) for entry in caught.traceback)


def test_coroutines_on_another_loop(either: App) -> None:
    async def some() -> list[str]:
        exchanges = await asyncio.gather(
            *(either.aio.post("/echo", str(number)) for number in range(5))
        )
        return [exchange.text for exchange in exchanges]

    assert asyncio.run(some()) == list("01234")


def test_threads_may_share_it(either: App) -> None:
    answers: list[str] = []

    def ask(text: str) -> None:
        answers.append(either.post("/echo", text).text)

    threads = [threading.Thread(target=ask, args=(str(number),)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == list("0123")


def test_it_is_open_within_an_event_loop(manifest: Path) -> None:
    async def main() -> str:
        with spindle.open(manifest) as app:
            return (await app.aio.get("/hello")).text

    assert asyncio.run(main())


def test_it_is_served_over_http_too(app: EmbeddedApp) -> None:
    assert app.url is not None
    with urllib.request.urlopen(f"{app.url}/variable?name=greeting") as response:
        assert response.read() == b"Salut"


def test_two_of_one_process_are_both_found(app: EmbeddedApp, manifest: Path) -> None:
    with spindle.open(manifest) as other:
        assert other.url != app.url
        assert other.kv is not app.kv
        with pytest.raises(NoSuchHost, match="hosts serve"):
            spindle.attach(manifest)


def test_a_closed_one_says_so(manifest: Path) -> None:
    app = spindle.open(manifest)
    app.close()
    app.close()
    assert app.closed
    assert "closed" in repr(app)
    with pytest.raises(SpindleError, match="closed"):
        app.get("/")


def test_nothing_there_to_open(tmp_path: Path) -> None:
    with pytest.raises(ManifestError) as caught:
        spindle.open(tmp_path / "nothing")
    assert caught.value.diagnostics[0].code == "manifest-not-found"


def test_a_broken_manifest_is_told_of_with_its_places(tmp_path: Path) -> None:
    (tmp_path / "spin.toml").write_text("spin_manifest_version = 2\n[application]\nnmae = 1\n")
    with pytest.raises(ManifestError) as caught:
        spindle.open(tmp_path)
    assert {each.code for each in caught.value.diagnostics} >= {"unknown-field"}
    assert "spin.toml:3" in explanation(caught.value)


def test_flags_are_those_of_up(manifest: Path) -> None:
    with pytest.raises(WrongFlag, match="no flag `lisen`") as caught:
        spindle.open(manifest, lisen="127.0.0.1:0")
    assert caught.value.hints == ("did you mean `listen`?",)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"listen": 3000}, "`listen` takes a text, not int"),
        ({"variables": ["a"]}, "`variables` takes a mapping, not list"),
        ({"build": "yes"}, "`build` takes True or False, not str"),
        ({"request_timeout": "5s"}, "`request_timeout` takes a number, not str"),
        ({"components": 5}, "`components` takes a list, not int"),
        ({"runtime_config_file": 5}, "`runtime_config_file` takes a path, not int"),
    ],
)
def test_flags_of_other_types_are_refused(
    manifest: Path, flags: dict[str, Any], message: str
) -> None:
    with pytest.raises(WrongFlag, match=message):
        spindle.open(manifest, **flags)


def test_flags_are_taken_in_python_s_way(manifest: Path, tmp_path: Path) -> None:
    flags: dict[str, Any] = {
        "key_values": {"k": "v"},
        "state_dir": tmp_path,
        "request_timeout": 60,
        "env": {"A": "b"},
    }
    with spindle.open(manifest, **flags) as app:
        assert app.kv["k"] == b"v"
        assert app.get("/env").json()["env"]["A"] == "b"


def test_bodies_can_be_read_as_they_come(either: App) -> None:
    with either.stream("/drip?count=3&ms=1") as response:
        assert response.status == 200
        assert response.id is not None
        assert b"".join(response) == b"0\n1\n2\n"
    posted = either.stream("/echo", method="POST", body="hé", headers={"x-a": "1"})
    assert b"".join(posted) == "hé".encode()

    async def read() -> bytes:
        return b"".join([chunk async for chunk in await either.aio.stream("/drip?count=2&ms=1")])

    assert asyncio.run(read()) == b"0\n1\n"


def test_a_body_that_breaks_off_is_told_of(manifest: Path) -> None:
    with spindle.open(manifest) as app:
        stalled = app.stream("/stall")
        assert stalled.read() == b"started"
    with pytest.raises(StreamFailed, match="breaks off"):
        stalled.read()
    stalled.close()


def test_a_stream_that_does_not_begin_is_told_of(either: App) -> None:
    with pytest.raises(StreamFailed, match="is not answered"):
        either.stream("/a b\n")


def test_a_request_can_be_given_up(app: EmbeddedApp) -> None:
    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await app.aio.get("/loop")
        assert (await app.aio.get("/hello")).ok

    asyncio.run(main())


def test_what_happens_can_be_followed(either: App) -> None:
    lines = either.logs("guest")
    found: list[str] = []

    def follow() -> None:
        found.append(next(lines).text)

    following = threading.Thread(target=follow)
    following.start()
    while following.is_alive():  # until the subscription is there
        either.get("/log?text=followed")
        following.join(0.05)
    lines.close()
    assert "followed" in found[0]


def test_exchanges_are_found_again(either: App) -> None:
    exchange = either.get("/status?code=404")
    assert exchange.id is not None
    assert either.exchange(exchange.id).status == 404
    assert exchange.id in [each.id for each in either.exchanges("status:404")]
    assert either.replay(exchange).same
    assert either.replay(exchange.id, edit={"path": "/status?code=200"}).exchange.status == 200
    assert "/status?code=404" in either.export(exchange)
    assert either.diff(exchange, either.get("/status?code=405"))


def test_no_host_to_attach_to(tmp_path: Path) -> None:
    with pytest.raises(NoSuchHost):
        spindle.attach(tmp_path)


def test_a_program_may_end_without_closing(manifest: Path) -> None:
    script = (
        "import sys, spindle\n"
        "app = spindle.open(sys.argv[1])\n"
        "app.kv['k'] = 'v'\n"
        "print(app.get('/keep?key=k').text)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(manifest)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "v\n", "")


def test_importing_the_package_imports_no_door() -> None:
    script = "import sys, spindle; print('spindle.door' in sys.modules, spindle.open is not None)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False True\n"
