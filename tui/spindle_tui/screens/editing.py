"""A request as text, to be changed and sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer, Static, TextArea

from spindle.history import import_requests
from spindle_tui.model.cleaning import one_line

if TYPE_CHECKING:
    from spindle_tui.screens.pane import Shell


class Edited(NamedTuple):
    """What shall be sent."""

    text: str
    state: str
    """`fork` or `live`."""


class EditScreen(Screen[Edited | None]):
    """A text in the form of `.http` files; what is wrong with it is said below."""

    DEFAULT_CSS = """
    EditScreen #edit-title { height: 1; background: $panel; padding: 0 1; text-style: bold; }
    EditScreen TextArea { border: none; padding: 0 1; }
    EditScreen #edit-problem { height: auto; color: $text-error; padding: 0 1; display: none; }
    EditScreen #edit-problem.shown { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s,f5", "send('fork')", "Send on forked state", priority=True),
        Binding("ctrl+l", "send('live')", "Send live", priority=True),
        Binding("ctrl+e", "editor", "$EDITOR", priority=True),
        Binding("escape", "leave", "Cancel", priority=True),
    ]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title = title
        self._text = text

    @property
    def shell(self) -> Shell:
        """The application around the screen."""
        return cast("Shell", self.app)

    def compose(self) -> ComposeResult:
        yield Static(self._title, id="edit-title", markup=False)
        yield TextArea(self._text, show_line_numbers=False)
        yield Static("", id="edit-problem", markup=False)
        yield Footer()

    def on_text_area_changed(self) -> None:
        self._say("")

    def action_send(self, state: str) -> None:
        area = self.query_one(TextArea)
        read = import_requests(area.text, "http")
        if read.problems:
            problem = read.problems[0]
            self._say(f"line {problem.line + 1}: {one_line(problem.message)}")
            area.move_cursor((problem.line, 0))
        elif len(read.exchanges) != 1:
            self._say(f"one request can be sent at once, and here are {len(read.exchanges)}")
        else:
            self.dismiss(Edited(area.text, state))

    async def action_editor(self) -> None:
        area = self.query_one(TextArea)
        if (text := await self.shell.edit_text(area.text, ".http")) is not None:
            area.text = text

    def action_leave(self) -> None:
        self.dismiss(None)

    def _say(self, text: str) -> None:
        problem = self.query_one("#edit-problem", Static)
        problem.update(text)
        problem.set_class(bool(text), "shown")
