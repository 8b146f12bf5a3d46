"""Durations in buckets that widen with them: any quantile to an eighth, in constant space.

A bucket is known by the position of the highest bit of a duration and the three bits below it, so
that the bounds of one are at most an eighth apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

_BITS = 3


class Histogram:
    """Counts of durations in nanoseconds."""

    __slots__ = ("_counts", "longest", "total")

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self.total = 0
        self.longest = 0

    def add(self, duration: int) -> None:
        """Count one."""
        shift = duration.bit_length() - _BITS - 1
        bucket = duration if shift <= 0 else (shift << _BITS) + (duration >> shift)
        counts = self._counts
        counts[bucket] = counts.get(bucket, 0) + 1
        self.total += 1
        if duration > self.longest:
            self.longest = duration

    def merge(self, others: Iterable[Histogram]) -> None:
        """Count all that others have counted."""
        for other in others:
            for bucket, count in other._counts.items():
                self._counts[bucket] = self._counts.get(bucket, 0) + count
            self.total += other.total
            self.longest = max(self.longest, other.longest)

    def quantile(self, share: float) -> int | None:
        """What at least that share took at most; None if there is nothing."""
        wanted, seen = max(1, math.ceil(share * self.total)), 0
        for bound, count in self.buckets():
            seen += count
            if seen >= wanted:
                return min(bound, self.longest)
        return None

    def buckets(self) -> Iterator[tuple[int, int]]:
        """`(the longest duration of a bucket, how many)`, ascending; empty ones are left out."""
        for bucket in sorted(self._counts):
            yield _bound(bucket), self._counts[bucket]


def _bound(bucket: int) -> int:
    shift = (bucket >> _BITS) - 1
    if shift <= 0:
        return bucket
    return ((bucket - (shift << _BITS) + 1) << shift) - 1
