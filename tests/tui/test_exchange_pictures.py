"""What the list of exchanges, and all that lies over it, looks like."""

from collections.abc import Sequence

import pytest
from syrupy.assertion import SnapshotAssertion
from tests.tui.stage import Shown, pressed, staged, still, until

from spindle_tui.screens.exchanges import ExchangesPane

pytestmark = pytest.mark.asyncio

SIZES = ((80, 24), (120, 40))
SCENES: dict[str, tuple[Sequence[str], str]] = {
    "overview": (["down", "down", "down", "enter"], "3 host calls"),
    "request": (["down", "down", "down", "enter", "2"], "content-type: application/json"),
    "calls": (["down", "down", "down", "enter", "4"], "key-value.get"),
    "logs": (["down", "down", "down", "enter", "5"], "basket 7 has 1 item"),
    "trap": (["down", "enter", "6"], "wasm trap: unreachable"),
    "hex": (["enter", "3", "x"], "68 65 6c 6c 6f"),
    "replay": (["down", "down", "down", "r"], "body.total"),
    "suite": (["m", "m", "m", "m", "m", "r"], "4 of 5 exchanges went as before"),
    "differences": (["m", "m", "d"], "basket:7"),
    "export": (["y"], "Export 1 exchange as"),
    "edit": (["down", "down", "down", "e"], "POST http://127.0.0.1:3000/v1/orders"),
}
"""Keys that are pressed in the list, and what is to be seen then."""


async def listed(pilot: Shown) -> None:
    """Wait until there is the list, and all that is said of it."""
    await until(pilot, "Response body" if pilot.app.size.height > 30 else "DELETE")
    await until(pilot, "following")
    pilot.app.query_one(ExchangesPane).draw_news()
    await still(pilot)


def taken(pilot: Shown) -> str:
    """A picture of what is to be seen."""
    return pilot.app.export_screenshot(simplify=True)


@pytest.mark.parametrize("size", SIZES)
async def test_the_list(size: tuple[int, int], picture: SnapshotAssertion) -> None:
    async with staged("exchanges", size=size) as pilot:
        await listed(pilot)
        assert taken(pilot) == picture


@pytest.mark.parametrize("scene", SCENES)
async def test_a_scene(scene: str, picture: SnapshotAssertion) -> None:
    await show_scene(scene, (80, 24), picture)


@pytest.mark.parametrize("scene", ["overview", "calls", "suite"])
async def test_a_large_scene(scene: str, picture: SnapshotAssertion) -> None:
    await show_scene(scene, (120, 40), picture)


async def show_scene(scene: str, size: tuple[int, int], picture: SnapshotAssertion) -> None:
    """Compare what is to be seen after some keys with its picture."""
    keys, seen = SCENES[scene]
    async with staged("exchanges", size=size) as pilot:
        await listed(pilot)
        await pressed(pilot, *keys)
        await until(pilot, seen)
        await still(pilot)
        assert taken(pilot) == picture


@pytest.mark.parametrize("text", ["st", "status>>9"], ids=["unfinished", "wrong"])
async def test_a_filter_that_is_written(text: str, picture: SnapshotAssertion) -> None:
    async with staged("exchanges") as pilot:
        await listed(pilot)
        await pressed(pilot, "slash", *text)
        await still(pilot)
        assert taken(pilot) == picture


async def test_without_colours(picture: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with staged("exchanges") as pilot:
        await listed(pilot)
        assert taken(pilot) == picture


async def test_a_terminal_that_is_too_small(picture: SnapshotAssertion) -> None:
    async with staged("exchanges", size=(30, 8)) as pilot:
        await until(pilot, "too small")
        await still(pilot)
        assert taken(pilot) == picture
