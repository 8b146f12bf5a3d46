"""Plans kept in files, and which component a file held when last looked at.

A component is known by the SHA-256 of its bytes. So that a large file need not be read to learn
it, a note by the file's path remembers it together with size, time of change and inode.

A plan is a pickle of our own classes: one of another version of the planner is not looked at. Its
SHA-256 lies before it, for a pickle with a few other bytes may ask for any amount of memory.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import pickle
import time
from pathlib import Path

from spindle.component.cache_files import is_sealed, note_use, write_file, write_sealed
from spindle.component.collection import uncollected
from spindle.component.plan import Plan

SETTLED = 0.05
"""Seconds after which a file's time of change tells a later change from this one."""


class PlanCache:
    """Plans in a directory; without one, none are kept."""

    def __init__(self, directory: Path | None) -> None:
        self.directory = directory

    def digest_of(self, path: Path) -> str | None:
        """The digest of the component a file holds, if it has not changed since it was noted."""
        if self.directory is None:
            return None
        with contextlib.suppress(OSError, ValueError):
            stamp, digest = self._note(path).read_text().split(" ")
            if stamp == stamp_of(path.stat()):
                return digest
        return None

    def note(self, path: Path, status: os.stat_result, digest: str) -> None:
        """Remember what a file held when it had this status."""
        if self.directory is not None and time.time() - status.st_mtime > SETTLED:
            write_file(self._note(path), f"{stamp_of(status)} {digest}".encode())

    def load(self, digest: str) -> Plan | None:
        """The plan of a component, if one is kept."""
        if self.directory is None:
            return None
        path = self._plan(digest)
        try:
            data = path.read_bytes() if is_sealed(path) else b""
        except OSError:
            return None
        note_use(path)
        return unpickle(memoryview(data)) if is_whole(data) else None

    def store(self, digest: str, plan: Plan) -> None:
        """Keep a plan."""
        if self.directory is not None:
            data = pickle.dumps(plan, pickle.HIGHEST_PROTOCOL)
            write_sealed(self._plan(digest), hashlib.sha256(data).digest() + data)

    def _note(self, path: Path) -> Path:
        assert self.directory is not None
        name = hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:32]
        return self.directory / f"{name}.file"

    def _plan(self, digest: str) -> Path:
        assert self.directory is not None
        return self.directory / f"{digest}-{planner_id()}.plan"


def stamp_of(status: os.stat_result) -> str:
    """What changes when a file does."""
    return f"{status.st_size}:{status.st_mtime_ns}:{status.st_ino}:{status.st_dev}"


@functools.cache
def planner_id() -> str:
    """Tells one version of the code that makes plans from another."""
    component = Path(__file__).parent
    sources = [*component.glob("plan*.py"), component / "signatures.txt"]
    for package in ("wasm", "composition", "componentize"):
        sources += (component.parent / package).glob("*.py")
    files = [source.stat() for source in sorted(sources)]
    marks = " ".join(f"{file.st_size}:{file.st_mtime_ns}" for file in files)
    return hashlib.sha256(marks.encode()).hexdigest()[:12]


DIGEST_SIZE = 32


def is_whole(data: bytes) -> bool:
    """Whether a file's bytes are those that were written."""
    return hashlib.sha256(memoryview(data)[DIGEST_SIZE:]).digest() == data[:DIGEST_SIZE]


def unpickle(data: memoryview) -> Plan | None:
    """The plan in a file's bytes; None if it is another thing."""
    try:
        with uncollected():
            plan = pickle.loads(data[DIGEST_SIZE:])
    except Exception:  # whatever is wrong with it, it can be made again
        return None
    return plan if isinstance(plan, Plan) else None
