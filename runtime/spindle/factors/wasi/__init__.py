"""WASI: one implementation, offered to guests of every version that is alike."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from spindle.app import App, AppComponent
from spindle.component.host import HostInterface
from spindle.factors.factor import Factor
from spindle.factors.state import InstanceState
from spindle.factors.wasi import cli, clocks, random
from spindle.factors.wasi.candidates import PACKAGES_2023_10_18, PACKAGES_2023_11_10
from spindle.factors.wasi.filesystem import interface as filesystem
from spindle.factors.wasi.filesystem.tree import Node, mount_tree, transient_copy
from spindle.factors.wasi.http import types02, types03
from spindle.factors.wasi.io import interface as io
from spindle.factors.wasi.preview1.interface import INTERFACES as PREVIEW1
from spindle.factors.wasi.sockets import interface02 as sockets02
from spindle.factors.wasi.sockets import interface03 as sockets03

_PACKAGES_0_2: Mapping[str, Mapping[str, HostInterface]] = {
    "cli": cli.INTERFACES_0_2,
    "clocks": clocks.INTERFACES_0_2,
    "filesystem": filesystem.INTERFACES_0_2,
    "http": types02.INTERFACES_0_2,
    "io": io.INTERFACES,
    "random": random.INTERFACES_0_2,
    "sockets": sockets02.INTERFACES_0_2,
}
_PACKAGES_0_3: Mapping[str, Mapping[str, HostInterface]] = {
    "cli": cli.INTERFACES_0_3,
    "clocks": clocks.INTERFACES_0_3,
    "filesystem": filesystem.INTERFACES_0_3,
    "http": types03.INTERFACES_0_3,
    "random": random.INTERFACES_0_3,
    "sockets": sockets03.INTERFACES_0_3,
}


_VERSIONS = (
    ("0.2.6", _PACKAGES_0_2),
    ("0.2.0-rc-2023-10-18", PACKAGES_2023_10_18),
    ("0.2.0-rc-2023-11-10", PACKAGES_2023_11_10),
    *((version, _PACKAGES_0_3) for version in ("0.3.0", "0.3.0-rc-2026-03-15")),
)


def wasi_interfaces() -> dict[str, HostInterface]:
    """Every WASI interface by its name, a version each; compatible ones are the linker's affair."""
    versioned = {
        f"wasi:{package}/{name}@{version}": interface
        for version, packages in _VERSIONS
        for package, interfaces in packages.items()
        for name, interface in interfaces.items()
    }
    return {**versioned, **PREVIEW1}


class WasiFactor(Factor):
    """WASI for the components of an application.

    Mounts are read-only, unless `transient` names a directory: then guests write to copies in it.
    """

    def __init__(
        self, environment: Mapping[str, str] | None = None, transient: Path | None = None
    ) -> None:
        self._environment = dict(environment or {})
        """What the command line adds to every component's environment."""
        self._transient = transient
        self._preopens: dict[str, tuple[tuple[str, Node], ...]] = {}

    def init(self) -> Mapping[str, HostInterface]:
        """All of WASI."""
        return wasi_interfaces()

    def configure_app(self, app: App) -> None:
        """Nothing in a manifest can be wrong for WASI alone."""

    def prepare(self, component: AppComponent, state: InstanceState) -> None:
        """Environment and files."""
        state.environment = tuple({**component.environment, **self._environment}.items())
        if component.mounts:
            if component.id not in self._preopens:
                self._preopens[component.id] = self._mounted(component)
            state.preopens = self._preopens[component.id]

    def _mounted(self, component: AppComponent) -> tuple[tuple[str, Node], ...]:
        mounts = component.mounts
        if self._transient is not None:
            mounts = transient_copy(mounts, self._transient / component.id)
        return mount_tree(mounts, writable=self._transient is not None)
