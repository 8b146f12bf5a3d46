"""What is counted of one kind of exchanges."""

from __future__ import annotations

from collections.abc import Iterable

from spindle.dev.statistics.histogram import Histogram
from spindle.dev.statistics.rate import Rate


class Tally:
    """How many, how many failed, how long they took, and how often they come."""

    __slots__ = ("errors", "rate", "took")

    def __init__(self) -> None:
        self.errors = 0
        self.took = Histogram()
        self.rate = Rate()

    @property
    def count(self) -> int:
        """How many."""
        return self.took.total

    def microseconds(self, share: float) -> float | None:
        """What at least that share took at most; None if there were none."""
        took = self.took.quantile(share)
        return None if took is None else took / 1000


def together(tallies: Iterable[Tally]) -> tuple[Histogram, int]:
    """What several took, and how many of them failed."""
    all_of_them = list(tallies)
    took = Histogram()
    took.merge(tally.took for tally in all_of_them)
    return took, sum(tally.errors for tally in all_of_them)
