"""Which registry a package comes from, as the configuration of `wkg` says.

The file is `wasm-pkg/config.toml` in the person's configuration directory:

    default_registry = "example.com"
    [namespace_registries]
    acme = "acme.example"
    [package_registry_overrides]
    "acme:tool" = "localhost:5000"
    [registry."localhost:5000"]
    type = "oci"
    [registry."localhost:5000".oci]
    protocol = "http"

Source: `wasm-pkg-tools`, crate `wasm-pkg-common`.
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from spindle.errors import UserError

Table = Mapping[str, object]

WELL_KNOWN: Mapping[str, str] = {"wasi": "wasi.dev", "ba": "bytecodealliance.org"}
"""Registries of namespaces that no configuration needs to name."""


class Mapped(NamedTuple):
    """The registry of a package, and what it says of itself where the configuration says so."""

    registry: str
    metadata: Table | None = None


class Settings(NamedTuple):
    """The content of the file, empty when there is none."""

    table: Table
    path: Path

    def registry_of(self, package: str) -> Mapped | None:
        """Where a package, `namespace:name`, comes from; None when nothing says so."""
        namespace = package.partition(":")[0]
        entry = self._table("package_registry_overrides").get(package)
        entry = entry or self._table("namespace_registries").get(namespace)
        entry = entry or self.table.get("default_registry") or WELL_KNOWN.get(namespace)
        match entry:
            case None:
                return None
            case str():
                return Mapped(entry)
            case {"registry": str(registry), "metadata": {**metadata}}:
                return Mapped(registry, {str(key): value for key, value in metadata.items()})
            case _:
                raise self._wrong(f"the registry of `{package}`")

    def backend(self, registry: str) -> tuple[str | None, Table]:
        """The protocol chosen for a registry, None when it is not chosen, and its settings."""
        entry = self._table("registry").get(registry, {})
        if not isinstance(entry, dict):
            raise self._wrong(f'`registry."{registry}"`')
        kind = entry.get("type")
        known = [name for name in ("oci", "local", "warg") if name in entry]
        if kind is None and len(known) == 1:
            kind = known[0]
        settings = entry.get(str(kind or "oci"), {})
        if not isinstance(settings, dict) or not isinstance(kind, str | None):
            raise self._wrong(f'`registry."{registry}"`')
        return kind, settings

    def _table(self, key: str) -> Table:
        table = self.table.get(key, {})
        if not isinstance(table, dict):
            raise self._wrong(f"`{key}`")
        return table

    def _wrong(self, what: str) -> UserError:
        return UserError(f"{what} in {self.path} is not as it should be", path=self.path)


def read_settings(path: Path | None = None) -> Settings:
    """The person's configuration of registries; raises `UserError` when it can't be read."""
    path = path or _configuration_directory() / "wasm-pkg" / "config.toml"
    try:
        return Settings(tomllib.loads(path.read_text("utf-8")), path)
    except FileNotFoundError:
        return Settings({}, path)
    except (OSError, ValueError) as error:
        message = f"the configuration of registries, {path}, can't be read: {error}"
        raise UserError(message, path=path) from error


def _configuration_directory() -> Path:
    if os.name == "nt":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    base = os.environ.get("XDG_CONFIG_HOME") if sys.platform != "darwin" else None
    return Path(base) if base else Path.home() / ".config"
