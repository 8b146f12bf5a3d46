"""Rows of a database as a value: a `list<list<variant>>` given column by column.

A result has few columns and many rows, and all values of a column are of one case but for nulls.
Given so, a hundred thousand of them are lowered by a few operations on whole columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, overload

from spindle.component.values import Variant


class Column(NamedTuple):
    """The values of one column, which are payloads of one case."""

    label: str
    """The case of the variant that all values are of, except None."""
    values: Sequence[Any]
    """Payloads, of which `array`s of a number's own format are taken as they are; a case without
    payload has anything but None."""
    null: str = "db-null"
    """The case that None stands for."""
    is_encoded: bool = False
    """Whether the values are texts, as the bytes of their UTF-8."""

    def value(self, row: int) -> Variant:
        """The value in a row."""
        value = self.values[row]
        if value is None:
            return Variant(self.null)
        return Variant(self.label, value.decode() if self.is_encoded else value)


class Rows(Sequence[list[Variant]]):
    """As many rows as each of its columns, of which there is at least one, has values."""

    __slots__ = ("columns",)

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = columns

    def __len__(self) -> int:
        return len(self.columns[0].values)

    @overload
    def __getitem__(self, index: int) -> list[Variant]: ...
    @overload
    def __getitem__(self, index: slice) -> Rows: ...
    def __getitem__(self, index: int | slice) -> list[Variant] | Rows:
        if isinstance(index, slice):
            return Rows([column._replace(values=column.values[index]) for column in self.columns])
        return [column.value(index) for column in self.columns]

    def __iter__(self) -> Iterator[list[Variant]]:
        return (self[row] for row in range(len(self)))
