"""The WIT of Spin's interfaces, as Spin's Python SDK brings it, for guests of other languages."""

import re
import shutil
from pathlib import Path

UNWANTED = re.compile(r"20(23|26)-\d\d-\d\d|^spin@[34]")
"""Packages of release candidates, and those that only gather other packages."""

ASYNCHRONOUS = re.compile(r"^(\s*@\w+\(.*\)\s*\n)*.*\basync func\b.*$", re.MULTILINE)
"""A function with its attributes that bindings of WASI 0.2 have no word for."""


def lay_out_wit(sdk: Path, world: Path, target: Path) -> None:
    """Write at `target` a world and the packages it may import, without asynchronous functions.

    `sdk` is the folder `wit` of the SDK.
    """
    for package in (path for path in (sdk / "deps").iterdir() if path.is_dir()):
        if not UNWANTED.search(package.name):
            _copy_package(package, target / "deps" / package.name)
    shutil.copy(world, target)


def _copy_package(package: Path, target: Path) -> None:
    target.mkdir(parents=True)
    for file in package.glob("*.wit"):
        text = ASYNCHRONOUS.sub("", file.read_text())
        if package.name.startswith("spin@") and file.name == "world.wit":
            text = text[: text.index(";") + 1]  # its worlds import what is left out
        (target / file.name).write_text(text)
