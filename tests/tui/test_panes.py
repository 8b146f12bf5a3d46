import asyncio

import pytest
from tests.tui.premises import NOW, PROBLEMS, ROUTES, Premises
from tests.tui.stage import Shown, pressed, screen_text, settled, staged, typed, until
from textual.widgets import DataTable, TextArea

from spindle.client import Event
from spindle_tui.screens.detail import DetailScreen
from spindle_tui.screens.key_browser import KeyBrowser
from spindle_tui.screens.logs import LogsPane
from spindle_tui.screens.page import PageScreen
from spindle_tui.screens.sending import SendScreen
from spindle_tui.widgets.log_view import LogView

pytestmark = pytest.mark.asyncio

RAW = ("\x1b", "\x07", "\x9b", "\u202e")
"""What must never be in what is drawn."""


def said(pilot: Shown) -> str:
    """What the application has told the person."""
    return "\n".join(each.message for each in pilot.app._notifications)


def first_lines(pilot: Shown) -> list[str]:
    """The beginning of a pane, without its scrollbar."""
    return [line[:70].rstrip() for line in screen_text(pilot).splitlines()[1:10]]


# Routes.


async def test_routes_say_what_they_did() -> None:
    async with staged("routes", size=(120, 40)) as pilot:
        await until(pilot, *(route.pattern for route in ROUTES))
        await until(pilot, "34/s  900 µs  4.8 ms", "17 (<1%)")


async def test_a_url_is_tested_against_the_routes() -> None:
    async with staged("routes") as pilot:
        await pressed(pilot, "slash")
        await typed(pilot, "POST /v1/orders/7")
        await until(
            pilot,
            "✓ /v1/orders/:id",
            "every part of it meets the path",
            "`/static` is not the beginning of the path",
            "▶ /v1/orders/:id",
        )


async def test_a_request_is_sent_to_a_route() -> None:
    host = Premises()
    async with staged("routes", host) as pilot:
        await pressed(pilot, "down", "s")
        assert isinstance(pilot.app.screen, SendScreen)
        await typed(pilot, "POST /v1/orders?x=1")
        await pressed(pilot, "tab")
        await typed(pilot, "accept: */*\nno header")
        await pressed(pilot, "ctrl+s")
        await until(pilot, "line 2 of the headers is no `name: value`")
        await pressed(pilot, *["backspace"] * 10, "tab")
        await typed(pilot, "tea")
        await pressed(pilot, "ctrl+s")
        how = {"method": "POST", "headers": (("accept", "*/*"),)}
        assert host.fired == [("http", "/v1/orders?x=1", "tea", how)]
        assert isinstance(pilot.app.screen, DetailScreen)


async def test_exchanges_of_a_route_are_opened() -> None:
    async with staged("routes") as pilot:
        await pressed(pilot, "down", "enter")
        await until(pilot, 'route:"/v1/..."')


# Components and builds.


async def test_a_component_says_all_of_itself() -> None:
    async with staged("components", size=(120, 50)) as pilot:
        await until(
            pilot,
            "✗ failed",
            "1/3",
            "https://prices.example",
            "#5",
            "fermyon:auth/check",
            "wasi:http/incoming-handler@0.2.0",
        )
        await pressed(pilot, "down", "down")
        await until(pilot, "none until there is a request")
        await until(pilot, "nothing of the host's")


async def test_a_component_is_built_and_the_application_reloaded() -> None:
    host = Premises()
    async with staged("components", host) as pilot:
        await pressed(pilot, "b", "B", "r")
        assert host.built == [(["api"], False), (["api"], True)]
        assert "api: `cargo build` ended with 101" in said(pilot)
        assert "new builds: front" in said(pilot)


async def test_logs_of_a_component_are_opened() -> None:
    async with staged("components") as pilot:
        await pressed(pilot, "down", "l")
        await until(pilot, "rendering the front page")
        assert "basket 7" not in screen_text(pilot)


async def test_problems_of_builds_open_in_the_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    async with staged("build", size=(120, 40)) as pilot:
        monkeypatch.setattr(pilot.app, "open_in_editor", lambda *place: opened.append(place))
        await until(pilot, "✗ error", "▲ warning", "api/src/orders.rs:41", "front is served")
        text = screen_text(pilot)
        assert text.index("✗ error") < text.index("▲ warning")
        await pressed(pilot, "tab", "enter")
        await until(pilot, "help: add `;` here")
        assert opened == [(PROBLEMS[0]["path"], 41)]


