"""What a fork answers in place of stores, databases and servers that it can't have copies of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from spindle.app import AppComponent
from spindle.component.host import HostInterface
from spindle.factors.factor import Factor
from spindle.factors.key_value import KeyValueError, Store
from spindle.factors.mqtt.errors import ConnectionFailed
from spindle.factors.mqtt.interfaces import INTERFACES as MQTT
from spindle.factors.mysql.interfaces import INTERFACES as MYSQL
from spindle.factors.postgres.interfaces import INTERFACES as POSTGRES
from spindle.factors.rdbms import DatabaseError
from spindle.factors.redis.errors import RedisError
from spindle.factors.redis.interfaces import INTERFACES as REDIS
from spindle.factors.sqlite import Connection, SqliteError
from spindle.factors.state import InstanceState

OnRefused = Callable[[str], None]
"""Told why something was refused, for people."""


class RefusedStores:
    """Key-value stores that are kept by a server."""

    def __init__(self, why: str, on_refused: OnRefused) -> None:
        self.summary = why
        self._on_refused = on_refused

    async def open(self, label: str) -> Store:
        """Raises `KeyValueError`."""
        del label
        self._on_refused(self.summary)
        raise KeyValueError("other", self.summary)

    async def close(self) -> None:
        """There is nothing to close."""


class RefusedDatabase:
    """An SQLite database that is kept by a server."""

    path: Path | None = None
    lasting = False

    def __init__(self, why: str, on_refused: OnRefused) -> None:
        self.summary = why
        self._on_refused = on_refused

    def connect(self) -> Connection:
        """Raises `SqliteError`."""
        self._on_refused(self.summary)
        raise SqliteError("io", self.summary)

    async def close(self) -> None:
        """There is nothing to close."""


class RefusedServer(Factor):
    """Servers of one kind, all of which keep state."""

    def __init__(
        self,
        name: str,
        kind: str,
        interfaces: Mapping[str, HostInterface],
        failure: Callable[[str], Exception],
        on_refused: OnRefused,
    ) -> None:
        self._name = name
        self._interfaces = interfaces
        self._why = f"{kind} can't be forked; `--state live` uses it as it is"
        self._failure = failure
        self._on_refused = on_refused

    def init(self) -> Mapping[str, HostInterface]:
        """Those of the servers."""
        return self._interfaces

    def prepare(self, component: AppComponent, state: InstanceState) -> None:
        """Stand where the factor stands that connects."""
        state.factors[self._name] = self

    async def open(self, *_args: Any) -> Any:
        """Raises the failure of a connection."""
        self._on_refused(self._why)
        raise self._failure(self._why)

    use_once = open


def refused_servers(on_refused: OnRefused) -> list[Factor]:
    """Every kind of server."""
    return [
        RefusedServer("redis", "Redis", REDIS, lambda why: RedisError("other", why), on_refused),
        RefusedServer("mqtt", "MQTT", MQTT, ConnectionFailed, on_refused),
        RefusedServer("mysql", "MySQL", MYSQL, _failed, on_refused),
        RefusedServer("postgres", "PostgreSQL", POSTGRES, _failed, on_refused),
    ]


def _failed(why: str) -> DatabaseError:
    return DatabaseError("connection-failed", why)
