"""The application: tabs over the panes of one host."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import ContentSwitcher, Footer

from spindle.text import printable
from spindle_tui.attachment import Attachment, State
from spindle_tui.pulse import Pulse
from spindle_tui.screens.pane import Pane, Severity
from spindle_tui.tabs import TABS, make_pane
from spindle_tui.widgets.status_bar import StatusBar
from spindle_tui.widgets.tab_bar import TabBar

if TYPE_CHECKING:
    from spindle.client import HostClient
    from spindle_tui.screens.logs import LogsPane


class SpindleApp(App[int]):
    """The terminal interface over one host; its result is an exit status."""

    TITLE = "spindle"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(number), f"show_tab('{tab.name}')", tab.title, show=False)
            for number, tab in enumerate(TABS, 1)
        ),
        Binding("q", "quit", "Quit"),
    ]

    def __init__(self, wanted: str) -> None:
        super().__init__()
        self.attachment = Attachment(wanted, self._host_changed)
        self.pulse = Pulse(lambda: self.host)
        self._app_name = ""
        self._current = ""
        self._shown: Pane | None = None
        """The pane that was told that it is shown."""

    @property
    def host(self) -> HostClient | None:
        """The host that is shown; None while there is no connection to one."""
        return self.attachment.host

    def compose(self) -> ComposeResult:
        yield TabBar([(tab.name, tab.title) for tab in TABS])
        yield ContentSwitcher()
        yield Footer()
        yield StatusBar()

    async def on_mount(self) -> None:
        self._show_status()
        await self.show_tab(TABS[0].name)
        self.run_worker(self.attachment.keep(), exit_on_error=True)
        self.run_worker(self.pulse.keep(), exit_on_error=True)

    async def action_show_tab(self, name: str) -> None:
        """Bring a tab's pane to the front."""
        await self.show_tab(name)

    async def on_tab_bar_chosen(self, message: TabBar.Chosen) -> None:
        await self.show_tab(message.tab)

    async def show_tab(self, name: str) -> Pane:
        """Bring a tab's pane to the front, and make it if it is the first time."""
        switcher = self.query_one(ContentSwitcher)
        found = switcher.query(f"#pane-{name}").results(Pane)
        pane = next(iter(found), None)
        if pane is None:
            pane = make_pane(next(tab for tab in TABS if tab.name == name))
            await switcher.mount(pane)
        switcher.current = pane.id
        self._current = name
        self.query_one(TabBar).show(name)
        await self._tell_panes()
        return pane

    def open_exchange(self, id: str) -> None:
        """Show all there is of an exchange."""

    def filter_exchanges(self, text: str) -> None:
        """Go to the list of exchanges, and show those a filter lets through."""

    def filter_logs(self, text: str) -> None:
        """Go to the logs, and show the lines a filter lets through."""

        async def go() -> None:
            pane = cast("LogsPane", await self.show_tab("logs"))
            pane.filter(text)

        self.run_worker(go())

    def say(self, text: str, severity: Severity = "information") -> None:
        """Tell the person something; control characters do nothing."""
        self.notify(printable(text, keep="\n"), severity=severity, markup=False)

    def copy_text(self, text: str, what: str) -> None:
        """Put a text on the clipboard, and say so: "copied `what`"."""
        self.copy_to_clipboard(text)
        self.say(f"copied {what}")

    async def edit_text(self, text: str, suffix: str) -> str | None:
        """What a person makes of a text in `$EDITOR`; None if they left it as it was."""
        return None

    def open_in_editor(self, path: str, line: int | None = None) -> None:
        """Show a place of a file in `$EDITOR`."""

    def _host_changed(self) -> None:
        self.run_worker(self._take_host(), group="host", exclusive=True)

    async def _take_host(self) -> None:
        if (host := self.host) is not None:
            info = await host.info()
            self._app_name = info.app.name
        self._show_status()
        await self._tell_panes()

    def _show_status(self) -> None:
        self.query_one(StatusBar).show(self.attachment, self._app_name)

    async def _tell_panes(self) -> None:
        """Tell panes what has changed about their being shown."""
        current = self.query_one(ContentSwitcher).visible_content
        wanted = current if self.attachment.state is State.LIVE else None
        if self._shown is not None:
            hidden, self._shown = self._shown, None
            await hidden.on_hidden()
        if isinstance(wanted, Pane):
            self._shown = wanted
            await wanted.on_shown()
