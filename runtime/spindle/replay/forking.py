"""Forks: copies of an application's stores and databases, for guests that must not touch them.

What is kept in SQLite is copied as it is now, also from memory. What a server keeps can't be
copied: guests of a fork are told so when they ask for it.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from spindle.errors import HostError
from spindle.factors.key_value import DEFAULT, Backend, SqliteStores
from spindle.factors.key_value import FILE_NAME as KEY_VALUES
from spindle.factors.sqlite import FILE_NAME as DATABASE
from spindle.runtime_config import (
    KeyValueStore,
    LocalDatabase,
    LocalStore,
    RuntimeConfig,
    SqliteDatabase,
)

BUSY_SECONDS = 5.0
"""How long a copy waits for who writes."""


class Fork(NamedTuple):
    """A directory of copies."""

    directory: Path
    config: RuntimeConfig
    """Leads to the copies."""
    refused: Mapping[str, str]
    """Stores and databases that have no copy, by label: why, for people."""


async def forked(
    config: RuntimeConfig, state_dir: Path | None, directory: Path, live: Mapping[str, Backend]
) -> Fork:
    """Copy all state there is; raises `HostError`.

    `live` are the stores of a host that runs, by label: those in memory are copied from there.
    """
    copies = _Copies(directory)
    if state_dir is not None:
        await copies.file(state_dir / KEY_VALUES, directory / KEY_VALUES)
        await copies.file(state_dir / DATABASE, directory / DATABASE)
    elif isinstance(backend := live.get(DEFAULT), SqliteStores):
        await _dump(backend, directory / KEY_VALUES)
    stores = {
        label: await _store(config, label, store, copies, live)
        for label, store in config.key_value_stores.items()
    }
    databases = {
        label: await _database(config, database, copies)
        for label, database in config.sqlite_databases.items()
    }
    refused = {
        **{
            label: _refusal(f"key-value store `{label}`")
            for label, store in stores.items()
            if not isinstance(store, LocalStore)
        },
        **{
            label: _refusal(f"SQLite database `{label}`")
            for label, database in databases.items()
            if not isinstance(database, LocalDatabase)
        },
    }
    changed = config.replaced(key_value_stores=stores, sqlite_databases=databases)
    return Fork(directory, changed, refused)


async def _store(
    config: RuntimeConfig,
    label: str,
    store: KeyValueStore,
    copies: _Copies,
    live: Mapping[str, Backend],
) -> KeyValueStore:
    """A store's copy, if there can be one."""
    if not isinstance(store, LocalStore):
        return store
    if (path := config.store_path(store)) is not None:
        return store.replaced(path=await copies.of(path))
    if isinstance(backend := live.get(label), SqliteStores):
        copy = copies.new_path("memory.db")
        await _dump(backend, copy)
        return store.replaced(path=str(copy))
    return store


async def _database(
    config: RuntimeConfig, database: SqliteDatabase, copies: _Copies
) -> SqliteDatabase:
    """A database's copy; it may not attach files, which would be the real ones."""
    if not isinstance(database, LocalDatabase):
        return database
    if (path := config.database_path(database)) is None:
        return database
    return database.replaced(path=await copies.of(path), allow_attach_file=False)


async def _dump(stores: SqliteStores, path: Path) -> None:
    """Copy stores that are in memory."""
    await stores.open(DEFAULT)

    def copy(connection: sqlite3.Connection) -> None:
        with closing(sqlite3.connect(path)) as target:
            connection.backup(target)

    await stores.read(copy)


class _Copies:
    """Copies of files, one of each."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._made: dict[Path, Path] = {}
        self._count = 0

    async def of(self, path: Path) -> str:
        """The copy of a file, which need not be there."""
        real = path.absolute()  # noqa: ASYNC240 - asks no disk
        if real not in self._made:
            self._made[real] = copy = self.new_path(path.name)
            await self.file(real, copy)
        return str(self._made[real])

    def new_path(self, name: str) -> Path:
        """Where another copy may be."""
        self._count += 1
        return self._directory / f"{self._count}-{name}"

    async def file(self, path: Path, copy: Path) -> None:
        """Copy a file, if it is there."""
        try:
            await asyncio.to_thread(_backup, path, copy)
        except (sqlite3.Error, OSError) as error:
            raise HostError(
                f"the state in `{path}` can't be copied: {error}",
                hints=("`--state live` replays on the state itself",),
                path=path,
            ) from None


def _backup(path: Path, copy: Path) -> None:
    if not path.is_file():
        return
    source = f"file:{quote(str(path.absolute()))}?mode=ro"
    with (
        closing(sqlite3.connect(source, uri=True, timeout=BUSY_SECONDS)) as connection,
        closing(sqlite3.connect(copy)) as target,
    ):
        connection.backup(target)


def _refusal(what: str) -> str:
    return f"{what} is kept by a server and can't be forked; `--state live` uses it as it is"


def remove(fork: Fork) -> None:
    """Remove the copies."""
    import shutil  # only here: seldom needed

    with suppress(OSError):
        shutil.rmtree(fork.directory)
