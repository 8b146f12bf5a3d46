"""Telling whether a file has changed, for what is read of files at each keystroke."""

from __future__ import annotations

import os
from pathlib import Path

Stamp = tuple[int, int]
"""A file's size, and when it was changed in nanoseconds."""


def stamp_of(path: str | Path) -> Stamp | None:
    """What differs once a file has changed; None when it can't be reached."""
    try:
        # Of many components a `Path` each would take longer than all the rest.
        status = os.stat(path)  # noqa: PTH116  # see above
    except (OSError, ValueError):
        return None
    return status.st_size, status.st_mtime_ns
