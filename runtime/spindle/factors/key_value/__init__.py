"""Key-value stores: which a component is granted, and where they are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from spindle.app import App, AppComponent
from spindle.component.host import HostInterface
from spindle.errors import UserError
from spindle.factors.factor import Factor
from spindle.factors.key_value.interfaces import INTERFACES
from spindle.factors.key_value.sqlite_store import SqliteStores
from spindle.factors.key_value.store import Backend, KeyValueError, Store
from spindle.factors.state import InstanceState
from spindle.runtime_config import (
    AwsDynamoStore,
    AzureCosmosStore,
    KeyValueStore,
    LocalStore,
    RedisStore,
    RuntimeConfig,
)

DEFAULT = "default"
FILE_NAME = "sqlite_key_value.db"
"""The default store's file in the state directory, which Spin shares with us."""

OnDenied = Callable[[InstanceState, str], None]
"""Told which store was not granted."""
OnStoreTrouble = Callable[[str, str], None]
"""Told a store's label, and what is wrong with where it is kept."""


@dataclass(frozen=True, slots=True)
class Granted:
    """The stores one component may open."""

    backends: Mapping[str, Backend]
    labels: frozenset[str]
    denied: Callable[[str], None] = lambda _label: None

    async def open(self, label: str) -> Store:
        """A store by its label; raises `KeyValueError`."""
        if label not in self.labels:
            self.denied(label)
            raise KeyValueError("access-denied")
        if label not in self.backends:
            raise KeyValueError("no-such-store")
        return await self.backends[label].open(label)


class KeyValueFactor(Factor):
    """Key-value stores of an application."""

    def __init__(
        self,
        backends: Mapping[str, Backend],
        on_denied: OnDenied = lambda _state, _label: None,
    ) -> None:
        self._backends = backends
        self._on_denied = on_denied

    def init(self) -> Mapping[str, HostInterface]:
        """All interfaces stores are reached by."""
        return INTERFACES

    def configure_app(self, app: App) -> None:
        """Every label a component uses must be defined."""
        for component in app.components.values():
            for label in component.key_value_stores:
                if label not in self._backends:
                    raise UserError(
                        f"unknown key_value_stores label `{label}` for component `{component.id}`",
                        hints=(f"add `[key_value_store.{label}]` to the runtime configuration",),
                    )

    def prepare(self, component: AppComponent, state: InstanceState) -> None:
        """The component's labels."""
        state.factors["key_value"] = Granted(
            self._backends,
            frozenset(component.key_value_stores),
            lambda label: self._on_denied(state, label),
        )

    async def close(self) -> None:
        """Let go of files and connections, once what was begun is written."""
        for backend in self._backends.values():
            await backend.close()


def backends_of(
    config: RuntimeConfig,
    state_dir: Path | None,
    on_trouble: OnStoreTrouble = lambda _label, _trouble: None,
) -> dict[str, Backend]:
    """The stores a runtime configuration defines, and the default one.

    Without a state directory the default store is in memory. Raises `UserError`.
    """
    path = None if state_dir is None else state_dir / FILE_NAME
    backends: dict[str, Backend] = {
        DEFAULT: SqliteStores(path, lambda trouble: on_trouble(DEFAULT, trouble))
    }
    for label, store in config.key_value_stores.items():
        backends[label] = _backend(label, store, config, on_trouble)
    return backends


def _backend(
    label: str, store: KeyValueStore, config: RuntimeConfig, on_trouble: OnStoreTrouble
) -> Backend:
    def told(trouble: str) -> None:
        on_trouble(label, trouble)

    # The ways to reach servers are imported for applications that use them.
    match store:
        case LocalStore():
            return SqliteStores(config.store_path(store), told)
        case RedisStore():
            from spindle.factors.key_value.redis_store import RedisStores

            return RedisStores(store.url, told)
        case AwsDynamoStore():
            from spindle.factors.key_value.dynamo_store import DynamoStores

            return DynamoStores(store, told)
        case AzureCosmosStore():
            from spindle.factors.key_value.cosmos_store import CosmosStores

            return CosmosStores(store, told)


__all__ = [
    "DEFAULT",
    "Backend",
    "Granted",
    "KeyValueError",
    "KeyValueFactor",
    "SqliteStores",
    "Store",
    "backends_of",
]
