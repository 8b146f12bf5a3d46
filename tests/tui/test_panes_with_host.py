"""Panes over a host that runs."""

import asyncio

import pytest
from tests.labs import Laboratory, Labs
from tests.tui.stage import PATIENCE, Shown, entered, pressed, settled, typed, until
from textual.widgets import TextArea

from spindle.client import NoSuchHost, RunFile
from spindle_tui.app import SpindleApp
from spindle_tui.attachment import Attachment

pytestmark = pytest.mark.asyncio


def app_of(host: Laboratory) -> SpindleApp:
    return SpindleApp(Attachment(str(host.directory)))


async def test_what_a_guest_does_is_to_be_seen(lab: Labs) -> None:
    host = lab(key_value_stores=["default"], sqlite_databases=["default"])
    app = app_of(host)
    async with entered(app, (120, 40)) as pilot:
        await until(pilot, "following")
        await app.show_tab("logs")
        await until(pilot, "Nothing is written yet")
        host.run('print("a\\x1b[2Jb"); print("c")')
        await until(pilot, "a\\x1b[2Jb")
        await app.show_tab("routes")
        await until(pilot, "/lab-python")
        await pressed(pilot, "slash")
        await typed(pilot, "lab-python")
        await until(pilot, "✓ /lab-python")
        await app.show_tab("components")
        await until(pilot, "fermyon:spin/key-value@2.0.0")
        await app.show_tab("charts")
        await until(pilot, "all routes")


async def test_state_is_changed_for_the_guest(lab: Labs) -> None:
    host = lab(key_value_stores=["default"], sqlite_databases=["default"])
    host.run('store = await key_value.open("default"); await store.set("a", b"one")')
    app = app_of(host)
    async with entered(app, (120, 40)) as pilot:
        await until(pilot, "following")
        await app.show_tab("state")
        await until(pilot, "a · 3 B · text")
        await pressed(pilot, "enter", "e")
        await typed(pilot, "1+")
        await pressed(pilot, "ctrl+s")
        await until(pilot, "a · 5 B · text")
        read = 'store = await key_value.open("default"); return await store.get("a")'
        assert host.run(read) == b"1+one"


async def test_a_long_table_is_looked_through(lab: Labs) -> None:
    host = lab(sqlite_databases=["default"], options={"sqlite": [MANY_ROWS]})
    app = app_of(host)
    async with entered(app, (120, 40)) as pilot:
        await until(pilot, "following")
        await app.show_tab("state")
        await until(pilot, "many")
        await pressed(pilot, *["down"] * 3, "enter")
        await until(pilot, "rows 1-100 of 300,000")
        await pressed(pilot, "slash")
        app.query_one("#sql-text", TextArea).text = "select * from many; selec"
        await pressed(pilot, "ctrl+r")
        await until(pilot, "✗")


async def test_a_host_goes_away(lab: Labs, monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_of(lab())
    async with entered(app, (120, 40)) as pilot:
        await until(pilot, "following")
        await show_all(app, pilot)
        monkeypatch.setattr("spindle_tui.attachment.find_host", find_none)
        await lose_host(app)
        await until(pilot, "no host")
        await show_all(app, pilot, "down", "enter", "escape", "b", "r", "n", "d", "escape", "s")


async def test_a_host_comes_back(lab: Labs) -> None:
    host = lab()
    app = app_of(host)
    async with entered(app, (120, 40)) as pilot:
        await until(pilot, "following")
        await app.show_tab("logs")
        await until(pilot, "Nothing is written yet")
        before = app.host
        await lose_host(app)
        async with asyncio.timeout(PATIENCE):
            while app.host in (None, before):
                await pilot.pause(0.01)
        await settled(pilot)
        await app.show_tab("routes")
        await until(pilot, "/lab-python")
        host.run('print("again")')
        await app.show_tab("logs")
        await until(pilot, "again")


def find_none(wanted: str) -> RunFile:
    """There is no host any more."""
    raise NoSuchHost(f"no running host is or serves `{wanted}`")


async def lose_host(app: SpindleApp) -> None:
    """Cut the connection, as a host does that ends."""
    assert app.host is not None
    await app.host.link.close()


async def show_all(app: SpindleApp, pilot: Shown, *keys: str) -> None:
    """Show each pane, and press keys in it."""
    for tab in ("routes", "components", "state", "logs", "build", "charts"):
        await app.show_tab(tab)
        await pressed(pilot, *keys)


MANY_ROWS = (
    "create table many (a, b);"
    "with recursive c(x) as (select 1 union all select x + 1 from c where x < 300000) "
    "insert into many select x, 'row ' || x from c"
)
