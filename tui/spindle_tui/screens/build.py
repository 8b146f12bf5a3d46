"""Build: what the live loop is doing, and what compilers say."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import DataTable

from spindle.client import BuildState, BuildStatus
from spindle_tui.model.builds import (
    Problem,
    happened,
    output_lines,
    problems_of,
    since_text,
    state_of,
)
from spindle_tui.model.cleaning import one_line
from spindle_tui.model.lines import Line
from spindle_tui.model.measures import joined, took_text
from spindle_tui.model.prose import BLANK, line, title
from spindle_tui.screens.live import LivePane
from spindle_tui.widgets.listing import Entry, Heading, Listing, coloured
from spindle_tui.widgets.prose import Prose

STATE_HEADINGS = (
    Heading("Component", 14, gives_way=True),
    Heading("State", 11),
    Heading("For", 8, right=True),
    Heading("Built in", 8, right=True),
    Heading("Problems", 8, right=True),
)
PROBLEM_HEADINGS = (
    Heading("", 9),
    Heading("Place", 20, gives_way=True),
    Heading("Problem", 40, gives_way=True),
)
HAPPENED = 200
"""Lines kept of what the live loop did."""


class BuildPane(LivePane):
    """How components stand to their sources; problems open in the editor."""

    TITLE = "Build"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "build(False)", "Build"),
        Binding("B", "build(True)", "Build anew"),
        Binding("a", "build_all", "Build all"),
        Binding("r", "reload", "Reload app"),
        Binding("e", "open", "Edit the place"),
    ]
    DEFAULT_CSS = """
    BuildPane #builds { height: auto; max-height: 35%; min-height: 3; }
    BuildPane #problems { height: auto; max-height: 35%; display: none; }
    BuildPane.troubled #problems { display: block; }
    BuildPane VerticalScroll { height: 1fr; padding: 0 1; border-top: solid $panel; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._status = BuildStatus(False, ())
        self._root = Path()
        self._problems: list[Problem] = []
        self._happened: deque[Line] = deque(maxlen=HAPPENED)

    def compose(self) -> ComposeResult:
        yield Listing(STATE_HEADINGS, id="builds")
        yield Listing(PROBLEM_HEADINGS, on_enter="Open in editor", id="problems")
        with VerticalScroll():
            yield Prose(id="build-output")

    def on_mount(self) -> None:
        self.query_one("#builds").focus()

    async def on_shown(self) -> None:
        await super().on_shown()
        self.while_shown(self._follow)

    def on_beat(self) -> None:
        """Time goes on."""
        self._show()

    async def _follow(self) -> None:
        """Keep to what the live loop does."""
        events = self.host.follow_events(
            "build.started", "build.finished", "swap.done", "app.changed"
        )
        await events.start()
        self._root = Path((await self.host.info()).manifest).parent
        await self._take()
        async for batch in events:
            self._happened += filter(None, map(happened, batch))
            await self._take()

    async def _take(self) -> None:
        self._status = await self.host.build_status()
        self._problems = problems_of(self._status.components)
        self._show()

    def _show(self) -> None:
        states, stats = self._status.components, self.shell.pulse.history.stats
        now = time.time() if stats is None else stats.at
        self.set_class(bool(self._problems), "troubled")
        self._listing.show([_state_entry(state, now) for state in states])
        entries = [
            _problem_entry(number, problem, self._root)
            for number, problem in enumerate(self._problems)
        ]
        self.query_one("#problems", Listing).show(entries)
        self._show_output()
        watching = "watching files" if self._status.watching else "not watching (`spindle watch`)"
        failed = sum(state.state == "failed" for state in states)
        self.note(joined((f"{failed} failed" if failed else "", watching)))

    def _show_output(self) -> None:
        self.query_one(Prose).show(self._lines(self._current()))

    def _lines(self, state: BuildState | None) -> Sequence[Line]:
        lines = [] if state is None else output_lines(state)
        problem = self._problem()
        if problem is not None and self.query_one("#problems").has_focus:
            lines = [line((one_line(problem.message, 2000), "bad"))]
            if problem.help:
                lines.append(line(("help: ", "dim"), one_line(problem.help, 2000)))
        if self._happened:
            lines += [BLANK, title("What happened"), *reversed(self._happened)]
        return lines

    @property
    def _listing(self) -> Listing:
        return self.query_one("#builds", Listing)

    def _current(self) -> BuildState | None:
        current = self._listing.current
        return next((each for each in self._status.components if each.id == current), None)

    def _problem(self) -> Problem | None:
        current = self.query_one("#problems", Listing).current
        if current is None or int(current) >= len(self._problems):
            return None
        return self._problems[int(current)]

    def on_data_table_row_highlighted(self, _message: DataTable.RowHighlighted) -> None:
        self._show_output()

    def on_descendant_focus(self) -> None:
        self._show_output()

    def on_data_table_row_selected(self, message: DataTable.RowSelected) -> None:
        if message.data_table.id == "problems":
            self.action_open()

    # What can be done.

    def action_open(self) -> None:
        """Open the place of the problem in `$EDITOR`."""
        problem = self._problem()
        if problem is None or problem.path is None:
            self.shell.say("there is no problem with a place")
        else:
            self.shell.open_in_editor(problem.path, problem.line)

    def action_build(self, force: bool) -> None:
        """Build the component, with `force` even if its sources are the same."""
        if (state := self._current()) is not None:
            self.build([state.id], force=force)

    def action_build_all(self) -> None:
        self.build(None)

    def action_reload(self) -> None:
        self.reload()


def _state_entry(state: BuildState, now: float) -> Entry:
    problems = str(len(state.diagnostics)) if state.diagnostics else ""
    took = "" if state.took is None else took_text(state.took * 1e6)
    sign = coloured(*state_of(state))
    cells = (one_line(state.id), sign, since_text(state, now), took, Text(problems, "bold red"))
    return Entry(state.id, cells)


def _problem_entry(number: int, problem: Problem, root: Path) -> Entry:
    cells = (coloured(*problem.sign), problem.place(root), one_line(problem.message))
    return Entry(str(number), cells)
