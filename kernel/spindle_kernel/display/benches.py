"""Measurements as a histogram and percentiles."""

from __future__ import annotations

from spindle.door import Bench
from spindle_kernel.display.exchanges import duration
from spindle_kernel.display.markup import BAD, FAINT, badge, escaped, faint, tag

PERCENTILES = (50, 75, 90, 95, 99, 100)


def bench_bundle(bench: Bench) -> dict[str, str]:
    """A measurement as text and as HTML."""
    return {"text/plain": repr(bench), "text/html": _html(bench)}


def _html(bench: Bench) -> str:
    told = f"{len(bench.times)} requests in {bench.seconds:.2f} s, {bench.rate:.0f} a second"
    head = f"<b>{escaped(bench.request)}</b> {faint(told)} "
    if bench.failed:
        head += badge(f"{bench.failed} failed", BAD)
    shown = " · ".join(
        f"p{percent} <b>{duration(bench.percentile(percent))}</b>" for percent in PERCENTILES
    )
    own = tag("div", head) + _chart(bench) + tag("div", shown, "font-size: 12px")
    return own if bench.other is None else own + _against(bench, bench.other)


def _against(bench: Bench, other: Bench) -> str:
    """What another build took, and how many times as long."""

    def times(percent: int) -> float:
        return bench.percentile(percent) / max(other.percentile(percent), 1)

    ratios = " · ".join(f"p{each} <b>{times(each):.2f} times</b>" for each in PERCENTILES)
    builds = f"{escaped(bench.build or 'this')} to {escaped(other.build or 'the other')}"
    told = tag("div", f"{ratios} {faint(builds)}", "font-size: 12px")
    return tag("div", "against", f"color: {FAINT}; margin-top: 8px") + _html(other) + told


def _chart(bench: Bench) -> str:
    """A bar for each bin."""
    bins = bench.histogram()
    most = max(count for _, _, count in bins)
    bars = "".join(
        tag(
            "div", "",
            f"flex: 1; height: {100 * count / most:.1f}%; background: #1565c0; margin-right: 1px",
            title=f"{duration(low)} to {duration(high)}: {count}",
        )
        for low, high, count in bins
    )  # fmt: skip
    chart = tag("div", bars, "display: flex; align-items: flex-end; height: 80px; margin: 6px 0 0")
    ends = f"<span>{duration(bins[0][0])}</span><span>{duration(bins[-1][1])} and more</span>"
    style = f"display: flex; justify-content: space-between; color: {FAINT}; font-size: 11px"
    return tag("div", chart + tag("div", ends, style), "max-width: 560px")
