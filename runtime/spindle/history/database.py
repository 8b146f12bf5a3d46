"""Opening databases of exchanges, whatever state they are in."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from spindle.exchange.packing import may_have_written
from spindle.history.problems import OnTrouble, StoreError, is_corrupt, told
from spindle.history.schema import SCHEMA, VERSION

BROKEN = ("is no database, or a broken one", "corrupt")
BUSY_SECONDS = 5.0
"""How long another process is waited for, which has a lock or has not made its tables yet."""
MOMENT = 0.01


def opened(path: Path | None, on_trouble: OnTrouble) -> sqlite3.Connection:
    """A connection to read and write by, in memory without a path; raises `StoreError`.

    A file that is corrupt or of another version is moved out of the way, and `on_trouble` told.
    """
    with told(path, "opened"):
        if path is None:
            return _prepared(":memory:")
        _make_file(path)
        if (wrong := _what_is_wrong(path)) is not None:
            set_aside(path, *wrong, on_trouble)
            _make_file(path)
        return _prepared(str(path))


def set_aside(path: Path, what: str, suffix: str, on_trouble: OnTrouble) -> None:
    """Give a database of which something is wrong another name, and say so; raises `OSError`."""
    kept = _moved(path, suffix)
    on_trouble(f"`{path}` {what}; exchanges are kept in a new one", (f"see `{kept}`",))


def opened_to_read(path: Path) -> sqlite3.Connection:
    """A connection to a file that is there, to read by; raises `StoreError`.

    One that is still empty is waited for: somebody makes it just now.
    """
    until = time.monotonic() + BUSY_SECONDS
    with told(path, "read"):
        connection, version = _read_only(path)
        while version == 0 and time.monotonic() < until and _is_empty(connection):
            connection.close()
            time.sleep(MOMENT)
            connection, version = _read_only(path)
    if version != VERSION:
        connection.close()
        raise StoreError(
            f"`{path}` is of version {version}, and this spindle reads version {VERSION}",
            hints=("`spindle up` begins a new one and sets this one aside",),
        )
    return connection


def _read_only(path: Path) -> tuple[sqlite3.Connection, int]:
    """A connection to read by, and the file's version; raises `sqlite3.Error`."""
    uri = path.absolute().as_uri()
    connection = _connected(f"{uri}?mode=ro", uri=True)
    try:
        return connection, _version(connection)
    except sqlite3.OperationalError:
        # A directory that can't be written: nobody else writes the file then.
        connection.close()
        connection = _connected(f"{uri}?immutable=1", uri=True)
        return connection, _version(connection)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Have all of some changes made, or none."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # which SQLite ends when the disk is full, say
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
        raise


def identity(path: Path) -> tuple[int, int] | None:
    """Tells a file from another that takes its place; None if there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _what_is_wrong(path: Path) -> tuple[str, str] | None:
    """Why a file can't be used, and a suffix for its name; raises `sqlite3.Error`."""
    connection = _connected(str(path))
    try:
        version = _version(connection)
    except sqlite3.Error as error:
        if not is_corrupt(error):
            raise
        return BROKEN
    finally:
        connection.close()
    if version in (0, VERSION):
        return None
    return f"is of version {version}, not {VERSION}", f"version-{version}"


def _prepared(name: str) -> sqlite3.Connection:
    """A connection to a database with the tables in it."""
    connection = _connected(name)
    try:
        # The first makes readers and the writer not wait for each other; the second, with it,
        # costs the last moments if the machine loses power, and never the file.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        if _version(connection) == 0:
            with transaction(connection):
                # Asked again: another host may have been quicker.
                if _version(connection) == 0:
                    for statement in SCHEMA:
                        connection.execute(statement)
    except BaseException:
        connection.close()
        raise
    return connection


def _connected(name: str, *, uri: bool = False) -> sqlite3.Connection:
    connection = sqlite3.connect(
        name, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=uri
    )
    connection.create_function("may_have_written", 2, may_have_written)
    return connection


def _version(connection: sqlite3.Connection) -> int:
    """The version in a file's header; reads what else tells a broken file too."""
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def _is_empty(connection: sqlite3.Connection) -> bool:
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return not tables


def _make_file(path: Path) -> None:
    """An empty file, if there is none, for its owner alone: requests have credentials in them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _moved(path: Path, suffix: str) -> Path:
    """Give a database another name, with what SQLite keeps beside it; its new path."""
    for number in range(1, 100):
        numbered = suffix if number == 1 else f"{suffix}-{number}"
        kept = path.with_name(f"{path.name}.{numbered}")
        if not kept.exists():
            break
    for beside in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            Path(f"{path}{beside}").replace(f"{kept}{beside}")
    return kept
