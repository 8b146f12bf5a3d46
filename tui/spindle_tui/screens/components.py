"""Components: what they are, may and do."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import DataTable

from spindle.client import BuildStatus, ComponentInfo
from spindle_tui.model.cleaning import one_line
from spindle_tui.model.measures import joined, rate_text, size_text, took_text
from spindle_tui.model.parts import Part, part_lines
from spindle_tui.screens.live import LivePane
from spindle_tui.widgets.listing import Entry, Heading, Listing, coloured
from spindle_tui.widgets.prose import Prose

HEADINGS = (
    Heading("Component", 14, gives_way=True),
    Heading("State", 10),
    Heading("Build", 12, from_width=90),
    Heading("Busy", 6, right=True),
    Heading("Requests", 9, right=True),
    Heading("Errors", 7, right=True),
    Heading("Rate", 7, right=True),
    Heading("p50", 7, right=True, from_width=100),
    Heading("p99", 7, right=True),
    Heading("Memory", 8, right=True),
)


class ComponentsPane(LivePane):
    """The components in the manifest's order, and all there is to say of one."""

    TITLE = "Components"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "logs", "Logs"),
        Binding("b", "build(False)", "Build"),
        Binding("B", "build(True)", "Build anew", show=False),
        Binding("r", "reload", "Reload app"),
    ]
    DEFAULT_CSS = """
    ComponentsPane Listing { height: auto; max-height: 45%; min-height: 4; }
    ComponentsPane VerticalScroll { height: 1fr; padding: 0 1; border-top: solid $panel; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._components: tuple[ComponentInfo, ...] = ()
        self._status = BuildStatus(False, ())

    def compose(self) -> ComposeResult:
        yield Listing(HEADINGS, on_enter="Exchanges", id="components")
        with VerticalScroll():
            yield Prose(id="component-detail")

    def on_mount(self) -> None:
        self.query_one(Listing).focus()

    async def on_shown(self) -> None:
        await super().on_shown()
        self._look()

    def on_beat(self) -> None:
        """Ask anew: instances come and go without a word."""
        self._show()
        self._look()

    def _look(self) -> None:
        self.if_idle(self._take, "look")

    async def _take(self) -> None:
        self._components = await self.host.components()
        self._status = await self.host.build_status()
        self._show()

    def _show(self) -> None:
        parts = self._parts()
        self.query_one(Listing).show([_entry(part) for part in parts.values()])
        self._show_detail()
        memory = sum(part.memory for part in parts.values())
        watching = "watching" if self._status.watching else "not watching"
        self.note(joined((watching, f"{size_text(memory)} of guests" if memory else "")))

    def _show_detail(self) -> None:
        part = self._parts().get(self.query_one(Listing).current or "")
        self.query_one(Prose).show(part_lines(part) if part is not None else [])

    def _parts(self) -> dict[str, Part]:
        stats = self.shell.pulse.history.stats
        counted = {} if stats is None else {each.id: each for each in stats.components}
        builds = {each.id: each for each in self._status.components}
        return {
            each.id: Part(each, counted.get(each.id), builds.get(each.id))
            for each in self._components
        }

    def on_data_table_row_highlighted(self, _message: DataTable.RowHighlighted) -> None:
        self._show_detail()

    def on_data_table_row_selected(self, _message: DataTable.RowSelected) -> None:
        self.action_exchanges()

    def action_exchanges(self) -> None:
        """Show the exchanges of the component."""
        if (current := self.query_one(Listing).current) is not None:
            self.shell.filter_exchanges(f'component:"{current}"')

    def action_logs(self) -> None:
        """Show what the component writes."""
        if (current := self.query_one(Listing).current) is not None:
            self.shell.filter_logs(f"component:{current}")

    def action_build(self, force: bool) -> None:
        """Build the component and serve it."""
        if (current := self.query_one(Listing).current) is not None:
            self.build([current], force=force)

    def action_reload(self) -> None:
        self.reload()


def _entry(part: Part) -> Entry:
    stats = part.stats
    counted = ("", "", "", "", "")
    if stats is not None:
        errors = f"{stats.errors:,}" if stats.errors else ""
        times = (took_text(stats.p50), took_text(stats.p99))
        counted = (f"{stats.count:,}", errors, rate_text(stats.rate), *times)
    cells = (
        one_line(part.info.id),
        coloured(*part.state),
        one_line(part.info.build or ""),
        part.busy,
        *counted,
        size_text(part.memory) if part.info.instances else "",
    )
    return Entry(part.info.id, cells)
