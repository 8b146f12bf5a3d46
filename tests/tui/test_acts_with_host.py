"""What is done with exchanges by keys, over a host that runs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.labs import Laboratory, laboratory
from tests.tui.stage import PATIENCE, Shown, entered, pressed, settled, until
from textual.widgets import Input, TextArea

import spindle
from spindle_tui.app import SpindleApp
from spindle_tui.attachment import Attachment
from spindle_tui.screens.exchanges import ExchangesPane

pytestmark = pytest.mark.asyncio

SWAPPED = """
spin_manifest_version = 2
[application]
name = "swapped"
[[trigger.http]]
route = "/..."
component = "swapped"
[component.swapped]
source = "app.wasm"
"""
COUNT = """
store = await key_value.open("default")
before = await store.get("n")
await store.set("n", b"%s")
return before
"""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    with laboratory(tmp_path_factory.mktemp("acts"), key_value_stores=["default"]) as made:
        yield made


@asynccontextmanager
async def listed(host: Laboratory, code: str) -> AsyncIterator[Shown]:
    """The list, its cursor on the exchange in which a guest ran some code."""
    host.run(code)
    app = SpindleApp(Attachment(str(host.directory)))
    async with entered(app, (100, 30)) as pilot:
        await until(pilot, "/lab-python")
        app.query_one(ExchangesPane).draw_news()
        await settled(pilot)
        yield pilot


async def test_a_replay_leaves_the_state_and_is_compared(host: Laboratory) -> None:
    async with listed(host, COUNT % "one") as pilot:
        app = pilot.app
        current = app.query_one(ExchangesPane).table.current
        assert current is not None
        host.run('store = await key_value.open("default"); await store.set("n", b"two")')
        app.query_one(ExchangesPane).table.go_to(current.id)
        await pressed(pilot, "r")
        await until(pilot, "no difference")
        await pressed(pilot, "enter")
        await until(pilot, "replays")
        await pressed(pilot, "d")
        await until(pilot, "Differences")
    assert (
        host.run('store = await key_value.open("default"); return await store.get("n")') == b"two"
    )


async def test_replay_in_other_ways(host: Laboratory) -> None:
    async with listed(host, 'print("tea")') as pilot:
        await pressed(pilot, "R", "l")
        await until(pilot, "no difference")
        await pressed(pilot, "escape", "R", "b", "p")
        await until(pilot, "no other build")
        await pressed(pilot, "escape", "R", "b", "a")
        await until(pilot, "no difference")


async def test_a_replay_can_keep_all_that_is_called(host: Laboratory) -> None:
    async with listed(host, "import random; return random.random() < 2") as pilot:
        await pressed(pilot, "R", "t")
        await until(pilot, "no difference")
        await pressed(pilot, "enter")
        await until(pilot, "replays")
        await pressed(pilot, "4")
        await until(pilot, "all that the guest made")


async def test_the_previous_build_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, guest: Callable[[str], Path]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))  # where builds are kept
    wasm = tmp_path / "app.wasm"
    wasm.write_bytes(guest("wat/hello").read_bytes())
    (tmp_path / "spin.toml").write_text(SWAPPED)
    with spindle.open(tmp_path) as app:
        app.get("/before")
    wasm.write_bytes(guest("wat/answers-twice").read_bytes())  # the one before is kept by now
    with spindle.open(tmp_path) as app:
        app.get("/after")
        interface = SpindleApp(Attachment(str(tmp_path)))
        async with entered(interface, (100, 30)) as pilot:
            await until(pilot, "/after")
            interface.query_one(ExchangesPane).draw_news()
            await settled(pilot)
            await pressed(pilot, "R", "b", "p")
            await until(pilot, "Enter opens it")
            await until(pilot, "Response")


async def test_an_edited_body_is_sent(host: Laboratory) -> None:
    async with listed(host, 'return "before"') as pilot:
        await pressed(pilot, "e")
        await until(pilot, "before")
        area = pilot.app.screen.query_one(TextArea)
        area.text = area.text.replace("before", "after")
        await pressed(pilot, "ctrl+s")
        await until(pilot, "Enter opens it")
        await until(pilot, '+ "after"')


async def test_what_is_exported_is_imported(host: Laboratory, tmp_path: Path) -> None:
    async with listed(host, 'return "exported"') as pilot:
        for key, name in (("h", "one.har"), ("t", "one.http")):
            path = tmp_path / name
            await pressed(pilot, "y")
            await until(pilot, "Export 1 exchange as")
            await pressed(pilot, key, "f")
            await until(pilot, "Which file?")
            await answer(pilot, str(path))
            await written(path)
            assert "exported" in path.read_text()
            await pressed(pilot, "i")
            await answer(pilot, str(path))
            await until(pilot, "Send 1 request")
            await pressed(pilot, "f")
            await until(pilot, "Enter opens it")
            await pressed(pilot, "escape")


async def test_a_curl_command_is_sent(host: Laboratory) -> None:
    async with listed(host, 'return "listed"') as pilot:
        command = f"curl {host.host.base_url}/lab-python -d 'return \"by curl\"'"
        await pressed(pilot, "i")
        await answer(pilot, command)
        await until(pilot, "Send 1 request")
        await pressed(pilot, "f")
        await until(pilot, "Enter opens it")
        await pressed(pilot, "enter")
        await until(pilot, "by curl")


async def written(path: Path) -> None:
    """Wait until a file is there and has something in it."""
    async with asyncio.timeout(PATIENCE):
        while not has_something(path):  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0.01)


def has_something(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


async def answer(pilot: Shown, text: str) -> None:
    """Answer the question that is asked."""
    pilot.app.screen.query_one(Input).value = text
    await pressed(pilot, "enter")
