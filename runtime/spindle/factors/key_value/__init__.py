"""Key-value stores: which a component is granted, and where they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from spindle.app import App, AppComponent
from spindle.component.host import HostInterface
from spindle.errors import UserError
from spindle.factors.factor import Factor
from spindle.factors.key_value.interfaces import INTERFACES
from spindle.factors.key_value.sqlite_store import SqliteStores
from spindle.factors.key_value.store import Backend, KeyValueError, Store
from spindle.factors.state import InstanceState
from spindle.runtime_config import LocalStore, RuntimeConfig

DEFAULT = "default"
FILE_NAME = "sqlite_key_value.db"
"""The default store's file in the state directory, which Spin shares with us."""


class Granted(NamedTuple):
    """The stores one component may open."""

    backends: Mapping[str, Backend]
    labels: frozenset[str]

    async def open(self, label: str) -> Store:
        """A store by its label; raises `KeyValueError`."""
        if label not in self.labels:
            raise KeyValueError("access-denied")
        if label not in self.backends:
            raise KeyValueError("no-such-store")
        return await self.backends[label].open(label)


class KeyValueFactor(Factor):
    """Key-value stores of an application."""

    def __init__(self, backends: Mapping[str, Backend]) -> None:
        self._backends = backends

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
        labels = frozenset(component.key_value_stores)
        state.factors["key_value"] = Granted(self._backends, labels)


def backends_of(config: RuntimeConfig, state_dir: Path | None) -> dict[str, Backend]:
    """The stores a runtime configuration defines, and the default one.

    Without a state directory the default store is in memory. Raises `UserError` for a kind of
    store there is no support for.
    """
    backends: dict[str, Backend] = {DEFAULT: SqliteStores(_default_path(state_dir))}
    for label, store in config.key_value_stores.items():
        if not isinstance(store, LocalStore):
            raise UserError(
                f"key-value store `{label}` is of type `{store.type}`, which is not supported yet",
                hints=('use `type = "spin"`',),
            )
        backends[label] = SqliteStores(config.store_path(store))
    return backends


def default_store_path(config: RuntimeConfig, state_dir: Path | None) -> Path | None:
    """Where the default store's file is; None for in memory."""
    store = config.key_value_stores.get(DEFAULT)
    return config.store_path(store) if isinstance(store, LocalStore) else _default_path(state_dir)


def _default_path(state_dir: Path | None) -> Path | None:
    return None if state_dir is None else state_dir / FILE_NAME


__all__ = [
    "DEFAULT",
    "Backend",
    "Granted",
    "KeyValueError",
    "KeyValueFactor",
    "SqliteStores",
    "Store",
    "backends_of",
    "default_store_path",
]
