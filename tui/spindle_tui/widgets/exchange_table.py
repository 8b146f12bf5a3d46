"""A list of many exchanges that draws those that are seen, and none of the others."""

from __future__ import annotations

import time
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from spindle.exchange import Summary
from spindle_tui.model.columns import (
    GAP,
    SIGN_WIDTH,
    cells_of,
    column_at,
    header_cells,
    sign_of,
    widths_for,
)
from spindle_tui.model.ring import Ring

CLASSES = {"dim", "key", "good", "warn", "bad", "mark"}
MOST_STRIPS = 500
MEASURE_SECONDS = 5.0


class ExchangeTable(ScrollView, can_focus=True):
    """The rows of a `Ring` with a cursor; tells `Opened`, `Moved` and `NearEnd`.

    While it follows, the cursor stays on the first row; else it stays on its exchange, and what is
    seen does not move under it.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--head",
        "table--cursor",
        *(f"table--{name}" for name in CLASSES),
    }
    DEFAULT_CSS = """
    ExchangeTable {
        height: 1fr; background: $surface; color: $foreground;
        overflow-x: hidden; scrollbar-size-vertical: 1; scrollbar-gutter: stable;
        & > .table--head { background: $panel; color: $text-muted; text-style: bold; }
        & > .table--cursor { background: $primary-muted; text-style: bold; }
        & > .table--dim { color: $text-muted; }
        & > .table--key { color: $text-primary; }
        & > .table--good { color: $text-success; }
        & > .table--warn { color: $text-warning; }
        & > .table--bad { color: $text-error; text-style: bold; }
        & > .table--mark { color: $text-accent; text-style: bold; }
        &:focus > .table--cursor { background: $primary; color: $text; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home,g", "jump(0)", "Newest", show=False),
        Binding("end,G", "jump(-1)", "Oldest", show=False),
        Binding("enter", "open", "Open"),
    ]

    class Opened(Message):
        """A person wants to see all of an exchange."""

        def __init__(self, summary: Summary) -> None:
            super().__init__()
            self.summary = summary

    class Moved(Message):
        """The cursor went to another exchange, or following ended."""

    class NearEnd(Message):
        """The last rows are being looked at."""

    class Sorted(Message):
        """A column's head was clicked."""

        def __init__(self, order: str) -> None:
            super().__init__()
            self.order = order

    def __init__(self, ring: Ring) -> None:
        super().__init__()
        self.ring = ring
        self.following = True
        self._cursor_id: str | None = None
        self._cursor = 0
        self._strips: dict[tuple[object, ...], Strip] = {}
        self._styles: dict[tuple[str, bool, bool], Style] = {}
        self._widths: tuple[int, ...] = widths_for(80)
        self._measured = 0.0
        """When it was last said how many rows there are."""

    @property
    def current(self) -> Summary | None:
        """The exchange under the cursor."""
        rows = self.ring.rows
        return rows[self._cursor] if self._cursor < len(rows) else None

    def refresh_rows(self) -> None:
        """Show what the ring holds now."""
        count = len(self.ring.rows)
        self._measure(count)
        if self.following:
            self._place(0)
        elif self._cursor_id is not None:
            found = self.ring.index_of(self._cursor_id)
            at = min(self._cursor, max(0, count - 1)) if found is None else found
            if shift := at - self._cursor:
                self.scroll_to(y=self.scroll_y + shift, animate=False, immediate=True)
                # Where there was nothing to scroll before, there is only after the next layout.
                self.call_after_refresh(self._reveal)
            self._place(at)
        self.refresh()

    def _measure(self, count: int) -> None:
        """Say how much there is to scroll; the screen is laid out then: seldom while following."""
        # One line more than there are rows: the head covers the first of what is seen.
        size = Size(self.size.width, count + 1)
        fits = count < self.size.height or self.virtual_size.height <= self.size.height
        now = time.monotonic()
        if not self.following or fits or now - self._measured > MEASURE_SECONDS:
            self.virtual_size, self._measured = size, now

    def follow(self, following: bool) -> None:
        """Stay at the first row, or at the exchange where the cursor is."""
        self.following = following
        if following:
            self._cursor = 0
            self.scroll_to(y=0, animate=False, immediate=True)
        self.refresh_rows()
        self.post_message(self.Moved())

    def go_to(self, id: str) -> None:
        """Put the cursor on an exchange."""
        if (at := self.ring.index_of(id)) is not None:
            self._move_to(at)

    def action_move(self, by: int) -> None:
        self._move_to(self._cursor + by)

    def action_page(self, by: int) -> None:
        self._move_to(self._cursor + by * max(1, self.size.height - 2))

    def action_jump(self, to: int) -> None:
        self._move_to(to if to >= 0 else len(self.ring.rows) - 1)

    def action_open(self) -> None:
        if (current := self.current) is not None:
            self.post_message(self.Opened(current))

    def on_click(self, event: Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y == 0:
            if (order := column_at(offset.x, self._widths)) is not None:
                self.post_message(self.Sorted(order))
            return
        at = offset.y - 1 + int(self.scroll_y)
        if at < len(self.ring.rows):
            was = self._cursor
            self._move_to(at)
            if event.chain > 1 and was == at:
                self.action_open()

    def on_mouse_scroll_down(self, _event: MouseScrollDown) -> None:
        self._leave_top()

    def on_mouse_scroll_up(self, _event: MouseScrollUp) -> None:
        self._leave_top()

    def _leave_top(self) -> None:
        """What is looked at by scrolling does not move away."""
        if self.following and self.max_scroll_y > 0:
            self.following = False
            self.post_message(self.Moved())

    def _move_to(self, at: int) -> None:
        count = len(self.ring.rows)
        at = max(0, min(at, count - 1))
        if at != self._cursor or self._cursor_id is None:
            self.following = self.following and at == 0
        self._place(at)
        self._reveal()
        self.refresh()
        self.post_message(self.Moved())
        if at > count - 2 * max(1, self.size.height):
            self.post_message(self.NearEnd())

    def _place(self, at: int) -> None:
        self._cursor = at
        current = self.current
        self._cursor_id = None if current is None else current.id

    def _reveal(self) -> None:
        height = max(1, self.size.height - 1)
        top = int(self.scroll_y)
        if self._cursor < top:
            top = self._cursor
        elif self._cursor >= top + height:
            top = self._cursor - height + 1
        self.scroll_to(y=top, animate=False, immediate=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if new_value > old_value and new_value >= self.max_scroll_y - self.size.height:
            self.post_message(self.NearEnd())

    def notify_style_update(self) -> None:
        self._strips.clear()
        self._styles.clear()
        super().notify_style_update()

    def on_resize(self) -> None:
        self._widths = widths_for(self.scrollable_content_region.width)
        self._strips.clear()
        self.refresh_rows()

    def render_line(self, y: int) -> Strip:
        width = sum(self._widths) + SIGN_WIDTH + GAP * (len(self._widths) - 1)
        if y == 0:
            return self._head(width)
        at = y - 1 + int(self.scroll_y)
        rows = self.ring.rows
        if at >= len(rows):
            return Strip.blank(width, self._style("", False))
        return self._row(rows[at], at == self._cursor, width)

    def _head(self, width: int) -> Strip:
        style = self.get_component_rich_style("table--head")
        titles = header_cells(self._widths, self.ring.order, self.ring.descending)
        text = " " * SIGN_WIDTH + (" " * GAP).join(titles)
        return Strip([Segment(text, style)]).adjust_cell_length(width, style)

    def _row(self, summary: Summary, is_cursor: bool, width: int) -> Strip:
        marked = summary.id in self.ring.marked
        key = (summary.id, summary.took, summary.status, marked, is_cursor, self.has_focus, width)
        strip = self._strips.get(key)
        if strip is None:
            if len(self._strips) >= MOST_STRIPS:
                self._strips.clear()
            strip = self._strips[key] = self._drawn(summary, marked, is_cursor, width)
        return strip

    def _drawn(self, summary: Summary, marked: bool, is_cursor: bool, width: int) -> Strip:
        gap = Segment(" " * GAP, self._style("", is_cursor))
        sign = sign_of(summary, marked)
        segments = [Segment(sign.text, self._style(sign.style, is_cursor))]
        for cell in cells_of(summary, self._widths):
            segments += (Segment(cell.text, self._style(cell.style, is_cursor)), gap)
        del segments[-1]
        return Strip(segments, width).adjust_cell_length(width, gap.style)

    def _style(self, name: str, is_cursor: bool) -> Style:
        """The style of a kind of cell; finding one takes long, and there are many cells."""
        key = name, is_cursor, self.has_focus
        if (style := self._styles.get(key)) is None:
            style = self._styles[key] = self._made_style(*key)
        return style

    def _made_style(self, name: str, is_cursor: bool, has_focus: bool) -> Style:
        base = self.rich_style
        if is_cursor:
            base = base + self.get_component_rich_style("table--cursor", partial=True)
        if name not in CLASSES or (is_cursor and name == "dim"):
            return base
        style = self.get_component_rich_style(f"table--{name}")
        return base + Style(color=None if is_cursor and has_focus else style.color, bold=style.bold)
