"""The line that says which host this is and how it stands with it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from spindle.text import printable
from spindle_tui.attachment import Attachment, State

SIGNS = {
    State.STARTING: "◌ starting",
    State.LIVE: "● live",
    State.LOST: "○ no host: waiting for the next",
}


class StatusBar(Horizontal):
    """App, address, state of the connection, and what the current pane says of itself."""

    DEFAULT_CSS = """
    StatusBar { height: 1; background: $panel; color: $text-muted; }
    StatusBar Static { width: auto; padding: 0 1; }
    StatusBar #status-app { color: $text; text-style: bold; }
    StatusBar #status-state.live { color: $text-success; }
    StatusBar #status-state.lost { color: $text-error; text-style: bold; }
    StatusBar #status-note { width: 1fr; text-align: right; }
    """

    def compose(self) -> ComposeResult:
        yield Static("", id="status-app", markup=False)
        yield Static("", id="status-state", markup=False)
        yield Static("", id="status-note", markup=False)

    def show(self, attachment: Attachment, name: str) -> None:
        """Say how it stands with the host."""
        run_file = attachment.run_file
        url = "" if run_file is None else f"  {run_file.base_url}"
        self.query_one("#status-app", Static).update(printable(f"{name}{url}"))
        state = self.query_one("#status-state", Static)
        state.update(SIGNS[attachment.state])
        for known in State:
            state.set_class(known is attachment.state, known.value)

    def note(self, text: str) -> None:
        """Say something about what is shown."""
        # Its place stays as it is: nothing has to be laid out anew.
        self.query_one("#status-note", Static).update(printable(text), layout=False)
