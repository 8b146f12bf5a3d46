"""What panes look like. `pytest --snapshot-update` takes new pictures: look at them."""

import pytest
from syrupy.assertion import SnapshotAssertion
from tests.tui.stage import pressed, staged, still, typed, until

pytestmark = pytest.mark.asyncio

SIZES = ((80, 24), (120, 40))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("tab", ["routes", "components", "state", "logs", "build", "charts"])
async def test_a_pane(tab: str, size: tuple[int, int], picture: SnapshotAssertion) -> None:
    async with staged(tab, size=size) as pilot:
        await still(pilot)
        assert pilot.app.export_screenshot(simplify=True) == picture


async def test_why_a_url_matches(picture: SnapshotAssertion) -> None:
    async with staged("routes") as pilot:
        await pressed(pilot, "slash")
        await typed(pilot, "/v1/orders/7")
        await until(pilot, "▶ /v1/orders/:id")
        await pressed(pilot, "enter")
        assert pilot.app.export_screenshot(simplify=True) == picture


async def test_a_table(picture: SnapshotAssertion) -> None:
    async with staged("state", size=(120, 40)) as pilot:
        await pressed(pilot, *["down"] * 5, "enter")
        await until(pilot, "of 250")
        await still(pilot)
        assert pilot.app.export_screenshot(simplify=True) == picture


async def test_problems_without_colour(
    picture: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with staged("build") as pilot:
        await pressed(pilot, "tab")
        assert pilot.app.export_screenshot(simplify=True) == picture
