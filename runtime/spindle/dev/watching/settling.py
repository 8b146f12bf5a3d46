"""Waiting until a save is over: editors do several things to a file, checkouts to many."""

from __future__ import annotations

from collections.abc import Collection

QUIET = 0.010
"""Seconds without news after which a save is over."""
LONGEST = 0.5
"""Seconds after the first news at which what has come is looked at whatever goes on."""


class Settling:
    """Gathers news until there has been none for a while; times are seconds on any clock."""

    def __init__(self, quiet: float = QUIET, longest: float = LONGEST) -> None:
        self._quiet = quiet
        self._longest = longest
        self._paths: set[str] = set()
        self._first = 0.0
        self._last = 0.0

    def add(self, path: str, now: float) -> None:
        """Something happened to a path."""
        if not self._paths:
            self._first = now
        self._last = now
        self._paths.add(path)

    def due(self) -> float | None:
        """When to look at what has come; None if nothing has."""
        if not self._paths:
            return None
        return min(self._last + self._quiet, self._first + self._longest)

    @property
    def paths(self) -> Collection[str]:
        """What has come so far."""
        return self._paths

    def since(self) -> float:
        """When the first of what has come did."""
        return self._first

    def take(self) -> set[str]:
        """What has come, which is then forgotten."""
        paths, self._paths = self._paths, set()
        return paths
