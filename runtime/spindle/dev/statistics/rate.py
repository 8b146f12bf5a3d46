"""How often something happens, lately."""

from __future__ import annotations

WINDOW = 10
"""Whole seconds that count as lately."""
_SLOTS = WINDOW + 1
"""One more, for the second that is not over."""


class Rate:
    """Counts by second, of the last few."""

    __slots__ = ("_counts", "_seconds")

    def __init__(self) -> None:
        self._seconds = [0] * _SLOTS
        self._counts = [0] * _SLOTS

    def add(self, second: int) -> None:
        """Count one thing in a second, of any clock."""
        slot = second % _SLOTS
        if self._seconds[slot] != second:
            self._seconds[slot] = second
            self._counts[slot] = 0
        self._counts[slot] += 1

    def lately(self, now: float, since: float) -> float:
        """A second's share of what was counted in the last whole seconds; none before `since`.

        Where no second is over yet, what has been counted is all there is to go by.
        """
        last = int(now)
        seconds = min(WINDOW, last - int(since))
        if seconds <= 0:
            return float(self._between(last, last))
        return self._between(last - seconds, last - 1) / seconds

    def _between(self, first: int, last: int) -> int:
        pairs = zip(self._seconds, self._counts, strict=True)
        return sum(count for second, count in pairs if first <= second <= last)
