"""A page of lines over what was shown before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer, Static

from spindle_tui.model.lines import Line, text_of
from spindle_tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from spindle_tui.screens.pane import Shell


class PageScreen(Screen[None]):
    """Lines under a title; what they lead to is opened."""

    DEFAULT_CSS = """
    PageScreen #page-title { height: 1; background: $panel; padding: 0 1; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Back", key_display="Esc"),
        Binding("c", "copy_page", "Copy"),
    ]

    def __init__(self, title: str, lines: Sequence[Line]) -> None:
        super().__init__()
        self._title = title
        self._lines = lines

    @property
    def shell(self) -> Shell:
        """The application around the screen."""
        return cast("Shell", self.app)

    def compose(self) -> ComposeResult:
        yield Static(self._title, id="page-title", markup=False)
        yield LineView()
        yield Footer()

    def on_mount(self) -> None:
        self.query_one(LineView).show(self._lines)

    def on_line_view_opened(self, message: LineView.Opened) -> None:
        if message.line.exchange is not None:
            self.shell.open_exchange(message.line.exchange)
        elif (place := message.line.place) is not None:
            self.shell.open_in_editor(place.path, place.line)

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_copy_page(self) -> None:
        self.shell.copy_text(text_of(self.query_one(LineView).lines), "this page")
