"""Looking through a database: its tables page by page, and what statements answer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable, Static, TextArea

from spindle.client import CallFailed, QueryResult
from spindle_tui.model.cleaning import block, one_line
from spindle_tui.model.lines import line
from spindle_tui.model.measures import joined, took_text
from spindle_tui.model.tables import (
    MOST_ROWS,
    PAGE,
    Table,
    cell_text,
    count_statement,
    headings,
    page_statement,
    range_text,
    result_text,
)
from spindle_tui.model.values import forms_of, shown
from spindle_tui.screens.live import LivePane
from spindle_tui.screens.page import PageScreen

WIDEST = 32
"""Characters of a column that are shown."""


class TableBrowser(LivePane):
    """A statement, and the rows it answers; a table is looked through in pages."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r,f5", "execute", "Run", priority=True),
        Binding("slash", "write", "Write SQL"),
        Binding("n", "page(1)", "Next page"),
        Binding("p", "page(-1)", "Previous page"),
        Binding("y", "copy", "Copy cell", show=False),
        Binding("escape", "leave", "To the rows", show=False),
    ]
    DEFAULT_CSS = """
    TableBrowser TextArea {
        height: auto; min-height: 2; max-height: 8; border: none; padding: 0 1;
    }
    TableBrowser Static { height: auto; max-height: 4; padding: 0 1; color: $text-muted; }
    TableBrowser Static.bad { color: $text-error; text-style: bold; }
    TableBrowser DataTable {
        height: 1fr; background: $surface; color: $foreground;
        scrollbar-size-vertical: 1; scrollbar-size-horizontal: 1;
        & > .datatable--header { background: $panel; color: $text-muted; text-style: bold; }
        & > .datatable--cursor { background: $primary-muted; color: $foreground; }
        & > .datatable--hover { background: $boost; }
        &:focus { background-tint: transparent 0%; }
        &:focus > .datatable--cursor { background: $primary; color: $text; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._database = "default"
        self._table: Table | None = None
        """The table that is looked through; None while it is a person's statement."""
        self._page = 0
        self._total: int | None = None
        self._result: QueryResult | None = None

    def compose(self) -> ComposeResult:
        yield TextArea("", id="sql-text", compact=True)
        yield Static("", id="sql-said", markup=False)
        rows: DataTable[Text] = DataTable(cursor_type="cell", zebra_stripes=True, id="sql-rows")
        yield rows

    def look(self, database: str, table: Table | None) -> None:
        """Show the first rows of a table; without one, a database to write statements for."""
        same = database == self._database
        self._database, self._table, self._page, self._total = database, table, 0, None
        if table is not None:
            self.at_once(self._show_page, "rows")
        elif not same or self._result is None:
            self._show(None)
            self._say("write a statement; ^r runs it")

    def on_beat(self) -> None:
        """Nothing here goes on by itself."""

    # A table.

    async def _show_page(self) -> None:
        table, page = self._table, self._page
        if table is None:
            return
        statement = page_statement(table, page)
        self.query_one(TextArea).text = statement
        results = await self._answers(statement)
        if results is None or (table, page) != (self._table, self._page):
            return
        self._show(results[-1] if results else None)
        self._say_range()
        if self._total is None and (counts := await self._answers(count_statement(table))):
            self._total = counts[0].rows[0][0]
            self._say_range()

    def _say_range(self) -> None:
        if self._table is not None and self._result is not None:
            rows = range_text(self._table, self._page, len(self._result.rows), self._total)
            self._say(joined((one_line(self._table.name), rows)))

    def action_page(self, by: int) -> None:
        """Go on in the table, or back."""
        full = self._result is not None and len(self._result.rows) == PAGE
        if self._table is not None and (by < 0 <= self._page + by or (by > 0 and full)):
            self._page += by
            self.at_once(self._show_page, "rows")

    # A statement.

    def action_write(self) -> None:
        self.query_one(TextArea).focus()

    def action_leave(self) -> None:
        self.query_one(DataTable).focus()

    def action_execute(self) -> None:
        """Execute what is written."""
        if self.query_one(TextArea).text.strip():
            self._table = None
            self.at_once(partial(self._execute, self.query_one(TextArea).text), "rows")

    async def _execute(self, sql: str) -> None:
        self._say("running …")
        began = time.monotonic()
        results = await self._answers(sql)
        if results is None:
            return
        took = took_text((time.monotonic() - began) * 1e6)
        with_rows = [result for result in results if result.columns]
        self._show(with_rows[-1] if with_rows else None)
        said = [result_text(result) for result in results[-3:]]
        earlier = f"{len(results) - 3} statements before" if len(results) > 3 else ""
        self._say(joined((earlier, *said, took)))

    async def _answers(self, sql: str) -> Sequence[QueryResult] | None:
        """What the database answers; if it doesn't, why is said where the statement is."""
        try:
            return await self.host.sql(sql, database=self._database, limit=MOST_ROWS)
        except CallFailed as error:
            self._say("\n".join([f"✗ {error}", *error.hints]), bad=True)
            return None

    # What is shown.

    def _show(self, result: QueryResult | None) -> None:
        self._result = result
        rows = self.query_one("#sql-rows", DataTable)
        rows.clear(columns=True)
        if result is None:
            return
        for name in headings(result.columns):
            rows.add_column(Text(_cut(name)))
        for row in result.rows:
            rows.add_row(*map(_cell, row))

    def _say(self, text: str, *, bad: bool = False) -> None:
        said = self.query_one("#sql-said", Static)
        said.set_class(bad, "bad")
        said.update(block(text, 2000))
        self.shell.note(one_line(self._database))

    def on_data_table_cell_selected(self, message: DataTable.CellSelected) -> None:
        """Show a value whole."""
        row, column = message.coordinate
        if self._result is not None:
            name = headings(self._result.columns)[column]
            lines = [line(each) for each in _whole(self._result.rows[row][column]).split("\n")]
            self.app.push_screen(PageScreen(f"{name}, row {row + 1}", lines))

    def action_copy(self) -> None:
        row, column = self.query_one(DataTable).cursor_coordinate
        if self._result is not None and row < len(self._result.rows):
            self.shell.copy_text(_whole(self._result.rows[row][column]), "the value")


def _cell(value: Any) -> Text:
    if value is None:
        return Text("NULL", "dim italic")
    text = Text(_cut(cell_text(value)), no_wrap=True)
    if isinstance(value, int | float):
        text.justify = "right"
    return text


def _cut(text: str) -> str:
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


def _whole(value: Any) -> str:
    """A value as it is shown on a page of its own."""
    if isinstance(value, bytes | str):
        data = value if isinstance(value, bytes) else value.encode("utf-8", "replace")
        return shown(data, forms_of(data)[0])
    return cell_text(value)
