"""Data: the worlds of Spin's own environments, `spin-up:3.2` and so on, by the names in them.

Source: Spin's `wit/`, of the releases named here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from spindle.interfaces import INTERFACES
from spindle.targets.definition import CHAINING, Definition, Support, WorldRef
from spindle.targets.worlds import World

NAMESPACE = "spin:up"

_WASI = ("cli", "clocks", "filesystem", "http", "io", "random", "sockets")
_Packages = Mapping[str, tuple[str, ...]]

_IN_3_2: _Packages = {
    **{f"wasi:{package}": ("0.2",) for package in _WASI},
    "fermyon:spin": ("2.0.0",),
    "wasi:keyvalue": ("0.2.0-draft2",),
    "wasi:config": ("0.2.0-draft-2024-09-27",),
    "spin:postgres": ("3.0.0",),
    "spin:sqlite": ("3.0.0",),
}
_IN_3_4: _Packages = {**_IN_3_2, "spin:postgres": ("3.0.0", "4.0.0")}
_IN_4_0: _Packages = {
    **_IN_3_4,
    **{f"wasi:{package}": ("0.2", "0.3.0-rc-2026-03-15") for package in _WASI},
    "spin:key-value": ("3.0.0",),
    "spin:mqtt": ("3.0.0",),
    "spin:mysql": ("3.0.0",),
    "spin:postgres": ("3.0.0", "4.2.0"),
    "spin:redis": ("3.0.0",),
    "spin:sqlite": ("3.1.0",),
    "spin:variables": ("3.0.0",),
}
_IN_4_1: _Packages = {
    **_IN_4_0,
    **{f"wasi:{package}": ("0.2", "0.3", "0.3.0-rc-2026-03-15") for package in _WASI},
}

_P2 = "wasi:http/incoming-handler@0.2.0"
_RC = "wasi:http/handler@0.3.0-rc-2026-03-15"
_REDIS = ("spin:redis/inbound-redis@3.0.0", "fermyon:spin/inbound-redis")

_RELEASES: Mapping[str, tuple[_Packages, Mapping[str, tuple[str, ...]]]] = {
    "3.2": (_IN_3_2, {"http": (_P2,)}),
    "3.4": (_IN_3_4, {"http": (_P2,)}),
    # The candidates of WASI 0.3 of their time, which nothing makes any more, are left out.
    "3.5": (_IN_3_4, {"http": (_P2,)}),
    "3.6": (_IN_3_4, {"http": (_P2,)}),
    "4.0": (_IN_4_0, {"http": (_P2, _RC), "redis": _REDIS}),
    "4.1": (_IN_4_1, {"http": (_P2, _RC, "wasi:http/handler@0.3.0"), "redis": _REDIS}),
}
"""By release: packages with their versions, and what each trigger calls of a component."""

NAMES = tuple(f"spin-up@{release}" for release in _RELEASES)


def definition_of(name: str) -> Definition | None:
    """The environment of a normalized name, `spin-up@3.2`; None if it isn't known here."""
    prefix, _, release = name.partition("@")
    if prefix != "spin-up" or release not in _RELEASES:
        return None
    triggers = {
        kind: Support((_ref(f"{kind}-trigger", release),), (CHAINING,))
        for kind in _RELEASES[release][1]
    }
    return Definition(name, triggers, Support((_ref("platform", release),)))


def worlds_of(ref: WorldRef) -> tuple[World, ...]:
    """What a world of Spin's own can be, an alternative for each handler; none if unknown here."""
    name = ref.name
    release = (name.version or "").removesuffix(".0")
    if f"{name.namespace}:{name.package}" != NAMESPACE or release not in _RELEASES:
        return ()
    packages, handlers = _RELEASES[release]
    imports = dict.fromkeys(_imports(packages))
    if name.interface == "platform":
        return (World(ref.world, imports, {}),)
    kind = name.interface.removesuffix("-trigger")
    return tuple(World(ref.world, imports, {each: None}) for each in handlers.get(kind, ()))


def _ref(world: str, release: str) -> WorldRef:
    return WorldRef(f"{NAMESPACE}/{world}@{release}.0")


def _imports(packages: _Packages) -> Iterator[str]:
    for interface in INTERFACES:
        for version in packages.get(interface.package, ()) if not interface.exported else ():
            if interface.has(version) or version in interface.versions:
                yield f"{interface.name}@{version}"
