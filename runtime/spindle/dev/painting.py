"""The colours of lines about exchanges."""

from __future__ import annotations

from typing import TextIO

from spindle.dev.console import has_color
from spindle.exchange.lines import Paint, unpainted

COLORS = {"dim": "2", "bold": "1", "good": "32", "other": "36", "bad": "33", "failed": "31"}


def line_paint(stream: TextIO) -> Paint:
    """Colours, if a stream shows them."""
    return _painted if has_color(stream) else unpainted


def _painted(kind: str, text: str) -> str:
    return f"\x1b[{COLORS[kind]}m{text}\x1b[0m"
