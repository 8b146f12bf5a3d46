"""Reading what a person's definition names, which may be anything."""

from __future__ import annotations

from pathlib import Path
from stat import S_ISREG


def read_file(path: Path, most: int) -> bytes:
    """A regular file of at most so many bytes; raises `OSError` and `ValueError`."""
    status = path.stat()
    if not S_ISREG(status.st_mode):
        raise ValueError("it is no file")
    if status.st_size > most:
        raise ValueError(f"it is larger than {most >> 20} MiB")
    return path.read_bytes()
