"""What has changed: from paths that something happened to, to files that say something else."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple

from spindle.dev.watching.interests import Interest, Kind, files_of

HASHED = 4 << 20
"""Bytes up to which a file's content is compared; beyond, its size and time are."""


LOOKED_AT = 2000
"""Files of one pattern that are looked at one by one."""


class Changes(NamedTuple):
    """Files whose content changed, that appeared, or that went; absolute paths, sorted."""

    by_interest: dict[Interest, tuple[str, ...]]

    @property
    def paths(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(sorted({path for paths in self.by_interest.values() for path in paths}))

    def of(self, kind: Kind) -> dict[str | None, tuple[str, ...]]:
        """Those of one kind, by component."""
        found: dict[str | None, tuple[str, ...]] = {}
        for interest, paths in self.by_interest.items():
            if interest.kind is kind:
                found[interest.component] = (*found.get(interest.component, ()), *paths)
        return found


class Contents:
    """What files said when last looked at."""

    def __init__(self) -> None:
        self._stamps: dict[str, bytes | None] = {}

    def knows(self, path: str) -> bool:
        """Whether a file was ever looked at."""
        return path in self._stamps

    def below(self, directory: str) -> list[str]:
        """The files known to be, or to have been, below a directory."""
        lead = directory + os.sep
        return [path for path in self._stamps if path.startswith(lead)]

    def look_at(self, paths: Iterable[str]) -> None:
        """Remember what files say now."""
        for path in paths:
            self._stamps[path] = stamp(path)

    def changed(self, path: str) -> bool:
        """Whether a file says something else than when last looked at; remembers what.

        One that was never looked at has changed.
        """
        now = stamp(path)
        known = path in self._stamps
        before = self._stamps.get(path)
        self._stamps[path] = now
        return not known or now != before


def stamp(path: str) -> bytes | None:
    """What stands for a file's content; None if there is no such file."""
    try:
        found = os.stat(path)  # noqa: PTH116  # of many files a `Path` each takes longer
        if found.st_size > HASHED:
            return f"{found.st_size} {found.st_mtime_ns} {found.st_ino}".encode()
        with open(path, "rb") as file:  # noqa: PTH123
            return hashlib.blake2b(file.read(), digest_size=16).digest()
    except (OSError, ValueError):
        return None


def sorted_out(paths: Iterable[str], interests: Sequence[Interest]) -> Changes:
    """Changed files by whom they are of interest to."""
    found: dict[Interest, list[str]] = {}
    for path in sorted(set(paths)):
        for interest in interests:
            if interest.has(path):
                found.setdefault(interest, []).append(path)
    return Changes({interest: tuple(changed) for interest, changed in found.items()})


def changed_since(interests: Sequence[Interest], moment: float) -> Changes:
    """The files that were changed after a moment, in seconds since the epoch."""
    late = []
    for interest in interests:
        for path in files_of(interest, LOOKED_AT):
            with suppress(OSError):
                if os.stat(path).st_mtime > moment:  # noqa: PTH116  # as in `stamp`
                    late.append(path)
    return sorted_out(late, interests)
