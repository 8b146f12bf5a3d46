"""What is shown until there is a host: what it says while it starts."""

from __future__ import annotations

from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from spindle_tui.first_frame import STARTING
from spindle_tui.model.cleaning import log_line

TAIL = 16 * 1024
"""Bytes of what was said that are looked at."""
POLL_SECONDS = 0.1


class Starting(Vertical):
    """The last lines of what a host says of its start."""

    DEFAULT_CSS = """
    Starting { height: 1fr; padding: 1 2; }
    Starting #starting-title { text-style: bold; height: 1; margin-bottom: 1; }
    Starting #starting-lines { color: $text-muted; height: 1fr; }
    """

    def __init__(self, console: Path | None, id: str | None = None) -> None:
        super().__init__(id=id)
        self._said_at = console
        self._said = ""

    def compose(self) -> ComposeResult:
        title = "Connecting to the host…" if self._said_at is None else STARTING
        yield Static(title, id="starting-title", markup=False)
        yield Static("", id="starting-lines", markup=False)

    def on_mount(self) -> None:
        if self._said_at is not None:
            self.set_interval(POLL_SECONDS, self._look)

    def _look(self) -> None:
        assert self._said_at is not None
        if not self.is_on_screen:
            return
        said = tail_of(self._said_at)
        if said != self._said:
            self._said = said
            height = max(1, self.size.height - 4)
            lines = [log_line(each) for each in said.splitlines()][-height:]
            self.query_one("#starting-lines", Static).update("\n".join(lines))


def tail_of(path: Path) -> str:
    """The end of a file."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - TAIL))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
