"""The columns of a list of exchanges: what each says, and how wide it is in a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from spindle.exchange import Summary
from spindle.history import masked_summary
from spindle_tui.model.cleaning import one_line
from spindle_tui.model.measures import size_text, took_text


class Column(NamedTuple):
    """One column."""

    order: str
    """What a click on its head sorts by."""
    title: str
    width: int
    """Characters; of a column that gives way, the fewest."""
    right: bool
    text: Callable[[Summary], str]
    share: int = 0
    """How much of the room that is left it takes."""


class Cell(NamedTuple):
    """A text of exactly its column's width, and how it is meant."""

    text: str
    style: str


def _clock(summary: Summary) -> str:
    moment = time.localtime(summary.at)
    return f"{time.strftime('%H:%M:%S', moment)}.{int(summary.at * 1000) % 1000:03}"


def _path(summary: Summary) -> str:
    return one_line(masked_summary(summary).path or summary.target)


def _component(summary: Summary) -> str:
    return one_line(summary.component or "-")


def _status(summary: Summary) -> str:
    if summary.status is not None:
        return str(summary.status)
    if summary.trap is not None:
        return "trap"
    return "…" if summary.took is None else "-"


COLUMNS = (
    Column("time", "Time", 12, False, _clock),
    Column("method", "Method", 7, False, lambda s: one_line(s.method or s.trigger)),
    Column("path", "Path", 12, False, _path, share=3),
    Column("component", "Component", 9, False, _component, share=1),
    Column("status", "Status", 7, True, _status),
    Column("took", "Took", 7, True, lambda s: took_text(s.took)),
    Column("size", "Size", 7, True, lambda s: size_text(s.sent) if s.took is not None else ""),
)
SIGN_WIDTH = 2
"""Before the columns: what is marked, failed or a replay."""
GAP = 1


def widths_for(width: int) -> tuple[int, ...]:
    """How wide each column is in a line of so many characters."""
    fixed = SIGN_WIDTH + sum(column.width for column in COLUMNS) + GAP * (len(COLUMNS) - 1)
    left, shares = max(0, width - fixed), sum(column.share for column in COLUMNS)
    extra = [left * column.share // shares for column in COLUMNS]
    extra[2] += left - sum(extra)
    return tuple(column.width + more for column, more in zip(COLUMNS, extra, strict=True))


def sign_of(summary: Summary, marked: bool) -> Cell:
    """What is to be seen of an exchange before anything is read."""
    mark = "•" if marked else " "
    if summary.failed:
        return Cell(f"{mark}✗", "bad")
    return Cell(f"{mark}{'↻' if summary.replay_of else ' '}", "mark")


def cells_of(summary: Summary, widths: tuple[int, ...]) -> list[Cell]:
    """An exchange's texts, column by column."""
    return [
        Cell(fitted(column.text(summary), width, right=column.right), style_of(column, summary))
        for column, width in zip(COLUMNS, widths, strict=True)
    ]


def style_of(column: Column, summary: Summary) -> str:
    """How a column's text is meant."""
    if column.order == "status":
        return status_style(summary.status, summary.trap)
    if column.order == "took" and (summary.took or 0) >= 1e6:
        return "warn"
    return {"time": "dim", "component": "dim", "method": "key"}.get(column.order, "")


def status_style(status: int | None, trap: str | None = None) -> str:
    """How a status is meant: `bad`, `warn`, `good`, or nothing of these."""
    if trap is not None or (status or 0) >= 500:
        return "bad"
    if status is None:
        return "dim"
    return "warn" if status >= 400 else "key" if status >= 300 else "good"


def fitted(text: str, width: int, *, right: bool = False) -> str:
    """A text of exactly so many terminal cells; what is cut ends in `…`."""
    if text.isascii():
        if len(text) > width:
            text = text[: width - 1] + "…"
        return text.rjust(width) if right else text.ljust(width)
    return _fitted_wide(text, width, right)


def _fitted_wide(text: str, width: int, right: bool) -> str:
    from rich.cells import cell_len, set_cell_size

    if cell_len(text) > width:
        text = set_cell_size(text, width - 1) + "…"
    padding = " " * (width - cell_len(text))
    return padding + text if right else text + padding


def header_cells(widths: tuple[int, ...], order: str, descending: bool) -> list[str]:
    """The titles; an arrow is at what the list is sorted by."""
    titles = []
    for column, width in zip(COLUMNS, widths, strict=True):
        arrow = ("▼" if descending else "▲") if column.order == order else ""
        titles.append(fitted(f"{column.title}{arrow}", width, right=column.right))
    return titles


def column_at(x: int, widths: tuple[int, ...]) -> str | None:
    """What a click at a character of the head would sort by."""
    at = SIGN_WIDTH
    for column, width in zip(COLUMNS, widths, strict=True):
        if at <= x < at + width + GAP:
            return column.order
        at += width + GAP
    return None
