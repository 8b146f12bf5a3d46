"""The tables of exchanges, and the statements that fill them.

`exchanges` has a row of what filters ask about, so narrow that going over 100,000 of them takes
tens of milliseconds; `documents` has the rest. Both are numbered in the order of keeping.
"""

from __future__ import annotations

from spindle.exchange import Summary

VERSION = 1
"""Of the tables and of what is packed in them; a file of another one is set aside."""

COLUMNS = ", ".join(Summary._fields)
SCHEMA = (
    f"CREATE TABLE exchanges (number INTEGER PRIMARY KEY, {COLUMNS})",
    "CREATE UNIQUE INDEX exchange_ids ON exchanges (id)",
    "CREATE TABLE documents (number INTEGER PRIMARY KEY, data BLOB NOT NULL)",
    f"PRAGMA user_version = {VERSION}",
)

TOGETHER = 100
"""Rows of one statement: for each the interpreter's lock is let go and waited for once."""

NUMBER_OF = "(SELECT number FROM exchanges WHERE id = ?)"
"""Where an exchange stands in the order; nothing if it is not there any more."""


def insert_exchanges(count: int) -> str:
    """Puts rows: of each its number and its summary."""
    row = f"({', '.join('?' * (1 + len(Summary._fields)))})"
    rows = ", ".join([row] * count)
    return f"INSERT OR REPLACE INTO exchanges (number, {COLUMNS}) VALUES {rows}"


def insert_documents(count: int) -> str:
    """Puts documents: of each its number and its data."""
    return f"INSERT INTO documents (number, data) VALUES {', '.join(['(?, ?)'] * count)}"
