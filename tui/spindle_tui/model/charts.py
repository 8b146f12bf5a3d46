"""Charts as lines of text, of block characters that need no colour.

A value None is a gap: nobody measured. What isn't zero is never drawn as if it were.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from spindle_tui.model.measures import round_up

RISING = " ▁▂▃▄▅▆▇█"
"""Blocks by eighths of their height."""
GROWING = " ▏▎▍▌▋▊▉█"
"""Blocks by eighths of their width."""

Values = Sequence[float | None]


def sparkline(values: Values, width: int, top: float | None = None) -> str:
    """The last values, each a block; as high as the highest of them unless `top` is told."""
    shown = values[-width:] if width > 0 else []
    highest = max((value for value in shown if value is not None), default=0.0)
    line = "".join(_spark(value, top or highest) for value in shown)
    return line.rjust(max(width, 0))


def _spark(value: float | None, top: float) -> str:
    if value is None:
        return " "
    if value <= 0 or top <= 0:
        return RISING[1]
    return RISING[min(8, 2 + round(value / top * 6))]


class Plot(NamedTuple):
    """The lines of a chart, and how wide the labels are that stand before it."""

    lines: list[str]
    gutter: int


def area(values: Values, width: int, height: int, label: Callable[[float], str]) -> Plot:
    """Values from left to right as filled columns above an axis with labels.

    One column a value, the last at the right; `height` counts the line of the axis too.
    """
    highest = max((value for value in values if value is not None), default=0.0)
    top = round_up(highest) or 1.0
    rows = max(height - 1, 1)
    labels = _axis_labels(top, rows, label)
    gutter = max(map(len, labels))
    room = max(width - gutter - 2, 1)
    shown = list(values[-room:])
    eighths = [_eighths(value, top, rows) for value in [None] * (room - len(shown)) + shown]
    lines = []
    for row in range(rows):
        below = (rows - 1 - row) * 8
        blocks = "".join(RISING[min(max(level - below, 0), 8)] for level in eighths)
        tick = "┤" if labels[row] else "│"
        lines.append(f"{labels[row]:>{gutter}} {tick}{blocks}"[:width])
    lines.append(f"{labels[rows]:>{gutter}} └{'─' * room}"[:width])
    return Plot(lines, gutter + 2)


def _axis_labels(top: float, rows: int, label: Callable[[float], str]) -> list[str]:
    """The label of each line: at the top, in the middle if it is one, and at the axis."""
    labels = [""] * (rows + 1)
    labels[0] = label(top)
    if rows >= 6 and rows % 2 == 0:
        labels[rows // 2] = label(top / 2)
    labels[rows] = label(0)
    return labels


def _eighths(value: float | None, top: float, rows: int) -> int:
    if value is None or value <= 0:
        return 0
    return max(1, min(rows * 8, round(value / top * rows * 8)))


def time_axis(width: int, ago: str, gutter: int) -> str:
    """What stands under a chart of time: how long ago it begins, and that it ends now."""
    room = max(width - gutter, 0)
    gap = room - len(ago) - len("now")
    return " " * gutter + (f"{ago}{' ' * gap}now" if gap > 0 else "now".rjust(room))


class Bar(NamedTuple):
    """A row of a bar chart."""

    label: str
    value: float
    note: str = ""
    """What stands behind the bar."""


def bars(rows: Sequence[Bar], width: int, top: float | None = None) -> list[str]:
    """Rows with bars that grow to the right; the longest fills what labels and notes leave."""
    if not rows:
        return []
    gutter = max(len(row.label) for row in rows)
    behind = max(len(row.note) for row in rows)
    room = max(width - gutter - 2 - (behind + 1 if behind else 0), 1)
    highest = top or max(row.value for row in rows) or 1.0
    return [_bar(row, gutter, room, highest)[: max(width, 0)] for row in rows]


def _bar(row: Bar, gutter: int, room: int, top: float) -> str:
    length = min(round(row.value / top * room * 8), room * 8)
    if row.value > 0:
        length = max(length, 1)
    bar = GROWING[8] * (length // 8) + (GROWING[length % 8] if length % 8 else "")
    line = f"{row.label:>{gutter}} │{bar}"
    return f"{line} {row.note}".rstrip() if row.note else line
