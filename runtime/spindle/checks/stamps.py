"""What there is at a path, and telling whether it has changed, as is asked at each keystroke."""

from __future__ import annotations

import os
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import NamedTuple


class Stamp(NamedTuple):
    """What differs once a file has changed."""

    size: int
    """In bytes."""
    changed: int
    """When, in nanoseconds."""


def stamp_of(path: str | Path) -> Stamp | None:
    """The stamp of a regular file; None when there is none to be reached."""
    status = _status_of(path)
    if status is None or not S_ISREG(status.st_mode):
        return None
    return Stamp(status.st_size, status.st_mtime_ns)


def is_file(path: str | Path) -> bool:
    """Whether there is a regular file, whatever a person wrote as its name."""
    return stamp_of(path) is not None


def is_there(path: str | Path) -> bool:
    """Whether there is anything, whatever a person wrote as its name."""
    return _status_of(path) is not None


def is_directory(path: str | Path) -> bool:
    """Whether there is a directory, whatever a person wrote as its name."""
    status = _status_of(path)
    return status is not None and S_ISDIR(status.st_mode)


def _status_of(path: str | Path) -> os.stat_result | None:
    try:
        # Of many components a `Path` each would take longer than all the rest.
        return os.stat(path)  # noqa: PTH116  # see above
    except (OSError, ValueError):
        return None
