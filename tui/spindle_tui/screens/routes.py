"""Routes: what each of them does, and which of them a URL meets."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import DataTable, Input

from spindle.client import CallFailed, RouteInfo
from spindle_tui.model.charts import sparkline
from spindle_tui.model.cleaning import one_line
from spindle_tui.model.measures import joined, rate_text, took_text
from spindle_tui.model.prose import line
from spindle_tui.model.routing import Asked, RouteRow, asked, match_lines, route_rows
from spindle_tui.model.series import filled
from spindle_tui.screens.live import LivePane
from spindle_tui.screens.sending import SendScreen
from spindle_tui.widgets.listing import Entry, Heading, Listing
from spindle_tui.widgets.prose import Prose

HEADINGS = (
    Heading("", 1),
    Heading("Route", 14, gives_way=True),
    Heading("Component", 14),
    Heading("Rate", 7, right=True),
    Heading("p50", 7, right=True),
    Heading("p99", 7, right=True),
    Heading("Requests", 9, right=True, from_width=96),
    Heading("Errors", 9, right=True),
    Heading("Last minute", 30, from_width=110),
)
SPARK_SECONDS = 60
HELP = (
    "A path or a URL, such as `/users/7?full` or `POST /users`, "
    "shows which route gets it, why, and why the others don't."
)
TYPING_SECONDS = 0.15


class RoutesPane(LivePane):
    """The routes in the order in which they are tried."""

    TITLE = "Routes"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "send", "Send request"),
        Binding("slash", "test", "Test a URL"),
        Binding("y", "copy", "Copy URL"),
    ]
    DEFAULT_CSS = """
    RoutesPane Listing { height: auto; max-height: 60%; min-height: 4; }
    RoutesPane Input { margin: 1 1 0 1; }
    RoutesPane VerticalScroll { height: 1fr; padding: 0 2; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._routes: tuple[RouteInfo, ...] = ()
        self._matched: str | None = None

    def compose(self) -> ComposeResult:
        yield Listing(HEADINGS, on_enter="Exchanges", id="routes")
        yield Input(placeholder="test a URL", id="route-url", compact=True)
        with VerticalScroll(can_focus=False):
            yield Prose(id="route-match")

    def on_mount(self) -> None:
        self.query_one(Listing).focus()
        self.query_one(Prose).show([line((HELP, "dim"))])

    async def on_shown(self) -> None:
        self.while_shown(self._follow)
        await super().on_shown()

    def on_beat(self) -> None:
        """Show what the routes did up to now."""
        stats = self.shell.pulse.history.stats
        known = {} if stats is None else {route.id: route for route in stats.routes}
        rows = route_rows(self._routes, known)
        self.query_one(Listing).show([self._entry(row) for row in rows])
        self.note(
            joined(
                (
                    f"{len(rows)} {'route' if len(rows) == 1 else 'routes'}",
                    rate_text(sum(route.rate for route in known.values())) if known else "",
                )
            )
        )

    async def _follow(self) -> None:
        """Keep to the application's routes while they change."""
        changes = self.host.follow_events("app.changed")
        await changes.start()
        await self._take_routes()
        async for _ in changes:
            await self._take_routes()

    async def _take_routes(self) -> None:
        self._routes = await self.host.routes()
        self.on_beat()
        self._try_url()

    def _entry(self, row: RouteRow) -> Entry:
        stats = row.stats
        measured = (
            ("", "", "", "")
            if stats is None
            else (
                rate_text(stats.rate),
                took_text(stats.p50),
                took_text(stats.p99),
                f"{stats.count:,}",
            )
        )
        mark = Text("▶" if row.route.id == self._matched else " ", "bold")
        errors = Text(row.error_share, "bold red")
        cells = (mark, row.pattern, row.answers, *measured, errors, self._spark(row))
        return Entry(row.route.id, cells)

    def _spark(self, row: RouteRow) -> Text:
        history = self.shell.pulse.history
        track = history.routes.get(row.route.id)
        if track is None or history.stats is None:
            return Text()
        columns = track.requests.rates.columns(history.stats.at, SPARK_SECONDS, 30)
        return Text(sparkline(filled(columns, 1), 30), "cyan")

    # Testing a URL.

    def action_test(self) -> None:
        self.query_one(Input).focus()

    def on_input_changed(self, _message: Input.Changed) -> None:
        self._try_url()

    def on_input_submitted(self, _message: Input.Submitted) -> None:
        if self._matched is not None:
            self.query_one(Listing).go_to(self._matched)
            self.query_one(Listing).focus()

    def _try_url(self) -> None:
        self.at_once(self._match, "match")

    async def _match(self) -> None:
        wanted = asked(self.query_one(Input).value)
        if wanted is None:
            self._matched = None
            self.query_one(Prose).show([line((HELP, "dim"))])
        else:
            await asyncio.sleep(TYPING_SECONDS)
            self._matched = await self._show_match(wanted)
        self.on_beat()

    async def _show_match(self, wanted: Asked) -> str | None:
        """Say which route gets a URL, or what is wrong with it; the id of the route."""
        try:
            matched = await self.host.match(wanted.url, wanted.method)
        except CallFailed as error:
            self.query_one(Prose).show([line((f"✗ {one_line(error, 400)}", "bad"))])
            return None
        self.query_one(Prose).show(match_lines(matched))
        return matched.matched

    # What can be done with a route.

    def on_data_table_row_selected(self, _message: DataTable.RowSelected) -> None:
        self.action_exchanges()

    def action_exchanges(self) -> None:
        """Show the exchanges of the route."""
        if (route := self._current()) is not None:
            self.shell.filter_exchanges(f'route:"{route.pattern}"')

    def action_send(self) -> None:
        """Write a request to the route, and send it."""
        if (route := self._current()) is None or not self.host_is_there:
            return
        wanted = asked(self.query_one(Input).value)
        if wanted is not None and route.id == self._matched and wanted.url.startswith("/"):
            screen = SendScreen(self.host, wanted.method, wanted.url)
        else:
            screen = SendScreen(self.host, "GET", route.route)
        self.app.push_screen(screen, self._show_sent)

    def _show_sent(self, exchange: str | None) -> None:
        if exchange is not None:
            self.shell.open_exchange(exchange)

    def action_copy(self) -> None:
        """Copy the URL of the route."""
        if (route := self._current()) is not None:
            self.shell.copy_text(f"{self.shell.url.rstrip('/')}{route.route}", "the URL")

    def _current(self) -> RouteInfo | None:
        current = self.query_one(Listing).current
        return next((route for route in self._routes if route.id == current), None)
