"""The charts of a host: each drawn of its history in so many columns and lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from spindle_tui.model.charts import Bar, Values, area, bars, time_axis
from spindle_tui.model.cleaning import one_line
from spindle_tui.model.history import Histogram, History, Track, coarse, quantile
from spindle_tui.model.lines import Line
from spindle_tui.model.measures import (
    joined,
    number_text,
    rate_text,
    size_text,
    span_text,
    took_text,
)
from spindle_tui.model.prose import Meaning, line
from spindle_tui.model.series import Series, filled

SPANS = (60.0, 300.0, 900.0, 1800.0)
"""Seconds that charts of time may show."""
BEAT = 1.0
"""Seconds between two measurements."""


class View(NamedTuple):
    """What of the history is looked at."""

    seconds: float = SPANS[0]
    route: str | None = None
    """The id of a route; None for all."""

    def track(self, history: History) -> Track:
        return history.routes.get(self.route or "", history.all)


class Drawing(NamedTuple):
    """A chart: what stands above it, and its lines."""

    caption: str
    lines: list[Line]


Draw = Callable[[History, View, int, int], Drawing]


def requests(history: History, view: View, width: int, height: int) -> Drawing:
    """Requests a second over time."""
    track = view.track(history)
    errors = track.errors.rates.last or 0
    caption = joined(
        (
            rate_text(track.requests.rates.last or 0),
            f"{rate_text(errors)} errors" if errors else "no errors",
        )
    )
    return Drawing(
        caption, _over_time(track.requests.rates, history, view, width, height, rate_text)
    )


def latency(history: History, view: View, width: int, height: int) -> Drawing:
    """The slowest hundredth of requests over time."""
    track = view.track(history)
    caption = joined(
        f"{name} {took_text(series.last)}"
        for name, series in (("p50", track.p50), ("p99", track.p99))
        if series.last is not None
    )
    return Drawing(caption, _over_time(track.p99, history, view, width, height, took_text))


def memory(history: History, view: View, width: int, height: int) -> Drawing:
    """The host's memory over time."""
    guests = sum(series.last or 0 for series in history.memory.values())
    caption = joined((size_text(history.rss.last), f"{size_text(guests)} of guests"))
    return Drawing(caption, _over_time(history.rss, history, view, width, height, size_text))


def processor(history: History, view: View, width: int, height: int) -> Drawing:
    """The host's use of processors over time."""
    rates = history.cpu.rates
    lines = _over_time(rates, history, view, width, height, lambda share: f"{share:.0%}")
    return Drawing(f"{rates.last:.0%}" if rates.last is not None else "", lines)


def spread(history: History, view: View, width: int, height: int) -> Drawing:
    """How long requests took, since the host began."""
    total = view.track(history).total
    count = sum(total.values())
    if not count:
        return Drawing("", [line(("nothing yet", "dim"))])
    caption = joined(
        (
            number_text(count),
            *(f"p{share} {took_text(quantile(total, share / 100))}" for share in (50, 90, 99)),
        )
    )
    return Drawing(caption, _coloured(bars(_buckets(total, count, height), width)))


def guests(history: History, view: View, width: int, height: int) -> Drawing:
    """The memory of each component's instances."""
    sizes = {id: series.last or 0.0 for id, series in history.memory.items()}
    largest = sorted(sizes, key=lambda id: -sizes[id])[:height]
    rows = [Bar(one_line(id, 16), sizes[id], size_text(sizes[id])) for id in largest]
    return Drawing(size_text(sum(sizes.values())), _coloured(bars(rows, width)))


def _buckets(total: Histogram, count: int, height: int) -> list[Bar]:
    """Bars from the fastest to the slowest; what doesn't fit is joined at the slow end."""
    rows = list(coarse(total).items())
    if len(rows) > height > 0:
        rest = sum(number for _, number in rows[height - 1 :])
        rows = [*rows[: height - 1], (float("inf"), rest)]
    labels = [
        f"> {took_text(rows[at - 1][0])}"
        if bound == float("inf") and at
        else f"≤ {took_text(bound)}"
        for at, (bound, _) in enumerate(rows)
    ]
    return [
        Bar(label, number, _share(number / count))
        for label, (_, number) in zip(labels, rows, strict=True)
    ]


def _share(share: float) -> str:
    return "" if not share else "<0.1%" if share < 0.001 else f"{share:.1%}"


def _over_time(
    series: Series,
    history: History,
    view: View,
    width: int,
    height: int,
    label: Callable[[float], str],
) -> list[Line]:
    now = 0.0 if history.stats is None else history.stats.at
    count = max(width - 8, 10)
    values: Values = filled(series.columns(now, view.seconds, count), _reach(view, count))
    plot = area(values, width, max(height - 1, 2), label)
    ago = f"{span_text(view.seconds)} ago"
    return [*_coloured(plot.lines), line((time_axis(width, ago, plot.gutter), "dim"))]


def _reach(view: View, count: int) -> int:
    """Columns between two measurements, and a measurement that is late."""
    return int(2.5 * BEAT * count / view.seconds)


def _coloured(lines: list[str]) -> list[Line]:
    return [_blocks(each) for each in lines]


def _blocks(text: str) -> Line:
    """A line of a chart: labels dim, what is measured in the colour of what matters."""
    at = next((place for place, character in enumerate(text) if character in "│┤└"), -1) + 1
    end = len(text)
    while end > at and text[end - 1] not in _DRAWN:
        end -= 1
    key: Meaning = "dim" if text[at - 1 : at] == "└" else "key"
    return line((text[:at], "dim"), (text[at:end], key), text[end:])


_DRAWN = frozenset("▁▂▃▄▅▆▇█▏▎▍▌▋▊▉─")
