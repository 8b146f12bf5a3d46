"""How often something happens, over the last seconds."""

from __future__ import annotations

import time
from collections import deque

SECONDS = 5.0


class Rate:
    """Counts of what happened, by when."""

    def __init__(self) -> None:
        self._counts: deque[tuple[float, int]] = deque()

    def add(self, count: int, at: float) -> None:
        """Note that so many happened until `at`, in seconds since the epoch."""
        self._counts.append((at, count))

    def now(self, at: float | None = None) -> float:
        """How many a second there were lately."""
        since = (time.time() if at is None else at) - SECONDS
        while self._counts and self._counts[0][0] < since:
            self._counts.popleft()
        return sum(count for _, count in self._counts) / SECONDS
