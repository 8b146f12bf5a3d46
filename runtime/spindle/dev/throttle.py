"""What of a guest's output is passed on: lines of a bounded length, and so much in a second."""

from __future__ import annotations

from collections.abc import Callable

from spindle.limits import flag_of

WINDOW = 1.0
"""Seconds for which a rate holds."""


class Throttle:
    """One stream of one component; bytes pass as they are until there are too many."""

    __slots__ = ("_clock", "_column", "_cut", "_dropped", "_line", "_rate", "_room", "_until")

    def __init__(self, max_line: int, max_rate: int, clock: Callable[[], float]) -> None:
        self._line = max_line
        self._rate = max_rate
        self._clock = clock
        self._column = 0
        """Bytes of the line that is being written."""
        self._cut = 0
        """How many of them were left out."""
        self._room = max_rate
        """Bytes that still pass in this window."""
        self._until = 0.0
        self._dropped = 0
        """Bytes left out since the rate was exceeded."""

    def take(self, data: bytes) -> bytes:
        """What is passed on of what a guest writes, with notes of what was left out."""
        note = b""
        now = self._clock()
        if now >= self._until:
            note, self._dropped = _note(self._dropped, "a second", "max_log_rate"), 0
            self._until = now + WINDOW
            self._room = self._rate
        if len(data) > self._room:
            self._dropped += len(data) - self._room
            data = data[: self._room]
        self._room -= len(data)
        return note + self._lines(data)

    def _lines(self, data: bytes) -> bytes:
        """The same with long lines cut."""
        if not self._cut and self._column + len(data) <= self._line:
            end = data.rfind(b"\n")
            self._column = self._column + len(data) if end < 0 else len(data) - end - 1
            return data
        return b"".join([self._part(part) for part in data.splitlines(keepends=True)])

    def _part(self, part: bytes) -> bytes:
        """A line, or a part of one, cut."""
        ends = part.endswith(b"\n")
        text = part[:-1] if ends else part
        kept = text[: max(0, self._line - self._column)]
        self._column += len(text)
        self._cut += len(text) - len(kept)
        if not ends:
            return kept
        note, self._column, self._cut = _note(self._cut, "a line", "max_log_line"), 0, 0
        return kept + (note or b"\n")


def _note(dropped: int, per: str, limit: str) -> bytes:
    if not dropped:
        return b""
    return f" [{dropped} bytes left out: too many for {per}, see {flag_of(limit)}]\n".encode()
