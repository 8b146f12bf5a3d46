"""Figures as the lines of a table."""

from collections.abc import Mapping, Sequence
from statistics import median

from benchmarks.loads import Load, Sample
from benchmarks.starts import Start

RATES = {"requests/s", "MB/s"}
COLUMNS = ["p50 ms", "min ms", "CPU ms", "requests/s", "MB/s"]


def load_heading() -> str:
    """The heading of the table of loads."""
    return _row(["ours / theirs = ratio", *COLUMNS]) + "\n" + _row(["---"] * (len(COLUMNS) + 1))


def load_line(load: Load, ours: Sequence[Sample], theirs: Sequence[Sample]) -> str:
    """A load's line: medians of the rounds, the least of `min ms`, medians of ratios."""
    figures = [column for column in COLUMNS if column in ours[0]]
    goal = load.goal or {}
    cells = [_compared(name, ours, theirs, goal) if name in figures else "" for name in COLUMNS]
    return _row([load.title, *cells])


def start_heading() -> str:
    """The heading of the table of starts."""
    return _row(["start", "ours", "theirs", "goal"]) + "\n" + _row(["---"] * 4)


def start_line(start: Start) -> str:
    """A start's line."""
    theirs = "" if start.theirs is None else f"{start.theirs:.0f}"
    goal = "" if start.most is None else f"{start.most:.0f} {_mark(start.ours <= start.most)}"
    return _row([start.title, f"{start.ours:.0f} {start.unit}", theirs, goal])


def _compared(
    name: str, ours: Sequence[Sample], theirs: Sequence[Sample], goal: Mapping[str, float]
) -> str:
    here, there = [sample[name] for sample in ours], [sample[name] for sample in theirs]
    best = min if name == "min ms" else median
    ratio = median(a / b for a, b in zip(here, there, strict=True) if b)
    mark = ""
    if name in goal:
        mark = " " + _mark(ratio >= goal[name] if name in RATES else ratio <= goal[name])
    return f"{_figure(best(here))} / {_figure(best(there))} = {ratio:.2f}{mark}"


def _figure(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _mark(met: bool) -> str:
    return "✓" if met else "✗"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