async def test_what_the_live_loop_does_is_shown_as_it_happens() -> None:
    host = Premises()
    async with staged("build", host, size=(120, 40)) as pilot:
        host.events.tell(Event("swap.done", NOW, {"component": "report\x1b[2J", "took": 0.5}))
        await until(pilot, "report\\x1b[2J is served")


# State.


async def open_keys(pilot: Shown, key: str) -> TextArea:
    await pressed(pilot, "enter")
    keys = pilot.app.query_one(KeyBrowser)
    keys.query_one(DataTable).move_cursor(row=sorted(Premises().keys).index(key))
    await settled(pilot)
    return keys.query_one(TextArea)


async def test_a_value_is_edited() -> None:
    host = Premises()
    async with staged("state", host) as pilot:
        area = await open_keys(pilot, "greeting")
        assert area.text == "Good morning,\nwhat may it be?\n"
        await pressed(pilot, "e")
        await typed(pilot, "! ")
        await until(pilot, "CHANGED")
        await pressed(pilot, "ctrl+s")
        assert host.keys["greeting"] == b"! Good morning,\nwhat may it be?\n"
        assert "CHANGED" not in screen_text(pilot)


async def test_what_was_typed_is_undone() -> None:
    host = Premises()
    async with staged("state", host) as pilot:
        area = await open_keys(pilot, "greeting")
        await pressed(pilot, "e")
        await typed(pilot, "x")
        await pressed(pilot, "escape")
        assert area.text.startswith("Good")
        assert isinstance(pilot.app.focused, DataTable)


async def test_a_value_is_shown_in_every_form() -> None:
    async with staged("state") as pilot:
        area = await open_keys(pilot, "basket:7")
        forms = []
        for _ in range(3):
            forms.append(area.text.splitlines()[0])
            await pressed(pilot, "f2")
        assert forms[0] == "{"
        assert forms[1].startswith('{"tea-01": 2, "gift"')
        assert forms[2].startswith("00000000  7b 22 74")
        assert area.text.splitlines()[0] == "{"


async def test_wrong_json_is_said_and_not_saved() -> None:
    host = Premises()
    before = dict(host.keys)
    async with staged("state", host) as pilot:
        await open_keys(pilot, "basket:7")
        await pressed(pilot, "e")
        await typed(pilot, "x")
        await pressed(pilot, "ctrl+s")
        assert "this is no JSON" in said(pilot)
        assert host.keys == before


async def test_what_is_no_text_is_shown_and_can_not_be_broken() -> None:
    async with staged("state") as pilot:
        area = await open_keys(pilot, "session:\x1b[2Jeve")
        assert area.text == "\\x1b]0;owned\\x07"
        assert area.read_only
        await pressed(pilot, "f2")
        assert not area.read_only
        assert not any(raw in screen_text(pilot) for raw in RAW)


async def test_keys_are_added_and_deleted() -> None:
    host = Premises()
    async with staged("state", host) as pilot:
        await open_keys(pilot, "basket:7")
        await pressed(pilot, "n")
        await typed(pilot, "fresh")
        await pressed(pilot, "enter")
        await typed(pilot, "leaf")
        assert "fresh" not in host.keys
        await pressed(pilot, "ctrl+s")
        assert host.keys["fresh"] == b"leaf"
        await pressed(pilot, "escape", "d", "n")
        assert "fresh" in host.keys
        await pressed(pilot, "d", "y")
        assert "fresh" not in host.keys


async def test_keys_are_found_by_their_beginning() -> None:
    async with staged("state") as pilot:
        await pressed(pilot, "enter", "slash")
        await typed(pilot, "logo")
        await until(pilot, "default · 1 key")
        assert "basket" not in screen_text(pilot)


async def test_many_keys_come_page_by_page() -> None:
    host = Premises()
    host.keys = {f"key-{number:06}": b"x" for number in range(100_000)}
    async with staged("state", host) as pilot:
        table = pilot.app.query_one(KeyBrowser).query_one(DataTable)
        await pressed(pilot, "enter")
        assert table.row_count == 1000
        await pressed(pilot, "end")
        await until(pilot, "2,000 keys or more")
        assert table.row_count == 2000


async def test_a_table_is_looked_through_in_pages() -> None:
    async with staged("state") as pilot:
        await pressed(pilot, *["down"] * 5, "enter")
        await until(pilot, "rows 1-100 of 250")
        await until(pilot, "\\x1b[2Jtea")
        await pressed(pilot, "n", "n", "n")
        await until(pilot, "rows 201-250 of 250")
        await pressed(pilot, "p")
        await until(pilot, "rows 101-200 of 250")


