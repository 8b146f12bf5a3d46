import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.tui.documents import DOCUMENTS, Json, Teahouse, document, id_of, summary
from tests.tui.premises import Premises
from tests.tui.stage import PATIENCE, Shown, pressed, screen_text, settled, staged, typed, until
from textual.widget import Widget
from textual.widgets import Input, TextArea

from spindle.client import Dropped, Event
from spindle_tui.app import SpindleApp
from spindle_tui.screens.detail import DetailScreen
from spindle_tui.screens.exchanges import ExchangesPane, Nothing
from spindle_tui.widgets.exchange_table import ExchangeTable
from spindle_tui.widgets.filter_bar import FilterBar

pytestmark = pytest.mark.asyncio


def pane(pilot: Shown) -> ExchangesPane:
    return pilot.app.query_one(ExchangesPane)


def cursor_id(pilot: Shown) -> str:
    current = pane(pilot).table.current
    assert current is not None
    return current.id


async def come(pilot: Shown, host: Teahouse, made: Sequence[Json]) -> None:
    """Have exchanges happen, and wait until the last of them is known."""
    host.streams[-1].put(*map(summary, made))
    while pane(pilot).ring.get(made[-1]["id"]) is None:  # noqa: ASYNC110 - nothing tells when
        await asyncio.sleep(0.01)
    pane(pilot).draw_news()
    await settled(pilot)


async def until_said(pilot: Shown, words: str) -> None:
    """Wait until the person has been told something."""
    while not any(words in each.message for each in pilot.app._notifications):  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def test_what_is_kept_and_what_happens_is_listed() -> None:
    host = Premises()
    async with staged("exchanges", host) as pilot:
        await until(pilot, "/static/app.css?v=3")
        await come(pilot, host, [document(10, "PATCH", "/fresh")])
        await until(pilot, "PATCH", "/fresh", line=3)


async def test_no_control_character_is_drawn() -> None:
    async with staged("exchanges", size=(120, 40)) as pilot:
        await until(pilot, "Response body")
        await pressed(pilot, "down", "enter", "6")
        await until(pilot, "KeyError")
        text = screen_text(pilot)
        assert not {"\x1b", "\x07"} & set(text)
        assert "DELETE" not in text or "\\x1b[2J" in text


async def test_the_cursor_stays_on_its_exchange_while_others_come() -> None:
    host = Premises()
    async with staged("exchanges", host) as pilot:
        await until(pilot, "DELETE")
        await pressed(pilot, "down", "down")
        chosen = cursor_id(pilot)
        await come(pilot, host, [document(number) for number in range(10, 60)])
        assert cursor_id(pilot) == chosen
        await until(pilot, "/v1/orders/99")


async def test_following_shows_the_newest() -> None:
    host = Premises()
    async with staged("exchanges", host) as pilot:
        await until(pilot, "DELETE")
        await pressed(pilot, "down", "f")
        await come(pilot, host, [document(number) for number in range(10, 60)])
        assert cursor_id(pilot) == id_of(59)


async def test_a_pause_counts_what_comes() -> None:
    host = Premises()
    async with staged("exchanges", host) as pilot:
        await until(pilot, "DELETE")
        await pressed(pilot, "p")
        await come(pilot, host, [document(10, "PATCH"), document(11, "PATCH")])
        await until(pilot, "paused, 2 more")
        assert "PATCH" not in screen_text(pilot)
        await pressed(pilot, "p")
        await until(pilot, "PATCH")


async def test_what_was_missed_is_said() -> None:
    host = Premises()
    async with staged("exchanges", host) as pilot:
        await until(pilot, "DELETE")
        host.streams[-1].queue.put_nowait([Event("dropped", 0.0, Dropped(1234))])
        await until(pilot, "1,234 missed")


async def test_sorting() -> None:
    async with staged("exchanges") as pilot:
        await until(pilot, "DELETE")
        for _ in range(5):
            await pressed(pilot, "s")
        await until(pilot, "Took▼")
        await until(pilot, "POST", line=3)


