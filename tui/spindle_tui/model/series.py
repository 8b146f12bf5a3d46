"""How figures went over time: bounded series of measurements, and what the host's counts make.

Counts only grow while a host runs; one that shrinks belongs to a host that began anew, and the
rate of that moment is unknown.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

SAMPLES = 1800
"""Measurements kept of a series: half an hour of one a second."""


class Sample(NamedTuple):
    """A measurement; `at` is seconds on any clock that runs evenly."""

    at: float
    value: float


class Series:
    """The last measurements of one figure."""

    __slots__ = ("_samples",)

    def __init__(self, samples: Iterable[Sample] = ()) -> None:
        self._samples = deque(samples, maxlen=SAMPLES)

    def add(self, at: float, value: float | None) -> None:
        """Note a measurement; None is none."""
        if value is not None:
            self._samples.append(Sample(at, value))

    @property
    def last(self) -> float | None:
        return self._samples[-1].value if self._samples else None

    def columns(self, now: float, seconds: float, count: int) -> list[float | None]:
        """The mean of each of so many equal stretches up to now, None where nothing was measured.

        Stretches lie on multiples of their length, so that a chart moves and doesn't flicker.
        """
        step = seconds / count
        end = int(now / step) + 1
        sums, measured = [0.0] * count, [0] * count
        for at, value in reversed(self._samples):
            place = int(at / step) - (end - count)
            if place < 0:
                break
            if place < count:
                sums[place] += value
                measured[place] += 1
        return [total / n if n else None for total, n in zip(sums, measured, strict=True)]


def filled(columns: list[float | None], reach: int) -> list[float | None]:
    """Columns with gaps of up to `reach` closed: they are finer than what was measured."""
    closed, last, age = list(columns), None, 0
    for place, value in enumerate(columns):
        if value is not None:
            last, age = value, 0
        elif last is not None and age < reach:
            closed[place], age = last, age + 1
    return closed


class Counter:
    """A count that grows, as a series of how fast it does."""

    __slots__ = ("_before", "rates")

    def __init__(self) -> None:
        self._before: Sample | None = None
        self.rates = Series()

    def add(self, at: float, count: float) -> None:
        """Note the count at a time."""
        before, self._before = self._before, Sample(at, count)
        if before is not None and at > before.at and count >= before.value:
            self.rates.add(at, (count - before.value) / (at - before.at))
