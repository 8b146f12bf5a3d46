"""Builds of several processes in one directory take turns, for they share its files."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

DIRECTORY = Path(".spin") / "spindle" / "locks"
WAIT = 0.05
"""Seconds between looks at a lock that another process has."""


@asynccontextmanager
async def turn_in(workdir: Path, root: Path, on_wait: Callable[[], None]) -> AsyncIterator[None]:
    """Be the one that builds in a directory of the application in `root`.

    `on_wait` is told if that takes longer than a moment. Where there can be no lock nobody waits.
    The system lets go of the locks of a process that ends.
    """
    file = _opened(workdir, root)
    if file is None:
        yield
        return
    with file:
        waited = False
        while not _locked(file):
            if not waited:
                on_wait()
            waited = True
            await asyncio.sleep(WAIT)
        yield


def _opened(workdir: Path, root: Path) -> BinaryIO | None:
    name = hashlib.blake2b(str(workdir).encode(errors="replace"), digest_size=8).hexdigest()
    try:
        (root / DIRECTORY).mkdir(parents=True, exist_ok=True)
        return (root / DIRECTORY / name).open("ab")
    except OSError:  # a full disk, or one that can't be written to
        return None


def _locked(file: BinaryIO) -> bool:
    """Whether the lock is had now; it ends with the file."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # a file system without locks
        return True
    return True
