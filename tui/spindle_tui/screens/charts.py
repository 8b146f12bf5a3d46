"""Charts: how the host fares over time."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid

from spindle_tui.model import panels
from spindle_tui.model.cleaning import one_line
from spindle_tui.model.measures import joined, span_text
from spindle_tui.model.panels import SPANS, Draw, Drawing, View
from spindle_tui.screens.live import LivePane
from spindle_tui.widgets.chart import Chart

CHARTS: tuple[tuple[str, Draw], ...] = (
    ("Requests", panels.requests),
    ("Latency", panels.spread),
    ("p99 over time", panels.latency),
    ("Memory", panels.memory),
    ("Processor", panels.processor),
    ("Memory of guests", panels.guests),
)
FEW = 4
"""Charts there is room for in a small terminal."""


class ChartsPane(LivePane):
    """Charts of the host since somebody looks; of all routes, or one."""

    TITLE = "Charts"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("plus", "span(1)", "Longer"),
        Binding("minus", "span(-1)", "Shorter"),
        Binding("n", "route(1)", "Next route"),
        Binding("p", "route(-1)", "Previous route"),
    ]
    DEFAULT_CSS = """
    ChartsPane Grid { grid-size: 2; height: 1fr; }
    ChartsPane.wide Grid { grid-size: 2 3; }
    ChartsPane .more { display: none; }
    ChartsPane.wide .more { display: block; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.can_focus = True
        self._view = View()

    def compose(self) -> ComposeResult:
        with Grid():
            for number, (title, draw) in enumerate(CHARTS):
                chart = Chart(title, partial(self._drawn, draw))
                chart.set_class(number >= FEW, "more")
                yield chart

    def on_mount(self) -> None:
        self.focus()

    def on_resize(self) -> None:
        self.set_class(self.size.height >= 30, "wide")

    def on_beat(self) -> None:
        """Draw what is new."""
        for chart in self.query(Chart):
            chart.refresh_chart()
        self.note(joined((f"the last {span_text(self._view.seconds)}", self._route_name())))

    def action_span(self, by: int) -> None:
        """Show a longer or a shorter time."""
        at = SPANS.index(self._view.seconds) + by
        self._view = self._view._replace(seconds=SPANS[max(0, min(at, len(SPANS) - 1))])
        self.on_beat()

    def action_route(self, by: int) -> None:
        """Show all routes, or the next one alone."""
        choices = [None, *self.shell.pulse.history.routes]
        known = self._view.route in choices
        at = choices.index(self._view.route) + by if known else 0
        self._view = self._view._replace(route=choices[at % len(choices)])
        self.on_beat()

    def _drawn(self, draw: Draw, width: int, height: int) -> Drawing:
        return draw(self.shell.pulse.history, self._view, width, height)

    def _route_name(self) -> str:
        stats = self.shell.pulse.history.stats
        routes = () if stats is None else stats.routes
        names = [route.route for route in routes if route.id == self._view.route]
        return f"route {one_line(names[0])}" if names else "all routes"