async def test_a_click_on_a_title_sorts() -> None:
    async with staged("exchanges") as pilot:
        await until(pilot, "DELETE")
        head = screen_text(pilot).splitlines()[2]
        await pilot.click("ExchangeTable", offset=(head.index("Status"), 0))
        await until(pilot, "Status▼")
        await until(pilot, "DELETE", line=3)


async def test_a_click_chooses_and_a_double_click_opens() -> None:
    async with staged("exchanges") as pilot:
        await until(pilot, "DELETE")
        await pilot.click("ExchangeTable", offset=(20, 4))
        assert cursor_id(pilot) == DOCUMENTS[2]["id"]
        await pilot.click("ExchangeTable", offset=(20, 4), times=2)
        await until(pilot, "3 host calls")


async def test_a_filter_is_asked_of_the_host() -> None:
    host = Premises()
    async with staged("exchanges", host) as pilot:
        await until(pilot, "DELETE")
        await pressed(pilot, "slash")
        await typed(pilot, "status>=500\n")
        await until(pilot, "1 exchange ")
        assert "POST" not in screen_text(pilot)
        assert pane(pilot).query_one(FilterBar).text == "status>=500"


async def test_a_filter_that_is_wrong_is_explained_in_its_place() -> None:
    async with staged("exchanges") as pilot:
        await until(pilot, "DELETE")
        await pressed(pilot, "slash")
        await typed(pilot, "status>>9\n")
        await until(pilot, "write a number")
        lines = screen_text(pilot).splitlines()
        assert lines[2].index("^") == lines[1].index(">>9") + 1
        await pressed(pilot, "escape")
        assert pane(pilot).query_one(FilterBar).input.value == ""
        await until(pilot, "POST")


async def test_a_filter_is_completed() -> None:
    async with staged("exchanges") as pilot:
        await until(pilot, "DELETE")
        await pressed(pilot, "slash")
        await typed(pilot, "comp")
        await pressed(pilot, "tab")
        assert pane(pilot).query_one(FilterBar).input.value == "component:"
        await until(pilot, "assets")


async def test_panes_can_filter_exchanges() -> None:
    async with staged("routes") as pilot:
        pilot.app.filter_exchanges("status:404")  # type: ignore[attr-defined]  # it is the shell
        await until(pilot, "/v1/orders/99")
        assert "DELETE" not in screen_text(pilot)


async def test_an_exchange_and_its_neighbours() -> None:
    async with staged("exchanges") as pilot:
        await until(pilot, "DELETE")
        await pressed(pilot, "enter")
        await until(pilot, "replays")
        await pressed(pilot, "n", "n")
        await until(pilot, "/v1/orders/99")
        await pressed(pilot, "N")
        await until(pilot, "unreachable")
        await pressed(pilot, "escape")
        assert cursor_id(pilot) == DOCUMENTS[4]["id"]


async def test_what_a_replay_repeats_is_opened_from_it() -> None:
    async with staged("exchanges") as pilot:
        await until(pilot, "DELETE")
        await pressed(pilot, "enter")
        await until(pilot, "replays")
        await pressed(pilot, "enter")
        await until(pilot, "no such order")


async def test_replaying_asks_for_a_fork_and_shows_differences() -> None:
    host = Premises()
    async with staged("exchanges", host) as pilot:
        await until(pilot, "DELETE")
        await pressed(pilot, "down", "down", "down", "r")
        await until(pilot, "body.total")
        assert host.replays[0]["state"] == "fork"
        await pressed(pilot, "enter")
        await until(pilot, "replays")


@pytest.mark.parametrize(
    ("keys", "asked"),
    [
        ("l", {"state": "live", "hosts": "live", "against": None}),
        ("r", {"state": "fork", "hosts": "recorded", "against": None}),
        ("t", {"state": "fork", "hosts": "live", "against": None, "trace": True}),
        ("ba", {"state": "fork", "hosts": "live", "against": "5f2c9d81aa40"}),
    ],
)
async def test_a_replay_can_be_told_how(keys: str, asked: Json) -> None:
    host = Premises()
    async with staged("exchanges", host) as pilot:
        await until(pilot, "DELETE")
        await pressed(pilot, "R", *keys)
        await until(pilot, "Enter opens it")
        assert host.replays == [{"id": id_of(5), "trace": False, **asked}]


