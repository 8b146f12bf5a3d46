"""Files that can be made again: written whole or not at all, and thrown away when long unused.

A *sealed* file is one that somebody maps and trusts. Its seal, a small file beside it, is written
after it and says how it looked then: what was damaged, cut short or changed since is not used. A
seal's own time of change says when it was last of use, give or take a day.

Several hosts may share a directory: whatever one of them removes, the others make again.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

DAY = 24 * 60 * 60.0
KEPT_DAYS = 30
"""How long what is not used is kept."""
MOST_BYTES = 4 << 30
"""How much is kept in all."""


def cache_root() -> Path:
    """The directory of everything that can be made again: `~/.cache/spindle` unless XDG differs."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "spindle"


def write_file(path: Path, data: bytes) -> os.stat_result | None:
    """Write a file; what it then looks like, or None: a cache that can't be written is no fault."""
    import tempfile  # here, for a start that finds all it needs writes nothing

    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            status = Path(name).stat()
            Path(name).replace(path)
            return status
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    return None


def write_sealed(path: Path, data: bytes) -> None:
    """Write a file and its seal."""
    status = write_file(path, data)
    if status is not None:
        write_file(_seal(path), _looks(status))


def is_sealed(path: Path) -> bool:
    """Whether a file is there as it was written."""
    with contextlib.suppress(OSError):
        return _seal(path).read_bytes() == _looks(path.stat())
    return False


def note_use(path: Path) -> None:
    """Remember that a sealed file is of use."""
    with contextlib.suppress(OSError):
        _touch(_seal(path))


def prune(root: Path, now: float) -> None:
    """Remove what was long of no use, then what is too much; does nothing most of the time.

    `now` is seconds since the epoch.
    """
    with contextlib.suppress(OSError):
        if not is_due(root / "pruned", now, DAY):
            return
        total = 0
        for kept in sorted(_kept(root), key=lambda kept: -kept.used):
            total += kept.size
            if now - kept.used > KEPT_DAYS * DAY or total > MOST_BYTES:
                for path in kept.paths:
                    path.unlink(missing_ok=True)


def is_due(mark: Path, now: float, every: float) -> bool:
    """Whether what a file marks was not done for so many seconds; from now on it was, then.

    Raises `OSError`.
    """
    if mark.exists() and now - mark.stat().st_mtime < every:
        return False
    mark.touch()
    return True


def size_of(directory: Path) -> int:
    """Bytes of all files below a directory, none if there is none."""
    total = 0
    for parent, _, names in os.walk(directory):
        for name in names:
            with contextlib.suppress(OSError):
                total += (Path(parent) / name).lstat().st_size
    return total


class _Kept(NamedTuple):
    """Files that belong together, for their names are the same up to the first dot."""

    used: float
    size: int
    paths: tuple[Path, ...]


def _kept(root: Path) -> Iterator[_Kept]:
    def stem(path: Path) -> str:
        return path.name.partition(".")[0]

    for directory in (root / "modules", root / "plans"):
        files = sorted(directory.iterdir(), key=stem) if directory.exists() else []
        for _, group in groupby(files, stem):
            paths = tuple(group)
            states = [path.stat() for path in paths]
            used = max(state.st_mtime for state in states)
            yield _Kept(used, sum(state.st_size for state in states), paths)


def _seal(path: Path) -> Path:
    return path.with_suffix(".seal")


def _looks(status: os.stat_result) -> bytes:
    return b"%d:%d" % (status.st_size, status.st_mtime_ns)


def _touch(path: Path) -> None:
    if time.time() - path.stat().st_mtime > DAY:
        os.utime(path)