async def test_a_statement_is_run_and_its_mistakes_are_said_in_place() -> None:
    host = Premises()
    async with staged("state", host) as pilot:
        await pressed(pilot, *["down"] * 3, "slash")
        await typed(pilot, "selec")
        await pressed(pilot, "ctrl+r")
        await until(pilot, "✗ near")
        area = pilot.app.query_one("#sql-text", TextArea)
        area.text = "update orders set price = 1 where id < 4"
        await pressed(pilot, "ctrl+r")
        await until(pilot, "3 rows changed")
        area.text = "select 'a' || char(27) as \"x\x1b\", x'00', null, 1.5"
        await pressed(pilot, "ctrl+r")
        await until(pilot, "1 row")
        await pressed(pilot, "escape", "enter")
        assert isinstance(pilot.app.screen, PageScreen)
        await until(pilot, "a\\x1b")


# Logs.


async def test_logs_are_lines_of_components_in_exchanges() -> None:
    async with staged("logs") as pilot:
        await until(pilot, "rendering the front page in 3 parts")
        await until(pilot, "! price was 9.00\\x1b]0;owned\\x07")
        assert not any(raw in screen_text(pilot) for raw in RAW)


async def test_the_exchange_of_a_line_is_opened() -> None:
    async with staged("logs") as pilot:
        await pressed(pilot, "enter")
        assert isinstance(pilot.app.screen, DetailScreen)


async def test_lines_are_filtered_as_one_types() -> None:
    async with staged("logs") as pilot:
        await pressed(pilot, "slash")
        await typed(pilot, "stream:stderr -price")
        view = pilot.app.query_one(LogView)
        assert {row.line.component for row in view.rows} == {"api", "assets"}
        await pressed(pilot, "enter", "escape")
        assert {row.line.component for row in view.rows} == {"api", "assets", "front"}


async def test_a_paused_view_stands_still() -> None:
    host = Premises()
    async with staged("logs", host) as pilot:
        view = pilot.app.query_one(LogView)
        before = len(view.rows)
        await pressed(pilot, "space")
        host.write("api", None, "stdout", "later\n" * 5)
        await until(pilot, "PAUSED, 5 more")
        assert len(view.rows) == before
        await pressed(pilot, "space")
        assert len(view.rows) == before + 5


async def test_what_is_looked_at_stays_while_lines_come_and_go() -> None:
    host = Premises()
    async with staged("logs", host) as pilot:
        pane, view = pilot.app.query_one(LogsPane), pilot.app.query_one(LogView)
        pane.book.limit = 100
        host.write("api", None, "stdout", "".join(f"line {n}\n" for n in range(100)))
        await until(pilot, "line 99")
        await pressed(pilot, "pageup", "pageup")
        seen, line = first_lines(pilot), view.current
        host.write("api", None, "stdout", "".join(f"more {n}\n" for n in range(20)))
        async with asyncio.timeout(60):
            while pane.book.lines[-1].text != "more 19":
                await pilot.pause()
        await settled(pilot)
        assert view.current is line
        assert first_lines(pilot) == seen
        assert len(pane.book.lines) == len(view.rows) == 100


async def test_a_reader_is_told_what_it_lost() -> None:
    from spindle.client import Dropped

    host = Premises()
    async with staged("logs", host) as pilot:
        host.logs.tell(Event("dropped", NOW, Dropped(1234)))
        await until(pilot, "1,234 lost")


# Charts.


async def test_charts_are_of_all_routes_or_one() -> None:
    async with staged("charts") as pilot:
        await until(pilot, "the last 60 s · all routes")
        await pressed(pilot, "n", "n", "n", "plus")
        await until(pilot, "the last 5 min · route /...")
        await until(pilot, "87 · p50")


# All of them.


@pytest.mark.parametrize("tab", ["routes", "components", "state", "logs", "build", "charts"])
@pytest.mark.parametrize("size", [(40, 12), (80, 24), (200, 60)])
async def test_panes_fit_terminals_of_all_sizes(tab: str, size: tuple[int, int]) -> None:
    async with staged(tab, size=size) as pilot:
        assert not any(raw in screen_text(pilot) for raw in RAW)
        await pilot.resize_terminal(80, 24)
        await settled(pilot)
        await pilot.resize_terminal(30, 8)
        await settled(pilot)
