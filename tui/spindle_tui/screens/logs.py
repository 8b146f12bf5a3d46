"""Logs: what guests write, as they write it."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from spindle.events import LogLine as Written
from spindle_tui.model.loglines import Key, LogBook, wanted_lines
from spindle_tui.model.measures import joined
from spindle_tui.overhearing import Heard
from spindle_tui.screens.live import LivePane
from spindle_tui.widgets.log_view import LogView

if TYPE_CHECKING:
    from spindle.client import Event, HostClient

EARLIER = 30
"""Exchanges whose lines are shown from before."""
HOST = "host"
"""What stands for a component before lines of the host itself."""


class LogsPane(LivePane):
    """The last lines of all components; it goes on to listen while others are shown."""

    TITLE = "Logs"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter"),
        Binding("space", "pause", "Pause"),
        Binding("f", "follow", "Follow"),
        Binding("w", "wrap", "Wrap"),
        Binding("t", "times", "Times", show=False),
        Binding("y", "copy", "Copy line", show=False),
        Binding("c", "clear", "Clear", show=False),
        Binding("escape", "unfilter", "All lines", show=False),
    ]
    DEFAULT_CSS = """
    LogsPane Input { display: none; margin: 0 1; }
    LogsPane Input.shown { display: block; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.book = LogBook()
        self._view = LogView(self.book)
        self._listened: HostClient | None = None
        self._has_earlier = False
        self._lost = 0
        self._paused_at: int | None = None
        """How many lines there had been when the view was made to stand still."""

    def compose(self) -> ComposeResult:
        yield Input(placeholder="words of lines, component:api, stream:stderr, -word", compact=True)
        yield self._view

    def on_mount(self) -> None:
        self._view.focus()
        for heard in self.shell.overhearing.heard:
            self._take_heard(heard)
        self.shell.overhearing.listeners.append(self._take_heard)

    async def on_shown(self) -> None:
        await super().on_shown()
        if self.host is not self._listened:
            self._listened = self.host
            self.at_once(partial(self._listen, self.host), "listen")
        self._tell()

    def filter(self, text: str) -> None:
        """Show the lines that have all words of a filter."""
        field = self.query_one(Input)
        field.value = text
        field.set_class(bool(text), "shown")
        self._view.focus()

    async def _listen(self, host: HostClient) -> None:
        stream, began = host.follow_logs(), time.time()
        await stream.start()
        if not self._has_earlier:
            self._has_earlier = True
            await self._take_earlier(host, began)
        async for events in stream:
            self._take(events)

    async def _take_earlier(self, host: HostClient, until: float) -> None:
        """What the last exchanges wrote that had ended before somebody looked."""
        page = await host.exchanges("logs>0", limit=EARLIER)
        for summary in reversed(page.exchanges):
            if summary.at + (summary.took or 0) / 1e6 > until:
                continue  # the stream tells it
            document = await host.exchange(summary.id)
            key = (summary.component or summary.target, summary.id)
            for line in document["logs"]:
                at = summary.at + line["at"] / 1e6
                text = line["text"]
                self._add(at, (*key, line["stream"]), text if text.endswith("\n") else f"{text}\n")
        self._tell()

    def _take_heard(self, heard: Heard) -> None:
        """Show what the host itself says."""
        self._add(heard.at, (HOST, None, "stderr"), f"{heard.trouble.text}\n")

    def _take(self, events: list[Event]) -> None:
        for event in events:
            match event.data:
                case Written(component, exchange, stream, text):
                    self._add(event.at, (component, exchange, stream), text)
                case _ if event.kind == "dropped":
                    self._lost += event.data.count
        self._tell()

    def _add(self, at: float, key: Key, text: str) -> None:
        touched = self.book.add(at, key, text)
        if self._paused_at is None:
            self._view.take(touched)

    def _tell(self) -> None:
        """Say how it stands with what is shown."""
        waiting = 0 if self._paused_at is None else self.book.count - self._paused_at
        paused = "" if self._paused_at is None else f"PAUSED, {waiting:,} more"
        moving = "following" if self._view.following else "scrolled back"
        lost = f"{self._lost:,} lost" if self._lost else ""
        lines = f"{len(self.book.lines):,} lines"
        self.note(joined((lost, paused or moving, lines)))

    # What can be done.

    def on_input_changed(self, message: Input.Changed) -> None:
        self._view.filter(wanted_lines(message.value))
        self._tell()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        message.input.set_class(bool(message.value), "shown")
        self._view.focus()

    def on_log_view_opened(self, message: LogView.Opened) -> None:
        if message.line.exchange is None:
            self.shell.say("this was written outside of any exchange")
        else:
            self.shell.open_exchange(message.line.exchange)

    def on_log_view_moved(self, _message: LogView.Moved) -> None:
        self._tell()

    def action_filter(self) -> None:
        field = self.query_one(Input)
        field.add_class("shown")
        field.focus()

    def action_unfilter(self) -> None:
        """Show all lines, and leave the filter."""
        self.filter("")

    def action_pause(self) -> None:
        """Have the view stand still, or show what came meanwhile."""
        if self._paused_at is None:
            self._paused_at = self.book.count
        else:
            self._paused_at = None
            self._view.lay_out()
        self._tell()

    def action_follow(self) -> None:
        self._view.follow(not self._view.following)

    def action_wrap(self) -> None:
        self._view.wrap = not self._view.wrap
        self._view.lay_out()

    def action_times(self) -> None:
        self._view.times = not self._view.times
        self._view.lay_out()

    def action_copy(self) -> None:
        if (line := self._view.current) is not None:
            self.shell.copy_text(line.text, "the line")

    def action_clear(self) -> None:
        self.book.clear()
        self._view.lay_out()
        self._tell()
