"""Which part of which log line stands in each row of a view."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from rich.cells import cell_len, chop_cells

from spindle_tui.model.loglines import LogBook, LogLine, Wanted


class Row(NamedTuple):
    """A row of a view: a line, or a part of one that is wrapped."""

    line: LogLine
    text: str
    first: bool
    """Whether the line begins here."""


class LogLayout:
    """The rows of a book's lines that are wanted; made anew for another width or filter.

    `width` is the room that a line's text has, None for lines that aren't wrapped.
    """

    def __init__(self, book: LogBook, wanted: Wanted, width: int | None) -> None:
        self.rows: list[Row] = []
        self.widest = 0
        """Cells of the longest text."""
        self._book = book
        self._wanted = wanted
        self._width = width
        self.update(book.lines)

    def update(self, touched: Iterable[LogLine]) -> int:
        """Take in lines that are new or have grown: how many rows are gone at the beginning."""
        for line in touched:
            self._place(line)
        return self._drop_oldest()

    def row_of(self, number: int) -> int:
        """Where the line with a number begins, or would."""
        return bisect_left(self.rows, number, key=lambda row: row.line.number)

    def _place(self, line: LogLine) -> None:
        rows = list(self._rows_of(line)) if self._wanted(line) else []
        if not self.rows or self.rows[-1].line.number < line.number:
            self.rows += rows
        else:
            self.rows[self.row_of(line.number) : self.row_of(line.number + 1)] = rows

    def _rows_of(self, line: LogLine) -> Iterator[Row]:
        if self._width is None:
            self.widest = max(self.widest, cell_len(line.text))
            yield Row(line, line.text, True)
            return
        if len(line.text) <= self._width and line.text.isascii():
            yield Row(line, line.text, True)
            return
        for part, text in enumerate(chop_cells(line.text, max(self._width, 2)) or [""]):
            yield Row(line, text, part == 0)

    def _drop_oldest(self) -> int:
        lines = self._book.lines
        gone = self.row_of(lines[0].number) if lines else len(self.rows)
        del self.rows[:gone]
        return gone
