"""WASI: one implementation, offered to guests of every version that is alike."""

from __future__ import annotations

from collections.abc import Mapping

from spindle.component.host import HostInterface
from spindle.factors.wasi import cli, clocks, random
from spindle.factors.wasi.filesystem import interface as filesystem
from spindle.factors.wasi.http import types02, types03
from spindle.factors.wasi.io import interface as io
from spindle.factors.wasi.sockets import interface02 as sockets02
from spindle.factors.wasi.sockets import interface03 as sockets03

VERSIONS_0_3 = ("0.3.0", "0.3.0-rc-2026-03-15")

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


def wasi_interfaces() -> dict[str, HostInterface]:
    """Every WASI interface by its name, a version each; compatible ones are the linker's affair."""
    versions = [("0.2.6", _PACKAGES_0_2)] + [(v, _PACKAGES_0_3) for v in VERSIONS_0_3]
    return {
        f"wasi:{package}/{name}@{version}": interface
        for version, packages in versions
        for package, interfaces in packages.items()
        for name, interface in interfaces.items()
    }
