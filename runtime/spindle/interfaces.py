"""Data: every WIT interface the host offers to guests or takes from them.

For each: the versions, the factor that serves it, and the manifest key that grants what it needs.
Which functions an interface has is the factor's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from spindle.text import nearest_name

Version = str
"""`0.2` for every release 0.2.x, or one exact version; empty for an unversioned package."""


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface in all its versions."""

    name: str
    """`namespace:package/interface`."""
    versions: tuple[Version, ...]
    factor: str
    """The module of `spindle.factors` that serves it, or `trigger` for what triggers call."""
    grant: str | None = None
    """The key of a component that grants what the interface needs; None when nothing is needed."""
    exported: bool = False
    """Whether guests export it instead of importing it."""

    @property
    def package(self) -> str:
        """`namespace:package`."""
        return self.name.partition("/")[0]

    def has(self, version: Version) -> bool:
        """Whether an exact version is hosted."""
        release = _release(version)
        return version in self.versions or (release is not None and release in self.versions)


def _release(version: Version) -> Version | None:
    """`0.2` of `0.2.6`; None for a pre-release, which is compatible with itself only."""
    found = re.fullmatch(r"(\d+)\.(\d+)\.\d+", version)
    return None if found is None else f"{found[1]}.{found[2]}"


_RC_2023 = ("0.2.0-rc-2023-10-18", "0.2.0-rc-2023-11-10")
_RC_3 = "0.3.0-rc-2026-03-15"
_ALL = ("0.2", "0.3", _RC_3, *_RC_2023)
_TWO = ("0.2", *_RC_2023)
_THREE = ("0.3", _RC_3)


def _each(
    package: str,
    names: Iterable[str],
    versions: tuple[Version, ...],
    factor: str,
    grant: str | None = None,
    *,
    exported: bool = False,
) -> Iterator[Interface]:
    for name in names:
        yield Interface(f"{package}/{name}", versions, factor, grant, exported)


_HOSTS = "allowed_outbound_hosts"
_CLI = (
    "environment",
    "exit",
    "stderr",
    "stdin",
    "stdout",
    "terminal-input",
    "terminal-output",
    "terminal-stderr",
    "terminal-stdin",
    "terminal-stdout",
)
_SOCKETS = ("instance-network", "network", "tcp", "tcp-create-socket", "udp", "udp-create-socket")

