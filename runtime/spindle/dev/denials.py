"""What people are told of what guests may not do, and what would allow it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import NamedTuple

from spindle.app import AppComponent


class Denial(NamedTuple):
    """Something a guest was denied, in words."""

    message: str
    hints: tuple[str, ...]


def connection_denied(component: AppComponent, dependency: str | None, to: str) -> Denial:
    """A connection to `scheme://host[:port]` was refused."""
    allow = f"allow it: `{shlex.join(('spindle', 'allow', component.id, to))}`, or in the manifest"
    hosts = component.allowed_outbound_hosts
    return Denial(
        f"{_who(component, dependency)} may not connect to `{to}`",
        tuple(_grants(component, dependency, "allowed_outbound_hosts", hosts, to, allow)),
    )


def store_denied(component: AppComponent, dependency: str | None, label: str) -> Denial:
    """A key-value store was refused."""
    stores = component.key_value_stores
    return Denial(
        f"{_who(component, dependency)} may not open the key-value store `{label}`",
        tuple(_grants(component, dependency, "key_value_stores", stores, label, "allow it")),
    )


def database_denied(component: AppComponent, dependency: str | None, label: str) -> Denial:
    """An SQLite database was refused."""
    databases = component.sqlite_databases
    return Denial(
        f"{_who(component, dependency)} may not open the SQLite database `{label}`",
        tuple(_grants(component, dependency, "sqlite_databases", databases, label, "allow it")),
    )


def _who(component: AppComponent, dependency: str | None) -> str:
    if dependency is None:
        return f"component `{component.id}`"
    return f"`{dependency}` in component `{component.id}`"


def _grants(
    component: AppComponent,
    dependency: str | None,
    key: str,
    granted: tuple[str, ...],
    asked: str,
    allow: str,
) -> Iterator[str]:
    """The lines of the manifest that would allow it."""
    if dependency is not None and not _inherits(component, dependency, key):
        yield f'let it inherit: `inherit_configuration = ["{key}"]`'
        if asked in granted:
            return
    values = ", ".join(f'"{each}"' for each in (*granted, asked))
    yield f"{allow}, under `[component.{component.id}]`: `{key} = [{values}]`"


def _inherits(component: AppComponent, dependency: str, key: str) -> bool:
    found = (each for each in component.dependencies if each.name == dependency)
    return any(each.inherit is True or key in (each.inherit or ()) for each in found)
