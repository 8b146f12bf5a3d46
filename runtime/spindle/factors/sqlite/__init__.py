"""SQLite databases: which a component is granted, and where they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from spindle.app import App, AppComponent
from spindle.component.host import HostInterface
from spindle.errors import UserError
from spindle.factors.factor import Factor
from spindle.factors.sqlite.database import Connection, Database, SqliteError
from spindle.factors.sqlite.embedded import EmbeddedDatabase
from spindle.factors.sqlite.interfaces import INTERFACES
from spindle.factors.sqlite.libsql import LibSqlDatabase
from spindle.factors.sqlite.opened import all_done
from spindle.factors.sqlite.threads import Threads
from spindle.factors.state import InstanceState
from spindle.runtime_config import LibSqlDatabase as LibSqlConfig
from spindle.runtime_config import RuntimeConfig, SqliteDatabase
from spindle.text import nearest_name

DEFAULT = "default"
FILE_NAME = "sqlite_db.db"
"""The default database's file in the state directory, which Spin shares with us."""


class UndefinedDatabases(UserError):
    """Components use databases that nothing defines."""

    code = "undefined-databases"


Denied = Callable[[InstanceState, str], None]
"""Told of each database that was refused, by its label."""


class Granted(NamedTuple):
    """The databases one component may open."""

    databases: Mapping[str, Database]
    labels: frozenset[str]
    on_denied: Callable[[str], None]

    def connect(self, label: str) -> Connection:
        """A new connection by a database's label; raises `SqliteError`."""
        if label not in self.labels:
            self.on_denied(label)
            raise SqliteError("access-denied")
        if label not in self.databases:
            raise SqliteError("no-such-database")
        return self.databases[label].connect()


class Databases(Mapping[str, Database]):
    """The databases of an application by label, with what they need in common."""

    def __init__(self, config: RuntimeConfig, state_dir: Path | None) -> None:
        self._threads = Threads()
        default = None if state_dir is None else state_dir / FILE_NAME
        self._databases: dict[str, Database] = {
            DEFAULT: EmbeddedDatabase(default, self._threads),
            **{label: self._made(it) for label, it in config.sqlite_databases.items()},
        }

    def _made(self, config: SqliteDatabase) -> Database:
        if isinstance(config, LibSqlConfig):
            return LibSqlDatabase(config.url, config.token)
        path = None if config.path is None else Path(config.path).absolute()
        return EmbeddedDatabase(path, self._threads, allow_attach_file=config.allow_attach_file)

    def replace(self, label: str, database: Database) -> None:
        """Have another database by a label."""
        self._databases[label] = database

    def __getitem__(self, label: str) -> Database:
        return self._databases[label]

    def __iter__(self) -> Iterator[str]:
        return iter(self._databases)

    def __len__(self) -> int:
        return len(self._databases)

    async def close(self) -> None:
        """Close connections that were let go of, and end the threads."""
        await all_done()
        for database in self._databases.values():
            await database.close()
        self._threads.close()


class SqliteFactor(Factor):
    """SQLite databases of an application."""

    def __init__(
        self, databases: Databases, on_denied: Denied = lambda _state, _label: None
    ) -> None:
        self._databases = databases
        self._on_denied = on_denied

    def init(self) -> Mapping[str, HostInterface]:
        """All interfaces databases are reached by."""
        return INTERFACES

    def configure_app(self, app: App) -> None:
        """Every label that components use must be defined."""
        undefined = [
            (component.id, label)
            for component in app.components.values()
            for label in component.sqlite_databases
            if label not in self._databases
        ]
        if undefined:
            raise UndefinedDatabases(
                "components use SQLite databases that are not defined: "
                + ", ".join(f"`{label}` (component `{id_}`)" for id_, label in undefined),
                hints=tuple(map(self._define, dict.fromkeys(label for _, label in undefined))),
            )

    def _define(self, label: str) -> str:
        define = f"add `[sqlite_database.{label}]` to the runtime configuration"
        near = nearest_name(label, self._databases)
        return define if near is None else f"{define}, or did you mean `{near}`?"

    def prepare(self, component: AppComponent, state: InstanceState) -> None:
        """The component's labels."""
        labels = frozenset(component.sqlite_databases)
        on_denied = partial(self._on_denied, state)
        state.factors["sqlite"] = Granted(self._databases, labels, on_denied)

    async def close(self) -> None:
        """Close what is open."""
        await self._databases.close()


__all__ = [
    "DEFAULT",
    "Connection",
    "Database",
    "Databases",
    "SqliteError",
    "SqliteFactor",
]
