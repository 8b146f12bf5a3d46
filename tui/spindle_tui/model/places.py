"""Where an application keeps its state: stores of keys, databases and their tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from spindle.client import ComponentInfo, QueryResult
from spindle_tui.model.tables import Table


class Place(NamedTuple):
    """What can be looked into; `table` only of databases."""

    kind: str
    """`store` or `database`."""
    label: str
    table: Table | None = None


def stores_of(components: Iterable[ComponentInfo]) -> list[str]:
    """The labels of stores that components may use; there is always `default`."""
    granted = {label for each in components for label in each.grants.key_value_stores}
    return ["default", *sorted(granted - {"default"})]


def databases_of(labels: Iterable[str]) -> list[str]:
    """The labels of databases, `default` first."""
    return sorted(labels, key=lambda label: (label != "default", label))


def tables_of(database: str, results: Sequence[QueryResult]) -> list[Table]:
    """The tables and views in an answer to `TABLES`."""
    rows = results[0].rows if results else ()
    return [Table(database, str(name), str(kind)) for name, kind in rows]
