"""One exchange, whole: its pages, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer

from spindle.client import CallFailed
from spindle.errors import HostError
from spindle.exchange import Summary
from spindle.history import mask
from spindle_tui.acts import Acts
from spindle_tui.model.detail import PAGES, Document, View, first_place, page_lines, page_titles
from spindle_tui.model.lines import EMPTY, note, text_of
from spindle_tui.widgets.line_view import LineView
from spindle_tui.widgets.tab_bar import TabBar

Neighbour = Callable[[str, int], str | None]
"""The id of the exchange so many rows below another in the list."""


class DetailScreen(Acts, Screen[None]):
    """An exchange by its id."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Back", key_display="Esc"),
        Binding("right,l,tab", "page(1)", "Next page", key_display="→"),
        Binding("left,h,shift+tab", "page(-1)", "Previous page", show=False),
        Binding("n", "neighbour(1)", "Older", show=False),
        Binding("N", "neighbour(-1)", "Newer", show=False),
        Binding("x", "hex", "Hex"),
        Binding("o", "source", "Source"),
        Binding("u", "reveal", "Show credentials", show=False),
        Binding("c", "copy_page", "Copy"),
        *Acts.BINDINGS,
        *(Binding(str(at + 1), f"show_page({at})", show=False) for at in range(len(PAGES))),
    ]

    def __init__(self, id: str, neighbour: Neighbour, document: Document | None = None) -> None:
        """`document` is what is shown if it is known already."""
        super().__init__()
        self.exchange_id = id
        self.document: Document | None = document
        self.as_hex = False
        self.revealed = False
        """Whether credentials are shown."""
        self.page = 0
        self._neighbour = neighbour

    def compose(self) -> ComposeResult:
        yield TabBar([(page.title, page.title) for page in PAGES])
        yield LineView()
        yield Footer()

    async def on_mount(self) -> None:
        self.query_one(LineView).focus()
        if self.document is None:
            await self._load()
        else:
            self._show()

    def chosen(self) -> list[Summary | str]:
        return [self.exchange_id]

    def after_act(self) -> None:
        """Nothing is marked here."""

    async def _load(self) -> None:
        self.document = None
        view = self.query_one(LineView)
        host = self.shell.host
        if host is None:
            view.show([note("there is no host to ask")])
            return
        try:
            self.document = await host.exchange(self.exchange_id)
        except CallFailed as error:
            view.show([note(error.message), *map(note, error.hints)])
            return
        except HostError as error:
            view.show([note(error.message)])
            return
        self._show()

    def _show(self, *, keep_place: bool = False) -> None:
        document = self.document
        if document is None:
            return
        titles = self.query_one(TabBar)
        titles.rename(page_titles(document))
        titles.show(PAGES[self.page].title)
        view = self.query_one(LineView)
        width = max(20, self.size.width - 3)
        shown = document if self.revealed else mask(dict(document))
        lines = page_lines(shown, self.page, View(width, self.as_hex))
        if not self.revealed and lines != page_lines(document, self.page, View(width, self.as_hex)):
            lines += [EMPTY, note("credentials are masked; u shows them")]
        view.show(lines, keep_place=keep_place)

    def on_resize(self) -> None:
        self._show(keep_place=True)

    def on_tab_bar_chosen(self, message: TabBar.Chosen) -> None:
        message.stop()
        self.action_show_page(
            next(at for at, page in enumerate(PAGES) if page.title == message.tab)
        )

    def on_line_view_opened(self, message: LineView.Opened) -> None:
        if message.line.exchange is not None:
            self.shell.open_exchange(message.line.exchange)
        elif (place := message.line.place) is not None:
            self.shell.open_in_editor(place.path, place.line)

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_page(self, by: int) -> None:
        self.action_show_page((self.page + by) % len(PAGES))

    def action_show_page(self, page: int) -> None:
        self.page = page
        self._show()

    def action_hex(self) -> None:
        self.as_hex = not self.as_hex
        self._show(keep_place=True)

    def action_reveal(self) -> None:
        """Show credentials, or mask them again."""
        self.revealed = not self.revealed
        self._show(keep_place=True)

    async def action_neighbour(self, by: int) -> None:
        if (id := self._neighbour(self.exchange_id, by)) is not None:
            self.exchange_id = id
            await self._load()

    def action_source(self) -> None:
        place = None if self.document is None else first_place(self.document)
        if place is None:
            self.shell.say("no source is known of what went wrong here", "warning")
        else:
            self.shell.open_in_editor(place.path, place.line)

    def action_copy_page(self) -> None:
        text = text_of(self.query_one(LineView).lines)
        self.shell.copy_text(text, f"{PAGES[self.page].title.lower()} of the exchange")
