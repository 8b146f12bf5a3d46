"""What guests write, in lines: joined of their parts, bounded and filtered."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from spindle_tui.model.cleaning import log_line, one_line

LINES = 20_000
"""Lines that are kept."""
LONGEST = 4000
"""Characters of a line that are kept."""


@dataclass(slots=True, eq=False)
class LogLine:
    """A line, which grows until it ends."""

    number: int
    """How many lines came before it."""
    at: float
    component: str
    exchange: str | None
    stream: str
    text: str = ""
    """Fit for a terminal."""
    written: str = ""
    """As it came, until it ends: what a part ends with may have a meaning with the next."""


Key = tuple[str, str | None, str]


class LogBook:
    """The last lines, oldest first."""

    def __init__(self, limit: int = LINES) -> None:
        self.lines: deque[LogLine] = deque()
        self.limit = limit
        self.count = 0
        """Lines there ever were."""
        self._open: dict[Key, LogLine] = {}

    def add(self, at: float, key: Key, text: str) -> list[LogLine]:
        """Note what a component wrote in an exchange to a stream: the lines that have changed."""
        touched: list[LogLine] = []
        *whole, rest = text.split("\n")
        for part in whole:
            line = self._continued(key, at, part)
            line.written = ""
            self._open.pop(key, None)
            touched.append(line)
        if rest:
            touched.append(self._continued(key, at, rest))
        return touched

    def clear(self) -> None:
        """Forget all lines."""
        self.lines.clear()
        self._open.clear()

    def _continued(self, key: Key, at: float, part: str) -> LogLine:
        """The line to which a part belongs, with it."""
        line = self._open.get(key)
        if line is None:
            component, exchange, stream = key
            line = LogLine(self.count, at, one_line(component), exchange, stream)
            self.count += 1
            self.lines.append(line)
            self._open[key] = line
            self._drop_oldest()
        if len(line.written) < LONGEST:
            line.written = (line.written + part)[:LONGEST]
            line.text = log_line(line.written, LONGEST)
        return line

    def _drop_oldest(self) -> None:
        while len(self.lines) > self.limit:
            gone = self.lines.popleft()
            self._open = {key: line for key, line in self._open.items() if line is not gone}


Wanted = Callable[[LogLine], bool]
"""Which lines are shown."""


def wanted_lines(text: str) -> Wanted:
    """The lines that have every word of a filter.

    `component:api`, `stream:stderr` and `exchange:…` look there, other words in the text and the
    component; `-word` is for lines without it. Case doesn't matter.
    """
    tests = [_word_test(word) for word in text.split()]
    return lambda line: all(test(line) for test in tests)


def _word_test(word: str) -> Wanted:
    if len(word) > 1 and word.startswith("-"):
        unwanted = _word_test(word[1:])
        return lambda line: not unwanted(line)
    field, colon, value = word.lower().partition(":")
    if colon and field == "component":
        return lambda line: value in line.component.lower()
    if colon and field == "stream":
        return lambda line: line.stream.startswith(value)
    if colon and field == "exchange":
        return lambda line: value in (line.exchange or "")
    sought = word.lower()
    return lambda line: sought in line.text.lower() or sought in line.component.lower()
