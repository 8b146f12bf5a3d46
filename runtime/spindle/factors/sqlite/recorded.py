"""What is recorded of statements and their results: enough to understand a request by, no more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from spindle.exchange import Body
from spindle.factors.sqlite.database import Row

ROWS_KEPT = 10
"""Rows kept of one result."""
TEXT_KEPT = 4096
"""Characters kept of a statement, bytes kept of a text or blob."""
VALUES_KEPT = 100
"""Parameters kept of a statement, values of a row."""


class ResultRecord(dict[str, object]):
    """`columns`, `rows` (the first) and `count` of a result, which may still be growing."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._rows: list[list[object]] = []
        super().__init__(columns=list(columns), rows=self._rows, count=0)

    def add(self, rows: Sequence[Row]) -> None:
        """Note the next rows."""
        self["count"] = self["count"] + len(rows)  # type: ignore[operator]  # it is a number
        for row in rows[: max(0, ROWS_KEPT - len(self._rows))]:
            self._rows.append(values_seen(row))


def values_seen(values: Iterable[Any]) -> list[object]:
    """Values as they are recorded."""
    return [_value_seen(value) for _, value in zip(range(VALUES_KEPT), values, strict=False)]


def _value_seen(value: Any) -> object:
    if value.__class__ is bytes:
        return Body.of(value, TEXT_KEPT)
    if value.__class__ is str and len(value) > TEXT_KEPT:
        return Body.of(value.encode(), TEXT_KEPT)
    return value