async def test_marked_exchanges_are_a_suite() -> None:
    host = Premises()
    async with staged("exchanges", host) as pilot:
        await until(pilot, "DELETE")
        await pressed(pilot, "m", "m", "m", "r")
        await until(pilot, "3 of 3 exchanges went as before")
        assert {each["id"] for each in host.replays} == {id_of(n) for n in (3, 4, 5)}
        await pressed(pilot, "escape")
        await until(pilot, "following" if pane(pilot).table.following else "6 exchanges")
        assert "marked" not in screen_text(pilot)


async def test_an_edited_request_is_replayed() -> None:
    host = Premises()
    async with staged("exchanges", host) as pilot:
        await until(pilot, "DELETE")
        await pressed(pilot, "down", "down", "down", "e")
        await until(pilot, "Send on forked state")
        await pressed(pilot, "down", "end")
        await typed(pilot, "?dry=1")
        await pressed(pilot, "ctrl+s")
        await until(pilot, "Enter opens it")
        assert host.replays[0]["edit"] == {"path": "/v1/orders?dry=1"}


async def test_a_request_that_cannot_be_read_is_not_sent() -> None:
    host = Premises()
    async with staged("exchanges", host) as pilot:
        await until(pilot, "DELETE")
        await pressed(pilot, "e")
        await until(pilot, "Send on forked state")
        area = pilot.app.screen.query_one(TextArea)
        area.text += "\n###\nGET http://127.0.0.1/two\n"
        await settled(pilot)
        await pressed(pilot, "ctrl+s")
        await until(pilot, "one request can be sent at once")
        assert host.replays == []


async def test_exports_go_to_the_clipboard_and_to_files(tmp_path: Path) -> None:
    async with staged("exchanges") as pilot:
        await until(pilot, "DELETE")
        await pressed(pilot, "y", "c", "c")
        await until_said(pilot, "copied 1 exchange as curl")
        assert pilot.app.clipboard == "curl of 1"
        path = tmp_path / "one.har"
        await pressed(pilot, "y", "h", "f")
        await until(pilot, "Which file?")
        await pressed(pilot, "ctrl+u")
        await typed(pilot, f"{path}\n")
        await until_said(pilot, "wrote")
        assert path.read_text() == "har of 1"


async def test_a_file_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "one.har"
    path.write_text("mine")
    async with staged("exchanges") as pilot:
        await until(pilot, "DELETE")
        await pressed(pilot, "y", "h", "f", "ctrl+u")
        await typed(pilot, f"{path}\n")
        await until_said(pilot, "File exists")
        assert path.read_text() == "mine"


async def test_two_marked_exchanges_are_compared() -> None:
    async with staged("exchanges") as pilot:
        await until(pilot, "DELETE")
        await pressed(pilot, "m", "m", "d")
        await until(pilot, "- 404")
        await until(pilot, "+ 200")


async def test_a_lost_host_leaves_what_was_seen() -> None:
    async with staged("exchanges") as pilot:
        await until(pilot, "DELETE")
        attachment = pilot.app.attachment  # type: ignore[attr-defined]  # it is the shell
        attachment._become("lost", None)
        await until(pilot, "waiting for the next")
        await until(pilot, "DELETE")
        await pressed(pilot, "r")
        await until_said(pilot, "there is no host to ask")


async def test_a_tiny_terminal_grows() -> None:
    async with staged("exchanges", size=(30, 8)) as pilot:
        await until(pilot, "30 by 8 is too small")
        await pilot.resize_terminal(80, 24)
        await until(pilot, "DELETE")


