"""What can be wrong with kept exchanges."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from spindle.errors import HostError, UserError

OnTrouble = Callable[[str, tuple[str, ...]], None]
"""Told what is wrong, and hints; the signature of `Console.warn`."""


class StoreError(HostError):
    """The database can't be read or written."""

    code = "exchange-store"


class AmbiguousId(UserError):
    """The beginning of an id fits several exchanges."""

    code = "ambiguous-exchange"


_ASIDE = "`spindle up` begins a new one and sets this one aside"
_HINTS = {
    sqlite3.SQLITE_NOTADB: _ASIDE,
    sqlite3.SQLITE_CORRUPT: _ASIDE,
    sqlite3.SQLITE_FULL: "make room on the disk",
    sqlite3.SQLITE_BUSY: "another program holds it locked",
    sqlite3.SQLITE_LOCKED: "another program holds it locked",
    sqlite3.SQLITE_READONLY: "make it and its directory writable",
    sqlite3.SQLITE_CANTOPEN: "make it and its directory readable and writable",
    sqlite3.SQLITE_IOERR: "there may be no room left on the disk",
}


def error_code(error: sqlite3.Error) -> int:
    """SQLite's primary code of an error."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def is_corrupt(error: sqlite3.Error) -> bool:
    """Whether an error means that a file is no database, or a broken one."""
    return error_code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@contextmanager
def told(path: Path | None, done: str) -> Iterator[None]:
    """Have what goes wrong with a file said as a `StoreError`."""
    try:
        yield
    except sqlite3.Error as error:
        hint = _HINTS.get(error_code(error))
        raise _failed(path, done, str(error), hint) from error
    except OSError as error:
        raise _failed(path, done, error.strerror or str(error), None) from error


def _failed(path: Path | None, done: str, why: str, hint: str | None) -> StoreError:
    where = "kept exchanges" if path is None else f"`{path}`, where exchanges are kept,"
    return StoreError(f"{where} can't be {done}: {why}", hints=() if hint is None else (hint,))