INTERFACES: tuple[Interface, ...] = (
    *_each("wasi:cli", _CLI, _ALL, "wasi.cli"),
    *_each("wasi:cli", ("types",), _THREE, "wasi.cli"),
    *_each("wasi:clocks", ("monotonic-clock",), _ALL, "wasi.clocks"),
    *_each("wasi:clocks", ("wall-clock",), _TWO, "wasi.clocks"),
    *_each("wasi:clocks", ("system-clock", "types"), _THREE, "wasi.clocks"),
    *_each("wasi:clocks", ("timezone",), _ALL, "wasi.clocks"),
    *_each("wasi:filesystem", ("preopens", "types"), _ALL, "wasi.filesystem", "files"),
    *_each("wasi:http", ("types",), _ALL, "wasi.http"),
    *_each("wasi:http", ("outgoing-handler",), _TWO, "outbound_http", _HOSTS),
    *_each("wasi:http", ("client",), _THREE, "outbound_http", _HOSTS),
    *_each("wasi:io", ("poll", "streams"), _TWO, "wasi.io"),
    *_each("wasi:io", ("error",), ("0.2", _RC_2023[1]), "wasi.io"),
    *_each("wasi:random", ("insecure", "insecure-seed", "random"), _ALL, "wasi.random"),
    *_each("wasi:sockets", ("ip-name-lookup",), _ALL, "wasi.sockets", _HOSTS),
    *_each("wasi:sockets", _SOCKETS, _TWO, "wasi.sockets", _HOSTS),
    *_each("wasi:sockets", ("types",), _THREE, "wasi.sockets", _HOSTS),
    *_each(
        "wasi:keyvalue",
        ("atomics", "batch", "store"),
        ("0.2.0-draft2",),
        "key_value",
        "key_value_stores",
    ),
    Interface("wasi:config/store", ("0.2.0-draft-2024-09-27",), "variables", "variables"),
    *_each("wasi:otel", ("logs", "metrics", "tracing", "types"), ("0.2.0-rc.2",), "otel"),
    Interface("fermyon:spin/config", ("",), "variables", "variables"),
    *_each("fermyon:spin", ("http", "http-types"), ("",), "outbound_http", _HOSTS),
    Interface("fermyon:spin/key-value", ("", "2.0.0"), "key_value", "key_value_stores"),
    Interface("fermyon:spin/llm", ("", "2.0.0"), "llm", "ai_models"),
    Interface("fermyon:spin/mqtt", ("2.0.0",), "mqtt", _HOSTS),
    Interface("fermyon:spin/mysql", ("", "2.0.0"), "mysql", _HOSTS),
    Interface("fermyon:spin/postgres", ("", "2.0.0"), "postgres", _HOSTS),
    Interface("fermyon:spin/rdbms-types", ("", "2.0.0"), "postgres", _HOSTS),
    Interface("fermyon:spin/redis", ("", "2.0.0"), "redis", _HOSTS),
    Interface("fermyon:spin/redis-types", ("",), "redis"),
    Interface("fermyon:spin/sqlite", ("", "2.0.0"), "sqlite", "sqlite_databases"),
    Interface("fermyon:spin/variables", ("2.0.0",), "variables", "variables"),
    Interface("spin:key-value/key-value", ("3.0.0",), "key_value", "key_value_stores"),
    Interface("spin:mqtt/mqtt", ("3.0.0",), "mqtt", _HOSTS),
    Interface("spin:mysql/mysql", ("3.0.0",), "mysql", _HOSTS),
    Interface("spin:postgres/postgres", ("3.0.0", "4.0.0", "4.1.0", "4.2.0"), "postgres", _HOSTS),
    Interface("spin:redis/redis", ("3.0.0",), "redis", _HOSTS),
    Interface("spin:sqlite/sqlite", ("3.0.0", "3.1.0"), "sqlite", "sqlite_databases"),
    Interface("spin:variables/variables", ("3.0.0",), "variables", "variables"),
    *_each("wasi:http", ("incoming-handler",), _TWO, "trigger", exported=True),
    *_each("wasi:http", ("handler",), _THREE, "trigger", exported=True),
    *_each("wasi:cli", ("run",), _ALL, "trigger", exported=True),
    *_each("fermyon:spin", ("inbound-http", "inbound-redis"), ("",), "trigger", exported=True),
    Interface("spin:redis/inbound-redis", ("3.0.0",), "trigger", exported=True),
    # Types alone, of the functions that triggers call.
    Interface("fermyon:spin-cron/cron-types", ("2.0.0",), "trigger"),
    Interface("spin:cron/cron-types", ("3.0.0",), "trigger"),
    Interface("spin:mqtt-trigger/spin-mqtt-types", ("", "3.0.0"), "trigger"),
)

_BY_NAME = {interface.name: interface for interface in INTERFACES}


def find_interface(name: str) -> Interface | None:
    """The interface of a full name, `namespace:package/interface[@version]`, if hosted."""
    bare, _, version = name.partition("@")
    interface = _BY_NAME.get(bare)
    return interface if interface is not None and interface.has(version) else None


def nearest_interface(name: str) -> str | None:
    """The hosted interface a full name most likely means, with its versions."""
    bare = name.partition("@")[0]
    near = bare if bare in _BY_NAME else nearest_name(bare, _BY_NAME)
    if near is None:
        return None
    versions = [f"{v}.x" if _is_release(v) else v for v in _BY_NAME[near].versions if v]
    return f"{near}@{', '.join(versions)}" if versions else near


def _is_release(version: Version) -> bool:
    return re.fullmatch(r"\d+\.\d+", version) is not None


HANDLER = "wasi:http/handler"
"""Who imports and exports it is middleware."""


class Import(NamedTuple):
    """One imported interface, or something imported by a plain name."""

    name: str
    interface: Interface | None
    """What the host knows of it; None if it must come from a dependency."""
    nearest: str | None
    """An interface of the host that may be meant, if this is none."""

    @property
    def grant(self) -> str | None:
        """The key of a component in a manifest that grants what it needs."""
        return self.interface.grant if self.interface is not None else None


def needed_imports(names: Iterable[str]) -> tuple[Import, ...]:
    """What the host says to each import."""
    return tuple(
        Import(name, interface, None if interface is not None else nearest_interface(name))
        for name, interface in ((name, find_interface(name)) for name in names)
    )
