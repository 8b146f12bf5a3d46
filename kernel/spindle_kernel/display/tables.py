"""Rows, key-value stores and lists of exchanges as tables, typed components and traces as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from spindle.exchange import Summary
from spindle.text import printable, readable_size
from spindle_kernel.display.exchanges import duration
from spindle_kernel.display.markup import block, escaped, faint, table

MOST = 200
"""Rows that are shown."""


def rows_bundle(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], changes: Any
) -> dict[str, str]:
    """The rows of a statement."""
    if not columns:
        said = "no rows" if changes is None else f"{changes} rows changed"
        return {"text/plain": said, "text/html": faint(said)}
    shown = [[escaped(_cell(value)) for value in row] for row in rows[:MOST]]
    return {
        "text/plain": _text([columns, *([_cell(v) for v in row] for row in rows[:MOST])]),
        "text/html": table(columns, shown) + _more(len(rows)),
    }


def store_bundle(name: str, pairs: Mapping[str, bytes], size: int) -> dict[str, str]:
    """Keys of a store with their values."""
    rows = [(key, _cell(value), readable_size(len(value))) for key, value in pairs.items()]
    cells = [[escaped(cell) for cell in row] for row in rows]
    return {
        "text/plain": _text([("key", "value", "size"), *rows]) if rows else f"{name}: empty",
        "text/html": faint(f"store {name}") + table(("key", "value", "size"), cells) + _more(size),
    }


def calls_bundle(calls: Iterable[Any]) -> dict[str, str]:
    """The calls of a trace."""
    calls = list(calls)
    rows = [
        (
            escaped(
                "  " * call.depth + ("→ " if call.direction == "export" else "← ") + call.function
            ),
            escaped(", ".join(map(_short, call.args))),
            escaped(call.error if call.error is not None else _short(call.result)),
            escaped("" if call.took is None else duration(call.took * 1e6)),
        )
        for call in calls[:MOST]
    ]
    text = "\n".join(printable(str(call)) for call in calls[:MOST]) or "no calls"
    heads = ("function", "arguments", "result", "took")
    return {"text/plain": text, "text/html": table(heads, rows) + _more(len(calls))}


def summaries_bundle(summaries: Sequence[Summary]) -> dict[str, str]:
    """Exchanges, one a row."""
    heads = ("id", "status", "what", "component", "took", "out")
    rows = [
        (
            each.id,
            "trap" if each.trap else str(each.status or ""),
            f"{each.method} {each.path}" if each.method else f"{each.trigger} {each.target}",
            each.component or "",
            duration(each.took or 0),
            readable_size(each.sent),
        )
        for each in summaries[:MOST]
    ]
    cells = [[escaped(cell) for cell in row] for row in rows]
    return {
        "text/plain": _text([heads, *([printable(cell) for cell in row] for row in rows)]),
        "text/html": table(heads, cells) + _more(len(summaries)),
    }


def text_bundle(text: str) -> dict[str, str]:
    """A text whose lines must stay beside one another."""
    return {"text/plain": text, "text/html": block(text)}


def _more(count: int) -> str:
    return faint(f"{count - MOST} more") if count > MOST else ""


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 200 else text[:200] + "…"


def _cell(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        try:
            text = value[:500].decode()
        except UnicodeDecodeError:
            text = value[:100].hex(" ")
    else:
        text = str(value)
    return printable(text if len(text) <= 500 else text[:500] + "…")


def _text(rows: Iterable[Sequence[str]]) -> str:
    """Columns beside one another."""
    listed = [[str(cell)[:60] for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in listed) for i in range(len(listed[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in listed
    )
