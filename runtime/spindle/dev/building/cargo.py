"""What cargo compiles for one application serves the next: they have most packages in common.

Cargo keeps what it compiles on the way in its build directory, apart from what it makes (since
1.91; what it is told here has no effect before). Applications share one, `<number>` in a directory
of the cache. Once it is too large the next number has its turn, and it goes when its use is over.
"""

from __future__ import annotations

import os
import shutil
import time
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from spindle.component.cache_files import DAY, cache_root, is_due, size_of
from spindle.dev.building.shell_commands import simple_commands

VARIABLE = "CARGO_BUILD_BUILD_DIR"
MOST_BYTES = 4 << 30
"""After which a new directory is begun."""
_SAID_BY = (VARIABLE, "CARGO_BUILD_TARGET_DIR", "CARGO_TARGET_DIR")
_KEEPS_TARGETS = "CI"
"""Says that this runs where `target` is what is kept for the next time."""


def cargo_variables(
    command: str, workdir: Path, environment: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """What has a build command's cargo share what it compiles.

    That is nothing where the person says by variables or cargo's configuration where it compiles,
    where its own `target` has been compiled to, and where the shared directory can't be written.
    """
    workdir = workdir.absolute()
    places = (workdir, *workdir.parents)
    tables = build_tables((_home(environment), *(place / ".cargo" for place in places)))
    if (
        not any(Path(words[0]).stem == "cargo" for words in simple_commands(command))
        or any(environment.get(name) for name in (*_SAID_BY, _KEEPS_TARGETS))
        or any(map(_has_own, places))
        or any(not table.keys().isdisjoint(("target-dir", "build-dir")) for table in tables)
    ):
        return {}
    with suppress(OSError):
        return {VARIABLE: str(_directory(cache_root() / "cargo", time.time()))}
    return {}


def _has_own(place: Path) -> bool:
    return next((place / "target").glob("*/*/.fingerprint"), None) is not None


def build_tables(directories: Iterable[Path]) -> Iterator[Mapping[str, Any]]:
    """The `build` tables of cargo's configuration in these directories, in their order."""
    for directory in directories:
        for name in ("config.toml", "config"):
            try:
                table = tomllib.loads((directory / name).read_text("utf-8")).get("build")
            except (OSError, ValueError):
                continue
            if isinstance(table, dict):
                yield table


def _home(environment: Mapping[str, str]) -> Path:
    said = environment.get("CARGO_HOME")
    return Path(said) if said else Path.home() / ".cargo"


def _directory(root: Path, now: float) -> Path:
    """The directory whose turn it is, in use from now on; raises `OSError`."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    numbers = sorted(int(each.name) for each in root.iterdir() if each.name.isdecimal())
    *old, present = numbers or [1]
    if is_due(root / "tidied", now, DAY):
        for number in old:
            if now - (root / str(number)).stat().st_mtime > DAY:
                shutil.rmtree(root / str(number), ignore_errors=True)
        if size_of(root / str(present)) > MOST_BYTES:
            present += 1
    directory = root / str(present)
    directory.mkdir(exist_ok=True)
    os.utime(directory)
    return directory
