"""What is shown below a filter that is being written."""

from __future__ import annotations

from typing import NamedTuple

from spindle.exchange import Completion, FilterError
from spindle_tui.model.cleaning import one_line

SHOWN = 6
"""Proposals that are shown at once."""


class Proposals(NamedTuple):
    """What may be written next, one of which is chosen."""

    all: tuple[Completion, ...]
    at: int = 0

    @property
    def chosen(self) -> Completion | None:
        """The one that is looked at."""
        return self.all[self.at] if self.all else None

    def moved(self, by: int) -> Proposals:
        """The same, another one looked at; after the last comes the first."""
        return self._replace(at=(self.at + by) % len(self.all)) if self.all else self

    def lines(self, width: int) -> list[str]:
        """Those around the one that is looked at, which has a sign."""
        first = max(0, min(self.at - SHOWN // 2, len(self.all) - SHOWN))
        shown = list(enumerate(self.all))[first : first + SHOWN]
        names = max((len(each.text.strip()) for _, each in shown), default=0)
        lines = [
            f"{'▸' if at == self.at else ' '} {one_line(each.text.strip()).ljust(names)}"
            f"  {one_line(each.help)}".rstrip()[:width]
            for at, each in shown
        ]
        if (more := len(self.all) - len(shown)) > 0:
            lines.append(f"  … {more} more")
        return lines


def pointer(text: str, problem: FilterError) -> list[str]:
    """A line that points at what is wrong, and lines that say what."""
    column = min(problem.column, len(text))
    return [
        " " * column + "^" * max(1, problem.length),
        problem.message,
        *problem.hints,
    ]
