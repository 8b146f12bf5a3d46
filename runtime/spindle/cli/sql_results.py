"""Results of SQL statements as people and programs read them."""

from __future__ import annotations

import base64
import json
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from spindle.text import counted, printable

Result = dict[str, Any]
"""`{columns, rows, count, counted, changes}` as `sql/query` answers."""

NARROWEST = 6
"""Characters a column keeps when a table does not fit."""
LONGEST_CELL = 2000
"""Characters shown of one value in a table."""
BLOB_SHOWN = 16
"""Bytes of a blob shown in a table."""
NULL = "NULL"


def table(result: Result, width: int | None) -> Iterator[str]:
    """The lines of a table, no wider than `width` characters; None is for any width.

    Numbers are on the right of their columns. A text that reads `NULL` or looks like a blob is
    shown in quotes.
    """
    columns = [_line(name) for name in result["columns"]]
    rows = [[_cell(value) for value in row] for row in result["rows"]]
    numeric = [
        all(isinstance(row[at], (int, float, type(None))) for row in result["rows"])
        for at in range(len(columns))
    ]
    widths = [max(map(_width, column)) for column in zip(columns, *rows, strict=True)]
    if width is not None:
        widths = _fitted(widths, width)
    yield _row(columns, widths, numeric)
    yield "  ".join("─" * each for each in widths)
    for row in rows:
        yield _row(row, widths, numeric)


def summary(result: Result) -> str | None:
    """What a table does not show: how many rows there are, or were changed."""
    if result["changes"] is not None:
        return f"{counted(result['changes'], 'row')} changed"
    if not result["columns"]:
        return None
    count, shown = result["count"], len(result["rows"])
    total = counted(count, "row") if result["counted"] else f"more than {counted(count, 'row')}"
    return total if shown == count else f"{total}, the first {shown:,} shown"


def csv(result: Result) -> Iterator[str]:
    """RFC 4180; NULL is empty, an empty text is `""`, a blob is in hexadecimal."""
    for row in (result["columns"], *result["rows"]):
        yield ",".join(map(_csv_field, row)) + "\r\n"


def json_text(results: Sequence[Result]) -> str:
    """A list of objects, or of lists of them if several statements answer rows."""
    found = [_objects(result) for result in results if result["columns"]]
    return json.dumps(found[0] if len(found) == 1 else found, indent=2, ensure_ascii=False)


def _objects(result: Result) -> list[dict[str, Any]]:
    names = list(_different(result["columns"]))
    return [dict(zip(names, row, strict=True)) for row in result["rows"]]


def _different(names: Iterable[str]) -> Iterator[str]:
    """Names with a number after those that were there already."""
    seen: set[str] = set()
    for name in names:
        number, new = 1, name
        while new in seen:
            number += 1
            new = f"{name}:{number}"
        seen.add(new)
        yield new


def _csv_field(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else _plain(value)
    if isinstance(value, str) and (not text or any(c in text for c in ',"\r\n')):
        return '"' + text.replace('"', '""') + '"'
    return text


def _plain(value: Any) -> str:
    match value:
        case {"blob": str(text)}:
            return base64.b64decode(text).hex()
        case {"real": str(text)}:
            return text
    return str(value)


def _cell(value: Any) -> str:
    match value:
        case None:
            return NULL
        case {"blob": str(text)}:
            blob = base64.b64decode(text)
            if len(blob) <= BLOB_SHOWN:
                return f"x'{blob.hex()}'"
            return f"x'{blob[:BLOB_SHOWN].hex()}…' ({len(blob):,} bytes)"
        case str():
            return f"'{value}'" if value == NULL or value.startswith("x'") else _line(value)
    return _plain(value)


def _line(text: str) -> str:
    return printable(text, limit=LONGEST_CELL)


def _row(cells: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    padded = (
        _padded(_cut(cell, width), width, right=right)
        for cell, width, right in zip(cells, widths, numeric, strict=True)
    )
    return "  ".join(padded).rstrip()


def _padded(text: str, width: int, *, right: bool) -> str:
    blanks = " " * (width - _width(text))
    return blanks + text if right else text + blanks


def _cut(text: str, width: int) -> str:
    """A text that takes no more than a width."""
    if _width(text) <= width:
        return text
    kept, used = [], 1
    for character in text:
        used += _width(character)
        if used > width:
            break
        kept.append(character)
    return "".join(kept) + "…"


def _width(text: str) -> int:
    """How many places of a terminal a text takes."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) != 0 for c in text)


def _fitted(widths: Sequence[int], room: int) -> list[int]:
    """Widths that fit together with the gaps between them: the widest give way."""
    room -= 2 * (len(widths) - 1)
    low, high = NARROWEST, max(widths, default=0)
    while low < high:  # the widest that all may be
        middle = (low + high + 1) // 2
        if sum(min(width, middle) for width in widths) <= room:
            low = middle
        else:
            high = middle - 1
    return [min(width, low) for width in widths]
