"""Warnings and errors in what a host prints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from spindle_tui.model.cleaning import log_line

_HEAD = re.compile(r"(warning|error): ")
_OF_AN_EXCHANGE = re.compile(r"error: [A-Z]+ /")
"""What the list of exchanges shows."""


class Trouble(NamedTuple):
    """One of them, with its hints as further lines."""

    severity: Literal["warning", "error"]
    text: str

    @property
    def is_news(self) -> bool:
        """Whether nothing else shows it."""
        return _OF_AN_EXCHANGE.match(self.text) is None


def troubles_in(text: str) -> Iterator[Trouble]:
    """Those that whole lines tell of; lines that belong to none are left out."""
    lines: list[str] = []
    for line in [*map(log_line, text.splitlines()), ""]:
        if lines and line.startswith(" "):
            lines.append(line)
            continue
        if lines:
            severity: Literal["warning", "error"] = "warning" if lines[0][0] == "w" else "error"
            yield Trouble(severity, "\n".join(lines))
        lines = [line] if _HEAD.match(line) else []
