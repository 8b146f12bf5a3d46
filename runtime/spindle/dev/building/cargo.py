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
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from spindle.component.cache_files import DAY, cache_root
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
    if (
        not any(Path(words[0]).stem == "cargo" for words in simple_commands(command))
        or any(environment.get(name) for name in (*_SAID_BY, _KEEPS_TARGETS))
        or any(_has_own(place) for place in (workdir, *workdir.parents))
        or any(_is_said(config) for config in _configs(workdir, environment))
    ):
        return {}
    with suppress(OSError):
        return {VARIABLE: str(_directory(cache_root() / "cargo", time.time()))}
    return {}


def _has_own(place: Path) -> bool:
    return next((place / "target").glob("*/*/.fingerprint"), None) is not None


def _configs(workdir: Path, environment: Mapping[str, str]) -> Iterator[Path]:
    home = environment.get("CARGO_HOME")
    own = Path(home) if home else Path.home() / ".cargo"
    for directory in (own, *(place / ".cargo" for place in (workdir, *workdir.parents))):
        yield from (directory / "config.toml", directory / "config")


def _is_said(config: Path) -> bool:
    with suppress(OSError, ValueError):
        build: Any = tomllib.loads(config.read_text(encoding="utf-8")).get("build")
        return isinstance(build, dict) and not build.keys().isdisjoint(("target-dir", "build-dir"))
    return False


def _directory(root: Path, now: float) -> Path:
    """The directory whose turn it is, in use from now on; raises `OSError`."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    numbers = sorted(int(each.name) for each in root.iterdir() if each.name.isdecimal())
    *old, present = numbers or [1]
    mark = root / "tidied"
    if not mark.exists() or now - mark.stat().st_mtime > DAY:
        mark.touch()
        for number in old:
            if now - (root / str(number)).stat().st_mtime > DAY:
                shutil.rmtree(root / str(number), ignore_errors=True)
        if _size(root / str(present)) > MOST_BYTES:
            present += 1
    directory = root / str(present)
    directory.mkdir(exist_ok=True)
    os.utime(directory)
    return directory


def _size(directory: Path) -> int:
    """Bytes of all files below."""
    total = 0
    for place, _, names in os.walk(directory):
        for name in names:
            with suppress(OSError):
                total += (Path(place) / name).lstat().st_size
    return total
