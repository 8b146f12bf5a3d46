"""A table of some rows that keeps its cursor where it is while what it shows changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.coordinate import Coordinate
from textual.events import Resize
from textual.widgets import DataTable

from spindle_tui.model.prose import Meaning

Cell = str | Text


COLOURS: dict[Meaning, str] = {
    "": "",
    "dim": "dim",
    "key": "cyan",
    "good": "green",
    "warn": "yellow",
    "bad": "bold red",
    "head": "bold",
}


def coloured(text: str, meaning: Meaning) -> Text:
    """A cell by what it means."""
    return Text(text, COLOURS[meaning])


class Heading(NamedTuple):
    """A column of a listing."""

    title: str
    width: int
    """Characters; of the column that gives way, the fewest."""
    right: bool = False
    gives_way: bool = False
    """Whether it takes what the others leave."""
    from_width: int = 0
    """In a listing narrower than this the column is left out."""


class Entry(NamedTuple):
    """A row of a listing; its cells are plain text, fit for a terminal."""

    key: str
    cells: Sequence[Cell]


class Listing(DataTable[Text]):
    """Entries in columns that fill the width there is; tells what `DataTable` tells."""

    DEFAULT_CSS = """
    Listing {
        height: 1fr; background: $surface; color: $foreground; scrollbar-size-vertical: 1;
        overflow-x: hidden;
        & > .datatable--header { background: $panel; color: $text-muted; text-style: bold; }
        & > .datatable--cursor {
            background: $primary-muted; color: $foreground; text-style: bold;
        }
        & > .datatable--hover { background: $boost; }
        & > .datatable--fixed, & > .datatable--fixed-cursor { background: $surface; }
        &:focus { background-tint: transparent 0%; }
        &:focus > .datatable--cursor { background: $primary; color: $text; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False),
        Binding("k", "cursor_up", "Up", show=False),
        Binding("home,g", "scroll_top", "First", show=False),
        Binding("end,G", "scroll_bottom", "Last", show=False),
    ]

    def __init__(
        self, headings: Sequence[Heading], *, on_enter: str = "", id: str | None = None
    ) -> None:
        """`on_enter` is what the footer says the Enter key does."""
        super().__init__(id=id, cursor_type="row", zebra_stripes=False, cell_padding=0)
        if on_enter:
            self._bindings.key_to_bindings.pop("enter", None)  # its own is not shown
            self._bindings.bind("enter", "select_cursor", on_enter)
        self._headings = headings
        self._entries: Sequence[Entry] = ()
        self._widths: tuple[tuple[int, int], ...] = ()
        """Which headings are shown, and how wide."""

    @property
    def current(self) -> str | None:
        """The key of the entry under the cursor."""
        if not self.is_valid_row_index(self.cursor_row):
            return None
        return self.coordinate_to_cell_key(Coordinate(self.cursor_row, 0)).row_key.value

    def show(self, entries: Sequence[Entry]) -> None:
        """Show these instead; what is the same stays as it is."""
        before, self._entries = self._entries, entries
        if [entry.key for entry in before] != [entry.key for entry in entries]:
            self._rebuild()
            return
        for row, (old, new) in enumerate(zip(before, entries, strict=True)):
            if old != new:
                self._rewrite(row, new)

    def extend(self, entries: Sequence[Entry]) -> None:
        """Show these below the others."""
        self._entries = [*self._entries, *entries]
        if not self._widths:
            self._rebuild()
            return
        for entry in entries:
            self._append(entry)

    def go_to(self, key: str) -> None:
        """Put the cursor on an entry."""
        keys = [entry.key for entry in self._entries]
        if key in keys:
            self.move_cursor(row=keys.index(key), animate=False)

    def on_resize(self, _event: Resize) -> None:
        if self._fitting() != self._widths:
            self._rebuild()

    def _rewrite(self, row: int, entry: Entry) -> None:
        for column, (at, _) in enumerate(self._widths):
            cell = self._cell(entry.cells[at], at)
            if cell != self.get_cell_at(Coordinate(row, column)):
                self.update_cell_at(Coordinate(row, column), cell)

    def _rebuild(self) -> None:
        """Show all anew, with the cursor on the entry on which it was."""
        current, at, top = self.current, self.cursor_row, self.scroll_y
        self._widths = self._fitting()
        if not self._widths:
            return
        self.clear(columns=True)
        for place, width in self._widths:
            heading = self._headings[place]
            # The space between columns belongs to the one before it.
            title = self._cell(heading.title, place)
            self.add_column(title, width=width + 1 + (place == 0))
        for entry in self._entries:
            self._append(entry)
        keys = [entry.key for entry in self._entries]
        row = keys.index(current) if current in keys else min(at, len(keys) - 1)
        self.scroll_to(y=top, animate=False, immediate=True)
        self.move_cursor(row=max(row, 0), animate=False)

    def _append(self, entry: Entry) -> None:
        cells = (self._cell(entry.cells[at], at) for at, _ in self._widths)
        self.add_row(*cells, key=entry.key)

    def _cell(self, cell: Cell, at: int) -> Text:
        """A cell of exactly its column's width; what is first stands off the edge."""
        text = cell.copy() if isinstance(cell, Text) else Text(cell)
        width = dict(self._widths)[at]
        text.no_wrap = True
        text.truncate(width, overflow="ellipsis")
        text.align("right" if self._headings[at].right else "left", width)
        if at == 0:
            text.pad_left(1)
        return text

    def _fitting(self) -> tuple[tuple[int, int], ...]:
        width = self.size.width - 2
        if width <= 0:
            return ()
        shown = [at for at, heading in enumerate(self._headings) if width >= heading.from_width]
        left = width - sum(self._headings[at].width + 1 for at in shown)
        wide = [at for at in shown if self._headings[at].gives_way]
        share, rest = divmod(max(left, 0), len(wide) or 1)
        return tuple(
            (at, self._headings[at].width + (share + rest * (at == wide[0]) if at in wide else 0))
            for at in shown
        )
