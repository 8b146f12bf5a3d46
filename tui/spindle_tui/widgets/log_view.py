"""Log lines that are drawn as far as they are seen, however many there are."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click, Resize
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from spindle_tui.model.loglayout import LogLayout, Row
from spindle_tui.model.loglines import LogBook, LogLine, Wanted, wanted_lines

COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "bright_cyan", "bright_magenta")
"""By which components are told from one another."""
EXCHANGE_WIDTH = 6
"""The last digits of an exchange's id, by which neighbours differ."""


class LogView(ScrollView, can_focus=True):
    """The lines of a `LogBook` that a filter lets through, with a cursor.

    While it follows, the last line is seen; else what is seen stays where it is.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "log--cursor",
        "log--time",
        "log--exchange",
        "log--stderr",
        "log--bar",
    }
    DEFAULT_CSS = """
    LogView {
        height: 1fr; background: $surface; color: $foreground; overflow-y: scroll;
        scrollbar-size-vertical: 1; scrollbar-size-horizontal: 1;
        & > .log--time, & > .log--exchange { color: $text-muted; }
        & > .log--stderr { color: $text-warning; }
        & > .log--bar { color: $text-disabled; }
        & > .log--cursor { background: $primary-muted; }
        &:focus > .log--cursor { background: $primary; color: $text; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home,g", "jump(0)", "First line", show=False),
        Binding("end,G", "jump(-1)", "Last line", show=False),
        Binding("left", "scroll_left", "Left", show=False),
        Binding("right", "scroll_right", "Right", show=False),
        Binding("enter", "open", "Open exchange"),
    ]

    class Opened(Message):
        """A person wants to see the exchange of a line."""

        def __init__(self, line: LogLine) -> None:
            super().__init__()
            self.line = line

    class Moved(Message):
        """The cursor went to another line, or following began or ended."""

    def __init__(self, book: LogBook, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.book = book
        self.following = True
        self.wrap = True
        self.times = True
        self._wanted: Wanted = wanted_lines("")
        self._cursor = 0
        self._colours: dict[str, Style] = {}
        self._layout = LogLayout(book, self._wanted, None)

    @property
    def current(self) -> LogLine | None:
        """The line under the cursor."""
        rows = self._layout.rows
        return rows[self._cursor].line if self._cursor < len(rows) else None

    @property
    def rows(self) -> list[Row]:
        """What is shown, row by row."""
        return self._layout.rows

    def filter(self, wanted: Wanted) -> None:
        """Show other lines; the cursor stays on its line, or goes to the next that is shown."""
        self._wanted = wanted
        self.lay_out()

    def lay_out(self) -> None:
        """Begin anew: other lines, another width."""
        current = self.current
        self._layout = LogLayout(self.book, self._wanted, self._text_width())
        rows = self._layout.rows
        if current is not None:
            self._cursor = min(self._layout.row_of(current.number), max(len(rows) - 1, 0))
        self._settle()
        if not self.following:
            self._reveal()

    def take(self, touched: Iterable[LogLine]) -> None:
        """Show lines that are new or have grown."""
        gone = self._layout.update(touched)
        self._cursor = max(self._cursor - gone, 0)
        if gone and not self.following:
            self.scroll_to(
                y=max(self.scroll_y - gone, 0), animate=False, immediate=True, force=True
            )
        self._settle()

    def follow(self, following: bool) -> None:
        """Stay at the last line, or where the cursor is."""
        self.following = following
        self._settle()
        self.post_message(self.Moved())

    # Keys and mouse.

    def action_move(self, by: int) -> None:
        self._move_to(self._cursor + by)

    def action_page(self, by: int) -> None:
        self._move_to(self._cursor + by * max(1, self._room - 1))

    def action_jump(self, to: int) -> None:
        self._move_to(to if to >= 0 else len(self._layout.rows) - 1)

    def action_open(self) -> None:
        if (line := self.current) is not None:
            self.post_message(self.Opened(line))

    def on_click(self, event: Click) -> None:
        offset = event.get_content_offset(self)
        row = -1 if offset is None else offset.y + int(self.scroll_y)
        if 0 <= row < len(self._layout.rows):
            same = self._layout.rows[row].line is self.current
            self._move_to(row)
            if event.chain > 1 and same:
                self.action_open()

    def on_mouse_scroll_up(self) -> None:
        if self.following and self.max_scroll_y > 0:
            self.follow(False)

    def on_resize(self, _event: Resize) -> None:
        self.lay_out()

    # Drawing.

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        at = y + int(self.scroll_y)
        base = self.rich_style
        if at >= len(self._layout.rows):
            text = f"  {self._why_empty}" if y == 1 and not self._layout.rows else ""
            segment = Segment(text, self._part("log--time", base))
            return Strip([segment]).adjust_cell_length(width, base)
        row = self._layout.rows[at]
        is_cursor = row.line is self.current
        if is_cursor:
            base += self.get_component_rich_style("log--cursor", partial=True)
        strip = Strip([*self._prefix(row, base), *self._text(row, base)])
        left = int(self.scroll_x)
        return strip.crop(left, left + width).extend_cell_length(width, base)

    @property
    def _why_empty(self) -> str:
        if self.book.lines:
            return "No line has all words of the filter; Esc shows all lines."
        return "Nothing is written yet. What guests write to stdout and stderr shows up here."

    def _prefix(self, row: Row, base: Style) -> list[Segment]:
        """When, who, in which exchange; blank where a line goes on."""
        line, width = row.line, self._component_width
        if not row.first:
            return [Segment(" " * (self._prefix_width - 2), base), self._bar(row, base)]
        segments = []
        if self.times:
            clock = time.strftime("%H:%M:%S ", time.localtime(line.at))
            segments.append(Segment(clock, self._part("log--time", base)))
        name = line.component[:width].ljust(width + 1)
        segments.append(Segment(name, base + self._colour(line.component)))
        exchange = (line.exchange or "")[-EXCHANGE_WIDTH:].ljust(EXCHANGE_WIDTH + 1)
        segments.append(Segment(exchange, self._part("log--exchange", base)))
        return [*segments, self._bar(row, base)]

    def _bar(self, row: Row, base: Style) -> Segment:
        """Between the prefix and the text; it tells stderr from stdout without colours too."""
        if row.line.stream == "stderr":
            return Segment("! ", self._part("log--stderr", base))
        return Segment("│ ", self._part("log--bar", base))

    def _text(self, row: Row, base: Style) -> list[Segment]:
        is_error = row.line.stream == "stderr"
        return [Segment(row.text, self._part("log--stderr", base) if is_error else base)]

    def _part(self, name: str, base: Style) -> Style:
        style = self.get_component_rich_style(name)
        return base if base.bgcolor != self.rich_style.bgcolor else base + Style(color=style.color)

    def _colour(self, component: str) -> Style:
        style = self._colours.get(component)
        if style is None:
            colour = COLOURS[len(self._colours) % len(COLOURS)]
            style = self._colours[component] = Style(color=colour)
        return style

    @property
    def _component_width(self) -> int:
        """Fewer characters where there is little room."""
        return 10 if self.size.width < 100 else 16

    @property
    def _prefix_width(self) -> int:
        return (9 if self.times else 0) + self._component_width + 1 + EXCHANGE_WIDTH + 1 + 2

    def _text_width(self) -> int | None:
        if not self.wrap:
            return None
        return max(self.scrollable_content_region.width - self._prefix_width, 10)

    @property
    def _room(self) -> int:
        return max(1, self.scrollable_content_region.height)

    # Where one is.

    def _move_to(self, row: int) -> None:
        count = len(self._layout.rows)
        self._cursor = max(0, min(row, count - 1))
        self.following = self._cursor >= count - 1
        self._reveal()
        self.refresh()
        self.post_message(self.Moved())

    def _settle(self) -> None:
        """Fit what can be scrolled to what there is, and go to its end while following."""
        width = self.scrollable_content_region.width
        if not self.wrap:
            width = max(width, self._prefix_width + self._layout.widest)
        self.virtual_size = Size(width, len(self._layout.rows))
        if self.following:
            self._cursor = max(len(self._layout.rows) - 1, 0)
            self.scroll_to(y=self.max_scroll_y, animate=False, immediate=True, force=True)
        self.refresh()

    def _reveal(self) -> None:
        top = int(self.scroll_y)
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False, immediate=True, force=True)
        elif self._cursor >= top + self._room:
            self.scroll_to(
                y=self._cursor - self._room + 1, animate=False, immediate=True, force=True
            )
