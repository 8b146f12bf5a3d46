"""How a host fared since somebody looks: series made of what it says it has counted."""

from __future__ import annotations

from collections import Counter as Multiset
from collections.abc import Iterable, Mapping
from itertools import accumulate

from spindle.client import RouteStats, Stats
from spindle_tui.model.series import Counter, Series

Histogram = Mapping[float, int]
"""How many took up to so many microseconds, by that bound."""


class Track:
    """How requests of one route, or all, went over time."""

    def __init__(self) -> None:
        self.requests = Counter()
        self.errors = Counter()
        self.p50, self.p99 = Series(), Series()
        """Of the requests between two looks."""
        self.total: Histogram = {}
        """Of all requests so far."""
        self._begun = False

    def take(self, at: float, routes: Iterable[RouteStats]) -> None:
        """Note what routes have counted."""
        routes = tuple(routes)
        self.requests.add(at, sum(route.count for route in routes))
        self.errors.add(at, sum(route.errors for route in routes))
        before, self.total = self.total, merged(route.histogram for route in routes)
        recent = grown(before, self.total) if self._begun else {}
        self._begun = True
        self.p50.add(at, quantile(recent, 0.50))
        self.p99.add(at, quantile(recent, 0.99))


class History:
    """Everything that is drawn over time; `stats` is the last that was said."""

    def __init__(self) -> None:
        self.stats: Stats | None = None
        self.all = Track()
        self.routes: dict[str, Track] = {}
        self.memory: dict[str, Series] = {}
        """Bytes of linear memories, by component."""
        self.rss = Series()
        self.cpu = Counter()
        """Processors in use: 1 is one of them the whole time."""

    def take(self, stats: Stats) -> None:
        """Note what the host has counted."""
        at, self.stats = stats.at, stats
        self.all.take(at, stats.routes)
        for route in stats.routes:
            self.routes.setdefault(route.id, Track()).take(at, [route])
        for component in stats.components:
            self.memory.setdefault(component.id, Series()).add(at, component.memory)
        self.rss.add(at, stats.host.rss or None)
        self.cpu.add(at, stats.host.cpu_seconds)
        self._forget({route.id for route in stats.routes}, {c.id for c in stats.components})

    def _forget(self, routes: set[str], components: set[str]) -> None:
        """Drop what the application has no more."""
        self.routes = {id: track for id, track in self.routes.items() if id in routes}
        self.memory = {id: series for id, series in self.memory.items() if id in components}


def merged(histograms: Iterable[Iterable[tuple[float, int]]]) -> Histogram:
    """The sum of some histograms, ascending."""
    total: Multiset[float] = Multiset()
    for histogram in histograms:
        for bound, count in histogram:
            total[bound] += count
    return dict(sorted(total.items()))


def grown(before: Histogram, after: Histogram) -> Histogram:
    """What came to a histogram; nothing is known if it began anew."""
    more = {bound: count - before.get(bound, 0) for bound, count in after.items()}
    if any(count < 0 for count in more.values()) or before.keys() - after.keys():
        return {}
    return {bound: count for bound, count in more.items() if count}


def quantile(histogram: Histogram, share: float) -> float | None:
    """The bound under which a share of all is; None of an empty histogram."""
    sought = share * sum(histogram.values())
    reached = zip(histogram, accumulate(histogram.values()), strict=True)
    return next((bound for bound, count in reached if count >= sought > 0), None)


BUCKETS = (100, 250, 500, 1e3, 2.5e3, 5e3, 1e4, 2.5e4, 5e4, 1e5, 2.5e5, 5e5, 1e6, 2.5e6, 5e6, 1e7)
"""Bounds in microseconds that a person can read; more is `inf`."""


def coarse(histogram: Histogram) -> dict[float, int]:
    """A histogram with bounds a person can read, from the first to the last that has any."""
    counts = dict.fromkeys((*BUCKETS, float("inf")), 0)
    for bound, count in histogram.items():
        counts[next((limit for limit in BUCKETS if bound <= limit), float("inf"))] += count
    bounds = list(counts)
    used = [place for place, bound in enumerate(bounds) if counts[bound]]
    if not used:
        return {}
    return {bound: counts[bound] for bound in bounds[used[0] : used[-1] + 1]}
