"""SQL results as tables of text, and the statements by which a table is looked through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from spindle.client import QueryResult
from spindle.text import counted, readable_size
from spindle_tui.model.cleaning import one_line

PAGE = 100
"""Rows of a table that are shown at once."""
MOST_ROWS = 1000
"""Rows that are shown of what a person's statement answers."""

TABLES = """
select name, type from sqlite_schema
where type in ('table', 'view') and name not like 'sqlite_%' order by name
"""


class Table(NamedTuple):
    """A table or view of a database."""

    database: str
    name: str
    kind: str = "table"


def quoted(name: str) -> str:
    """A name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def page_statement(table: Table, page: int) -> str:
    """What asks for a page of a table, counted from 0."""
    return f"select * from {quoted(table.name)} limit {PAGE} offset {page * PAGE}"


def count_statement(table: Table) -> str:
    """What asks how many rows a table has."""
    return f"select count(*) from {quoted(table.name)}"


def cell_text(value: Any) -> str:
    """A value in a cell: NULL as such, the beginning of a blob in hexadecimal."""
    match value:
        case None:
            return "NULL"
        case bytes():
            more = "…" if len(value) > 16 else ""
            return f"x'{value[:16].hex()}{more}' ({readable_size(len(value))})"
        case float():
            return repr(value)
    return one_line(value)


def headings(columns: Sequence[str]) -> list[str]:
    """Names of columns; those that have none, or are only blank, get their number."""
    return [one_line(name, 60) if name.strip() else f"({n})" for n, name in enumerate(columns, 1)]


def range_text(table: Table, page: int, rows: int, total: int | None) -> str:
    """Which rows of a table are shown: `rows 101-200 of 1,000,000`."""
    of = "" if total is None else f" of {total:,}"
    if not rows:
        return f"no rows{of}" if page else "no rows"
    return f"rows {page * PAGE + 1:,}-{page * PAGE + rows:,}{of}"


def result_text(result: QueryResult) -> str:
    """What a statement came to, in a line."""
    if result.columns:
        more = "" if result.counted else " or more"
        shown = len(result.rows)
        some = f", the first {shown:,} are shown" if shown < result.count else ""
        return f"{result.count:,} {'row' if result.count == 1 else 'rows'}{more}{some}"
    if result.changes is not None:
        return f"{counted(result.changes, 'row')} changed"
    return "done"
