"""The application: tabs over the panes of one host."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import ContentSwitcher, Footer

from spindle.errors import HostError
from spindle.text import printable
from spindle_tui.attachment import Attachment, State
from spindle_tui.overhearing import Heard, Overhearing
from spindle_tui.pulse import Pulse
from spindle_tui.screens.pane import Pane, Severity
from spindle_tui.tabs import TABS, make_pane
from spindle_tui.widgets.starting import Starting
from spindle_tui.widgets.status_bar import StatusBar
from spindle_tui.widgets.tab_bar import TabBar
from spindle_tui.widgets.too_small import TooSmall

if TYPE_CHECKING:
    from spindle.client import HostClient

LEAST = 40, 10
"""Columns and lines below which nothing can be shown."""
MOST_WARNINGS = 100
"""Warnings of the host that a person is told; more are among the logs alone."""


class SpindleApp(App[None]):
    """The terminal interface over one host."""

    TITLE = "spindle"
    CSS = """
    #body { height: 1fr; }
    Screen { layers: default above; }
    Screen.-small { overflow: hidden; }
    Footer { background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(number), f"show_tab('{tab.name}')", tab.title, show=False)
            for number, tab in enumerate(TABS, 1)
        ),
        Binding("left_square_bracket", "turn_tab(-1)", "Previous tab", show=False),
        Binding("right_square_bracket", "turn_tab(1)", "Next tab", show=False),
        Binding("question_mark", "toggle_keys", "Keys", key_display="?"),
        Binding("q", "quit", "Quit"),
        Binding("ctrl+c", "interrupt", "Stop or close", show=False, system=True),
    ]

    def __init__(
        self, attachment: Attachment, *, console: Path | None = None, manifest: str = ""
    ) -> None:
        """`console` is where the host's own output goes while this has its terminal.

        Then the host is this one's parent, and the two end together.
        """
        super().__init__()
        self.attachment = attachment
        attachment.on_change = self._host_changed
        self.pulse = Pulse(lambda: self.host)
        self._said_at = console
        self.overhearing = Overhearing(console)
        self._warned: set[str] = set()
        self._app_name = Path(manifest).parent.name if manifest else ""
        self._told: Pane | None = None
        """The pane that was told that it is shown."""

    @property
    def host(self) -> HostClient | None:
        """The host that is shown; None while there is no connection to one."""
        return self.attachment.host

    @property
    def url(self) -> str:
        """Where the application is served, as far as it is known."""
        run_file = self.attachment.run_file
        return "" if run_file is None else run_file.base_url

    @property
    def is_child(self) -> bool:
        """Whether the host began this, and has its terminal back when it ends."""
        return self._said_at is not None

    def compose(self) -> ComposeResult:
        yield TabBar([(tab.name, tab.title) for tab in TABS])
        yield ContentSwitcher(Starting(self._said_at, id="starting"), initial="starting", id="body")
        yield Footer()
        yield StatusBar()

    def on_mount(self) -> None:
        if self.is_child:
            gc.enable()
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.exit)
        self._show_status()
        self.run_worker(self._keep(), group="attachment")
        self.run_worker(self.pulse.keep(), group="pulse")
        self.overhearing.listeners.append(self._warn)
        self.run_worker(self.overhearing.keep(), group="overhearing")

    async def _keep(self) -> None:
        await self.attachment.keep()
        self.exit()  # the host has ended, and says on the terminal why

    # Tabs.

    async def action_show_tab(self, name: str) -> None:
        await self.show_tab(name)

    async def action_turn_tab(self, by: int) -> None:
        names = [tab.name for tab in TABS]
        at = names.index(self._current) if self._current in names else 0
        await self.show_tab(names[(at + by) % len(names)])

    async def on_tab_bar_chosen(self, message: TabBar.Chosen) -> None:
        await self.show_tab(message.tab)

    @property
    def _switcher(self) -> ContentSwitcher:
        return self.screen_stack[0].query_one("#body", ContentSwitcher)

    @property
    def _current(self) -> str:
        """The name of the tab that is shown, or `starting`."""
        return (self._switcher.current or "").removeprefix("pane-")

    async def show_tab(self, name: str) -> Pane:
        """Bring a tab's pane to the front, and make it if it is the first time."""
        switcher = self._switcher
        pane = next(iter(switcher.query(f"#pane-{name}").results(Pane)), None)
        if pane is None:
            pane = make_pane(next(tab for tab in TABS if tab.name == name))
            await switcher.mount(pane)
        switcher.current = pane.id
        self.screen_stack[0].query_one(TabBar).show(name)
        self.note("")
        if not pane.has_focus_within:
            self.screen_stack[0].set_focus(pane.entry)
        await self._tell_panes()
        return pane

    async def _tell_panes(self) -> None:
        """Tell panes what has changed about their being shown."""
        shown = self._switcher.visible_content
        if self._told is not None:
            told, self._told = self._told, None
            await told.on_hidden()
        if self.attachment.state is State.LIVE and isinstance(shown, Pane):
            self._told = shown
            try:
                await shown.on_shown()
            except HostError as error:
                self.say(error.message, "error")

    # What panes ask for: see `Shell`.

    def open_exchange(self, id: str) -> None:
        """Show all there is of an exchange."""
        from spindle_tui.screens.detail import DetailScreen

        self.push_screen(DetailScreen(id, self._neighbour))

    def filter_exchanges(self, text: str) -> None:
        """Go to the list of exchanges, and show those a filter lets through."""
        self.run_worker(self._filter_exchanges(text), group="filter", exclusive=True)

    async def _filter_exchanges(self, text: str) -> None:
        from spindle_tui.screens.exchanges import ExchangesPane

        pane = await self.show_tab("exchanges")
        assert isinstance(pane, ExchangesPane)
        pane.filter_by(text)

    def filter_logs(self, text: str) -> None:
        """Go to the logs, and show the lines a filter lets through."""
        self.run_worker(self._filter_logs(text), group="filter", exclusive=True)

    async def _filter_logs(self, text: str) -> None:
        from spindle_tui.screens.logs import LogsPane

        pane = await self.show_tab("logs")
        assert isinstance(pane, LogsPane)
        pane.filter(text)

    def _neighbour(self, id: str, by: int) -> str | None:
        from spindle_tui.screens.exchanges import ExchangesPane

        pane = next(iter(self._switcher.query(ExchangesPane)), None)
        return None if pane is None else pane.neighbour(id, by)

    def say(self, text: str, severity: Severity = "information") -> None:
        """Tell the person something; control characters do nothing."""
        self.notify(printable(text, keep="\n"), severity=severity, markup=False)

    def _warn(self, heard: Heard) -> None:
        """Tell the person what the host warns of, once."""
        severity, text = heard.trouble
        if heard.trouble.is_news and text not in self._warned and len(self._warned) < MOST_WARNINGS:
            self._warned.add(text)
            self.say(text, severity)

    def note(self, text: str) -> None:
        """Say in the status bar what the pane shows."""
        self.screen_stack[0].query_one(StatusBar).note(text)

    def copy_text(self, text: str, what: str) -> None:
        """Put a text on the clipboard, and say so: "copied `what`"."""
        self.copy_to_clipboard(text)
        self.say(f"copied {what}")

    async def edit_text(self, text: str, suffix: str) -> str | None:
        """What a person makes of a text in `$EDITOR`; None if they left it as it was."""
        from spindle_tui import handing_over

        try:
            return handing_over.edit(self, text, suffix)
        except (HostError, OSError) as error:
            self.say(str(error), "error")
            return None

    def open_in_editor(self, path: str, line: int | None = None) -> None:
        """Show a place of a file in `$EDITOR`."""
        from spindle_tui import handing_over

        place = self._root() / path
        if not place.is_file():
            self.say(f"{path} is not on this machine", "warning")
            return
        try:
            handing_over.show(self, str(place), line)
        except HostError as error:
            self.say(error.message, "error")

    def _root(self) -> Path:
        run_file = self.attachment.run_file
        return Path.cwd() if run_file is None else Path(run_file.manifest).parent

    # The host.

    def _host_changed(self) -> None:
        self.run_worker(self._take_host(), group="host", exclusive=True)

    async def _take_host(self) -> None:
        if (host := self.host) is not None:
            try:
                self._app_name = (await host.info()).app.name
            except HostError as error:
                self.say(error.message, "error")
        self._show_status()
        if self._current == "starting" and self.host is not None:
            await self.show_tab(TABS[0].name)
        else:
            await self._tell_panes()

    def _show_status(self) -> None:
        self.screen_stack[0].query_one(StatusBar).show(self.attachment, self._app_name)

    # Leaving.

    async def action_interrupt(self) -> None:
        """What Ctrl-C means: the host's end if it is ours, and with a second one at once."""
        if self.screen.get_selected_text():
            await self.run_action("screen.copy_text")
        elif not self.is_child:
            self.exit()
        else:
            self._ask_to_stop()

    def _ask_to_stop(self) -> None:
        from spindle_tui.screens.stopping import StopScreen

        if isinstance(self.screen, StopScreen):
            self._leave("stop")
        else:
            self.push_screen(StopScreen(), self._leave)

    def _leave(self, how: str | None) -> None:
        if how == "close":
            self.exit()
        elif how == "stop":
            self.run_worker(self._stop_host(), group="stop")

    async def _stop_host(self) -> None:
        """Have the host stop; this ends with it."""
        if (host := self.host) is None:
            os.kill(os.getppid(), signal.SIGTERM)  # it is still starting
            return
        try:
            await host.stop()
        except HostError as error:
            self.say(error.message, "error")

    # Around.

    def on_resize(self, event: Resize) -> None:
        columns, lines = LEAST
        small = event.size.width < columns or event.size.height < lines
        for screen in self.screen_stack:
            screen.set_class(small, "-small")
            screen.query_children(TooSmall).remove()
            if small:
                screen.mount(TooSmall())

    def action_toggle_keys(self) -> None:
        """Show or hide the keys that mean something here."""
        if self.screen.query("HelpPanel"):
            self.action_hide_help_panel()
        else:
            self.action_show_help_panel()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        yield from super().get_system_commands(screen)
        for number, tab in enumerate(TABS, 1):
            help = f"Go to tab {number}"
            yield SystemCommand(f"Show {tab.title}", help, lambda name=tab.name: self._go(name))
        if self.host is not None:
            yield SystemCommand(
                "Stop the host", "Requests under way finish", lambda: self._leave("stop")
            )

    def _go(self, name: str) -> None:
        self.run_worker(self.show_tab(name), group="tab")
