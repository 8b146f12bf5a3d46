"""Outlines of files, kept until a file changes."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from stat import S_ISREG
from typing import NamedTuple

from spindle.wasm.outline import Outline, read_outline
from spindle.wasm.provenance import Provenance, provenance_of
from spindle.wasm.reader import DecodeError
from spindle.wasm.skimming import skimmed


class WasmFile(NamedTuple):
    """A wasm file as it was when it was last looked at."""

    path: Path
    size: int
    """In bytes."""
    modified: float
    """When, in seconds since the epoch."""
    outline: Outline
    provenance: Provenance


def look_at(path: Path) -> WasmFile | None:
    """What a file is; None when it is not there or is no wasm that can be read."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    if not S_ISREG(status.st_mode):
        # To open a pipe is to wait for whoever writes to it.
        return None
    return _look(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=1024)
def _look(path: Path, size: int, time: int) -> WasmFile | None:
    try:
        with path.open("rb", buffering=0) as file:
            outline = read_outline(skimmed(file, size))
            return WasmFile(path, size, time / 1e9, outline, provenance_of(outline))
    except (OSError, ValueError, DecodeError):
        return None