async def test_pages_of_an_exchange_by_key_and_mouse() -> None:
    async with staged("exchanges") as pilot:
        await until(pilot, "DELETE")
        await pressed(pilot, "down", "enter")
        await until(pilot, "unreachable")
        screen = pilot.app.screen
        assert isinstance(screen, DetailScreen)
        await pressed(pilot, "right", "right")
        assert screen.page == 2
        await pressed(pilot, "left")
        assert screen.page == 1
        await pilot.click("TabTitle", offset=(2, 0))
        assert screen.page == 0


async def test_a_terminal_that_shrinks_and_grows_goes_on_as_before() -> None:
    async with staged("exchanges") as pilot:
        await until(pilot, "DELETE")
        for keys, seen in (("down", "DELETE"), ("enter", "Overview"), ("y", "Export 1 exchange")):
            await pressed(pilot, keys)
            await pilot.resize_terminal(30, 8)
            await until(pilot, "30 by 8 is too small")
            await pilot.resize_terminal(80, 24)
            await until(pilot, seen)


async def test_leaving_a_page_of_a_small_terminal() -> None:
    async with staged("exchanges") as pilot:
        await until(pilot, "DELETE")
        await pressed(pilot, "down", "enter")
        await pilot.resize_terminal(30, 8)
        await pressed(pilot, "escape")
        await until(pilot, "30 by 8 is too small")
        await pilot.resize_terminal(80, 24)
        await pressed(pilot, "down", "enter")
        assert isinstance(pilot.app.screen, DetailScreen)


async def test_credentials_are_shown_on_a_key() -> None:
    secret = document(7)
    secret["input"]["headers"].append(["authorization", "Bearer tea-1234"])
    host = Premises()
    host.documents[secret["id"]] = secret
    async with staged("exchanges", host) as pilot:
        await until(pilot, "DELETE")
        assert isinstance(pilot.app, SpindleApp)
        pilot.app.open_exchange(secret["id"])
        await settled(pilot)
        await pressed(pilot, "2")
        await until(pilot, "Bearer ***")
        await until(pilot, "u shows them")
        assert "tea-1234" not in screen_text(pilot)
        await pressed(pilot, "u")
        await until(pilot, "Bearer tea-1234")


async def test_what_a_host_warns_of_is_told_as_it_comes(tmp_path: Path) -> None:
    printed = tmp_path / "printed.txt"
    printed.write_text("Serving\nwarning: the disk is full\n  help: make room\n")
    async with staged("logs") as pilot:
        assert isinstance(pilot.app, SpindleApp)
        pilot.app.overhearing.look(printed)
        await until_said(pilot, "the disk is full")
        await until(pilot, "make room")
        before = len(pilot.app._notifications)
        with printed.open("a") as more:
            more.write("warning: the disk is full\n  help: make room\nerror: GET /: trap\nerr")
        pilot.app.overhearing.look(printed)
        await until(pilot, "error: GET /: trap")
        assert len(pilot.app._notifications) == before


async def test_rows_have_the_keys_again_after_another_tab() -> None:
    async with staged("exchanges") as pilot:
        await until(pilot, "DELETE")
        await pressed(pilot, "2", "1")
        await keys_go_to(pilot, ExchangeTable)


async def test_a_list_without_rows_has_the_keys_of_one_with_rows() -> None:
    async with staged("exchanges") as pilot:
        await until(pilot, "DELETE")
        pane = pilot.app.query_one(ExchangesPane)
        pane.filter_by("path~nowhere")
        await until(pilot, "No exchange passes")
        await keys_go_to(pilot, Nothing)
        await pressed(pilot, "slash")
        await keys_go_to(pilot, Input)
        pane.filter_by("")
        await until(pilot, "DELETE")
        await keys_go_to(pilot, ExchangeTable)


async def keys_go_to(pilot: Shown, kind: type[Widget]) -> None:
    """Wait until a widget of a kind has the keys."""
    deadline = time.monotonic() + PATIENCE
    while not isinstance(pilot.app.focused, kind):
        assert time.monotonic() < deadline, pilot.app.focused
        await pilot.pause(0.01)
