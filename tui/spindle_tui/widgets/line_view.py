"""Styled lines, however many, wrapped to the width there is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from spindle_tui.model.lines import Line, wrapped

STYLES = (
    "key",
    "string",
    "number",
    "word",
    "dim",
    "head",
    "good",
    "warn",
    "bad",
    "link",
    "add",
    "remove",
)


class LineView(ScrollView, can_focus=True):
    """A page of lines; has a cursor if some of them lead elsewhere, and tells `Opened`."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"lines--{name}" for name in (*STYLES, "cursor")}
    DEFAULT_CSS = """
    LineView {
        height: 1fr; background: $surface; color: $foreground; padding: 0 1;
        overflow-x: hidden; scrollbar-size-vertical: 1; scrollbar-gutter: stable;
        & > .lines--cursor { background: $primary-muted; text-style: bold; }
        & > .lines--key { color: $text-primary; }
        & > .lines--string { color: $text-success; }
        & > .lines--number { color: $text-warning; }
        & > .lines--word { color: $text-accent; }
        & > .lines--dim { color: $text-muted; }
        & > .lines--head { text-style: bold; }
        & > .lines--good { color: $text-success; text-style: bold; }
        & > .lines--warn { color: $text-warning; text-style: bold; }
        & > .lines--bad { color: $text-error; text-style: bold; }
        & > .lines--link { color: $text-accent; text-style: underline; }
        & > .lines--add { color: $text-success; }
        & > .lines--remove { color: $text-error; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown,space", "page(1)", "Page down", show=False),
        Binding("home,g", "jump(0)", "Top", show=False),
        Binding("end,G", "jump(-1)", "End", show=False),
        Binding("enter", "open", "Open", show=False),
    ]

    class Opened(Message):
        """What a line leads to is wanted."""

        def __init__(self, line: Line) -> None:
            super().__init__()
            self.line = line

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.lines: Sequence[Line] = ()
        """As they were given."""
        self._rows: list[Line] = []
        self._leading: list[int] = []
        self._cursor: int | None = None

    def show(self, lines: Sequence[Line], *, keep_place: bool = False) -> None:
        """Show other lines, from their beginning or from where the old ones were looked at."""
        self.lines = lines
        if not keep_place:
            self._cursor = None
            self.scroll_to(y=0, animate=False, immediate=True)
        self._lay_out()

    def _lay_out(self) -> None:
        width = max(1, self.scrollable_content_region.width)
        self._rows = wrapped(self.lines, width)
        self._leading = [at for at, row in enumerate(self._rows) if row.leads]
        if self._cursor is None and self._leading:
            self._cursor = self._leading[0]
        elif self._cursor not in self._leading:
            self._cursor = self._leading[0] if self._leading else None
        self.virtual_size = Size(width, len(self._rows))
        self.refresh()

    def on_resize(self) -> None:
        self._lay_out()

    def action_move(self, by: int) -> None:
        further = [
            at for at in self._leading if self._cursor is not None and (at - self._cursor) * by > 0
        ]
        target = (min if by > 0 else max)(further, default=None)
        if target is not None and abs(target - int(self.scroll_y)) <= 2 * self.size.height:
            self._cursor = target
            self._reveal(target)
            self.refresh()
        else:
            self.scroll_relative(y=by, animate=False, immediate=True)

    def action_page(self, by: int) -> None:
        self.scroll_relative(y=by * max(1, self.size.height - 1), animate=False, immediate=True)

    def action_jump(self, to: int) -> None:
        self.scroll_to(y=0 if to == 0 else self.max_scroll_y, animate=False, immediate=True)

    def action_open(self) -> None:
        if self._cursor is not None:
            self.post_message(self.Opened(self._rows[self._cursor]))

    def on_click(self, event: Click) -> None:
        offset = event.get_content_offset(self)
        at = -1 if offset is None else offset.y + int(self.scroll_y)
        if at in self._leading:
            self._cursor = at
            self.refresh()
            self.action_open()

    def _ink(self, name: str) -> Style:
        """The style of a kind of text, on whatever ground."""
        style = self.get_component_rich_style(f"lines--{name}")
        return Style(color=style.color, bold=style.bold, underline=style.underline)

    def _reveal(self, at: int) -> None:
        top, height = int(self.scroll_y), max(1, self.scrollable_content_region.height)
        if not top <= at < top + height:
            top = at if at < top else at - height + 1
            self.scroll_to(y=top, animate=False, immediate=True)

    def render_line(self, y: int) -> Strip:
        at = y + int(self.scroll_y)
        width, base = self.scrollable_content_region.width, self.rich_style
        if at >= len(self._rows):
            return Strip.blank(width, base)
        if at == self._cursor:
            base = base + self.get_component_rich_style("lines--cursor", partial=True)
        segments = []
        for span in self._rows[at].spans:
            style = base
            if span.style in STYLES:
                style = base + self._ink(span.style)
            segments.append(Segment(span.text, style))
        return Strip(segments).adjust_cell_length(width, base)
