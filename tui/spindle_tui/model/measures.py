"""Figures as tables and charts have them: short, of one width where they can be."""

from __future__ import annotations

from collections.abc import Iterable
from math import floor, log10


def rate_text(per_second: float | None) -> str:
    """How often in a second: `0`, `0.3/s`, `12/s`, `1.2k/s`."""
    if per_second is None:
        return ""
    return f"{number_text(per_second)}/s" if per_second > 0 else "0"


def number_text(number: float) -> str:
    """A number in four characters or so: `0.25`, `3.4`, `87`, `1.2k`, `34M`."""
    for limit, unit in ((1e3, ""), (1e6, "k"), (1e9, "M"), (1e12, "G")):
        if abs(number) < limit * 0.9995:
            return _three_digits(number * 1e3 / limit) + unit
    return f"{number:.1e}"


def took_text(microseconds: float | None) -> str:
    """A duration: `87 µs`, `1.2 ms`, `3.4 s`, `12 min`; nothing for None."""
    if microseconds is None:
        return ""
    if microseconds < 999.5:
        return f"{microseconds:.0f} µs"
    if microseconds < 999_500:
        return f"{_three_digits(microseconds / 1e3)} ms"
    if microseconds < 120e6:
        return f"{_three_digits(microseconds / 1e6)} s"
    return span_text(microseconds / 1e6)


def span_text(seconds: float) -> str:
    """A stretch of time in its largest unit: `45 s`, `12 min`, `3 h`, `2 d`."""
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"


def size_text(size: float | None) -> str:
    """Bytes: `812 B`, `1.2 kB`, `34 MB`; nothing for None."""
    if size is None:
        return ""
    return f"{size:.0f} B" if size < 999.5 else f"{_spaced(number_text(size))}B"


def round_up(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50, …: where the axis of a chart ends; 0 for none."""
    if value <= 0:
        return 0.0
    power = 10.0 ** floor(log10(value))
    return next((n * power for n in (1, 2, 5) if n * power >= value), 10 * power)


def joined(parts: Iterable[str]) -> str:
    """What there is to say, with dots between."""
    return " · ".join(part for part in parts if part)


def _three_digits(number: float) -> str:
    size = abs(number)
    text = f"{number:.2f}" if size < 0.995 else f"{number:.1f}" if size < 9.95 else f"{number:.0f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _spaced(text: str) -> str:
    """A space before the unit that ends a number."""
    return f"{text[:-1]} {text[-1]}" if text[-1].isalpha() else text
