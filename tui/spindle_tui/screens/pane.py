"""What a tab shows: a pane, and what it may ask of the application around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, cast

from textual.containers import Vertical
from textual.widget import Widget

if TYPE_CHECKING:
    from spindle.client import HostClient
    from spindle_tui.overhearing import Overhearing
    from spindle_tui.pulse import Pulse

Severity = Literal["information", "warning", "error"]


class Shell(Protocol):
    """The application, as panes see it."""

    @property
    def host(self) -> HostClient | None:
        """The host that is shown; None while there is no connection to one."""

    @property
    def pulse(self) -> Pulse:
        """How the host fares."""

    @property
    def overhearing(self) -> Overhearing:
        """What the host warned of."""

    @property
    def url(self) -> str:
        """Where the application is served; empty if that is not known."""

    def open_exchange(self, id: str) -> None:
        """Show all there is of an exchange."""

    def filter_exchanges(self, text: str) -> None:
        """Go to the list of exchanges, and show those a filter lets through."""

    def filter_logs(self, text: str) -> None:
        """Go to the logs, and show the lines a filter lets through."""

    def say(self, text: str, severity: Severity = "information") -> None:
        """Tell the person something; control characters do nothing."""

    def note(self, text: str) -> None:
        """Say in the status bar what the pane shows."""

    def copy_text(self, text: str, what: str) -> None:
        """Put a text on the clipboard, and say so: "copied `what`"."""

    async def edit_text(self, text: str, suffix: str) -> str | None:
        """What a person makes of a text in `$EDITOR`; None if they left it as it was."""

    def open_in_editor(self, path: str, line: int | None = None) -> None:
        """Show a place of a file in `$EDITOR`."""


class Pane(Vertical):
    """What one tab shows; made when it is first shown, and kept.

    `on_shown` is awaited each time the pane comes to the front, and again when another connection
    took the place of one that was lost; `on_hidden` when another pane takes its place, and when
    the connection is lost. Between these two, `host` is there.
    """

    TITLE: ClassVar[str]

    DEFAULT_CSS = """
    Pane { height: 1fr; }
    """

    @property
    def shell(self) -> Shell:
        """The application around the pane."""
        return cast("Shell", self.app)

    @property
    def host(self) -> HostClient:
        """The host that is shown; only between `on_shown` and `on_hidden`."""
        host = self.shell.host
        assert host is not None, "a pane asks its host while it is hidden"
        return host

    @property
    def entry(self) -> Widget | None:
        """What keys go to when the pane comes to the front."""
        return next((each for each in self.walk_children(Widget) if each.focusable), None)

    async def on_shown(self) -> None:
        """Begin to keep what is shown up to date."""

    async def on_hidden(self) -> None:
        """Stop doing so."""
