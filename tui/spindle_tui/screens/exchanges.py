"""What the application was asked and answered, live and from the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from spindle.client import Dropped, Event
from spindle.errors import HostError
from spindle.exchange import Summary
from spindle.text import counted
from spindle_tui.acts import Acts
from spindle_tui.model.measures import joined, rate_text
from spindle_tui.model.rates import Rate
from spindle_tui.model.ring import ORDERS, Ring
from spindle_tui.screens.pane import Pane
from spindle_tui.widgets.exchange_table import ExchangeTable
from spindle_tui.widgets.filter_bar import FilterBar
from spindle_tui.widgets.preview import Preview

REFRESH_SECONDS = 0.1
"""How often what happened meanwhile is drawn."""
PREVIEW_SECONDS = 0.3
"""How often another exchange than the one that is previewed is looked at."""
PAGE = 500
"""Exchanges that are asked of the store at once."""

EMPTY = """
  Nothing has happened yet.

  Requests show up here as they are answered:

    curl {url}
"""
NOTHING_PASSES = """
  No exchange passes the filter.

  / changes it; an empty one lets all pass.
"""


class Nothing(Static, can_focus=True):
    """Says why there are no rows."""


class ExchangesPane(Acts, Pane):
    """The list of exchanges, under a filter."""

    TITLE = "Exchanges"
    DEFAULT_CSS = """
    ExchangesPane Nothing { display: none; height: 1fr; color: $text-muted; }
    ExchangesPane.empty Nothing { display: block; }
    ExchangesPane.empty ExchangeTable { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", key_display="/"),
        Binding("f", "follow", "Follow"),
        Binding("p,space", "pause", "Pause", key_display="p"),
        Binding("s", "sort", "Sort"),
        Binding("S", "turn", "Reverse the order", show=False),
        Binding("m", "mark", "Mark"),
        Binding("v", "preview", "Preview", show=False),
        Binding("M", "unmark", "Unmark all", show=False),
        *Acts.BINDINGS,
    ]

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.ring = Ring()
        self._rate = Rate()
        self._more: str | None = None
        """What the next older page is before; None if there is none."""
        self._loading = False
        self._changed = False
        self._timer: Timer | None = None
        self._components: tuple[str, ...] = ()
        self._previews = True

    def compose(self) -> ComposeResult:
        yield FilterBar(self._known_values)
        yield ExchangeTable(self.ring)
        yield Nothing(markup=False)
        yield Preview()

    @property
    def table(self) -> ExchangeTable:
        return self.query_one(ExchangeTable)

    @property
    def entry(self) -> Widget:
        """What takes the place of rows where there are none has the same keys."""
        return self.query_one(Nothing) if self.has_class("empty") else self.table

    def on_mount(self) -> None:
        self.set_interval(PREVIEW_SECONDS, self._look)
        self._timer = self.set_interval(REFRESH_SECONDS, lambda: self.draw_news(), pause=True)
        self._show_emptiness()

    async def on_shown(self) -> None:
        assert self._timer is not None
        self._timer.resume()
        self._components = tuple(route.component or "" for route in await self.host.routes())
        self._begin()

    async def on_hidden(self) -> None:
        assert self._timer is not None
        self._timer.pause()
        self._end()

    def filter_by(self, text: str) -> None:
        """Show those exchanges a filter lets through."""
        self.query_one(FilterBar).apply(text)
        self.entry.focus()

    def neighbour(self, id: str, by: int) -> str | None:
        """The id of the exchange so many rows below another."""
        at, rows = self.ring.index_of(id), self.ring.rows
        if at is None or not 0 <= at + by < len(rows):
            return None
        self.table.go_to(rows[at + by].id)
        return rows[at + by].id

    def builds(self) -> list[str]:
        return sorted({row.build for row in self.ring.rows[:5000] if row.build})

    def chosen(self) -> list[Summary]:
        """What acts are for: what is marked, else what the cursor is on."""
        marked = [row for id in sorted(self.ring.marked) if (row := self.ring.get(id))]
        current = self.table.current
        return marked or ([] if current is None else [current])

    def after_act(self) -> None:
        """What was marked was marked for this."""
        self.ring.marked.clear()
        self._changed = True

    # What happens.

    def _begin(self) -> None:
        """Follow the host anew, under the filter there is."""
        self._end()
        where = self.query_one(FilterBar).text or None
        self.run_worker(self._follow(where), group="follow")
        self.run_worker(self._load_page(where, None), group="follow")

    def _end(self) -> None:
        self.workers.cancel_group(self, "follow")

    async def _follow(self, where: str | None) -> None:
        host = self.host
        stream = host.follow_exchanges(where)
        try:
            async for events in stream:
                self.take(events)
        except HostError as error:
            self.shell.say(error.message, "error")
        finally:
            await stream.aclose()

    def take(self, events: Iterable[Event]) -> None:
        """Hold what happened, to be drawn with the next frame."""
        came: list[Summary] = []
        for event in events:
            if isinstance(event.data, Summary):
                came.append(event.data)
            elif isinstance(event.data, Dropped):
                self.ring.dropped += event.data.count
        if came:
            self._rate.add(len(came), came[-1].at)
            self.ring.add(came)
        self._changed = True

    async def _load_page(self, where: str | None, before: str | None) -> None:
        """Have a page of what the store keeps."""
        self._loading = True
        try:
            page = await self.host.exchanges(where, before=before, limit=PAGE)
        except HostError as error:
            self.shell.say(error.message, "error")
            return
        finally:
            self._loading = False
        self._more = page.more
        self.ring.add_older(page.exchanges)
        self._changed = True

    def on_exchange_table_near_end(self) -> None:
        """What is older is wanted."""
        before = self.ring.oldest if self.ring.evicted else self._more
        has_room = len(self.ring) < self.ring.room
        if before is None or self._loading or not has_room or self.shell.host is None:
            return
        where = self.query_one(FilterBar).text or None
        self.run_worker(self._load_page(where, before), group="follow")

    # What is shown.

    def draw_news(self) -> None:
        """Draw what came since the last time."""
        self.shell.note(self._note())
        if self._changed:
            self._changed = False
            self._show_emptiness()
            self.table.refresh_rows()

    def on_resize(self) -> None:
        self._make_room()

    def _make_room(self) -> None:
        self.query_one(Preview).make_room(self.app.size.height, wanted=self._previews)

    def _look(self) -> None:
        current = self.table.current
        id = None if current is None else current.id
        self.query_one(Preview).look_at(id, self.shell.host)

    def _show_emptiness(self) -> None:
        empty = not self.ring.rows
        self.set_class(empty, "empty")
        self.call_after_refresh(self._keep_keys)  # what is hidden by then has lost them
        if empty:
            text = NOTHING_PASSES if self.query_one(FilterBar).text else EMPTY
            self.query_one(Nothing).update(text.format(url=self.shell.url))

    def _keep_keys(self) -> None:
        """Have rows, or what is there without rows, take the keys unless something else has."""
        if self.display and self.screen.focused in (None, self.table, self.query_one(Nothing)):
            self.entry.focus()

    def _note(self) -> str:
        table, ring = self.table, self.ring
        noun = counted(len(ring), "exchange").split()[1]
        doing = "following" if table.following else ""
        if ring.paused:
            doing = f"paused, {ring.fresh:,} more" if ring.fresh else "paused"
        return joined(
            (
                f"{len(ring.marked)} marked" if ring.marked else "",
                f"{ring.dropped:,} missed" if ring.dropped else "",
                f"{len(ring):,}{'+' if self._more or ring.evicted else ''} {noun}",
                rate_text(rate) if (rate := self._rate.now()) else "",
                doing,
            )
        )

    def _known_values(self) -> Mapping[str, Iterable[str]]:
        rows = self.ring.rows[:1000]
        return {
            "component": sorted(
                {row.component for row in rows if row.component} | {*self._components} - {""}
            ),
            "method": sorted({row.method for row in rows if row.method}),
            "route": sorted({row.target for row in rows}),
            "trigger": sorted({row.trigger for row in rows}),
            "host": sorted({row.host for row in rows if row.host}),
            "build": sorted({row.build for row in rows if row.build}),
            "status": sorted({str(row.status) for row in rows if row.status}),
        }

    # What a person does.

    def on_filter_bar_changed(self) -> None:
        self.ring.clear()
        self._more = None
        self._changed = True
        self.table.follow(True)
        if self.shell.host is not None:
            self._begin()

    def on_filter_bar_left(self) -> None:
        self.entry.focus()

    def on_exchange_table_opened(self, message: ExchangeTable.Opened) -> None:
        self.shell.open_exchange(message.summary.id)

    def on_exchange_table_moved(self) -> None:
        self.shell.note(self._note())

    def on_exchange_table_sorted(self, message: ExchangeTable.Sorted) -> None:
        self._sort(message.order)

    def action_filter(self) -> None:
        self.query_one(FilterBar).input.focus()

    def action_follow(self) -> None:
        self.table.follow(not self.table.following)

    def action_pause(self) -> None:
        self.ring.pause(not self.ring.paused)
        self._changed = True

    def action_sort(self) -> None:
        orders = list(ORDERS)
        self._sort(orders[(orders.index(self.ring.order) + 1) % len(orders)])

    def action_turn(self) -> None:
        self._sort(self.ring.order)

    def _sort(self, order: str) -> None:
        self.ring.sort(order)
        self.table.follow(self.table.following)

    def action_mark(self) -> None:
        if (current := self.table.current) is not None:
            self.ring.mark(current.id)
            self.table.action_move(1)

    def action_preview(self) -> None:
        self._previews = not self._previews
        self._make_room()

    def action_unmark(self) -> None:
        self.ring.marked.clear()
        self._changed = True
