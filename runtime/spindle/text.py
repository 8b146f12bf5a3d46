"""Positions in a text, and the nearest of some names.

Everything a person or an editor sees is counted in lines and UTF-16 characters from 0, as the
Language Server Protocol does; parsers count bytes of UTF-8. The conversion happens here only.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple


class Position(NamedTuple):
    """A place between two characters: 0-based line, 0-based UTF-16 code unit in that line."""

    line: int
    character: int


class Span(NamedTuple):
    """A stretch of text; its end is exclusive."""

    start: Position
    end: Position


START = Span(Position(0, 0), Position(0, 0))
"""The very beginning of a text: where a problem of the whole text is shown."""


def utf16_length(text: str) -> int:
    """How many UTF-16 code units a text takes."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


class LineIndex:
    """Where the lines of one text begin. Lines end at each line feed."""

    __slots__ = ("_ascii", "_starts", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._ascii = data.isascii()
        starts = [0]
        at = data.find(b"\n")
        while at >= 0:
            starts.append(at + 1)
            at = data.find(b"\n", at + 1)
        self._starts = starts

    @property
    def line_count(self) -> int:
        """How many lines there are; a final line feed opens one more, empty line."""
        return len(self._starts)

    def position(self, offset: int) -> Position:
        """The position of a byte offset, which is clamped to the text."""
        offset = max(0, min(offset, len(self.data)))
        line = bisect_right(self._starts, offset) - 1
        return self.position_in_line(line, offset - self._starts[line])

    def position_in_line(self, line: int, column: int) -> Position:
        """The position of a byte column of a line."""
        if self._ascii:
            return Position(line, column)
        start = self._starts[line]
        return Position(line, utf16_length(_decoded(self.data[start : start + column])))

    def offset(self, position: Position) -> int:
        """The byte offset of a position; past its line's end it is the line's end."""
        if position.line >= len(self._starts):
            return len(self.data)
        start, end = self._starts[position.line], self._line_end(position.line)
        if self._ascii:
            return min(start + position.character, end)
        units = _decoded(self.data[start:end]).encode("utf-16-le", "surrogatepass")
        before = units[: 2 * position.character].decode("utf-16-le", "ignore")
        return min(start + len(before.encode()), end)

    def span(self, start: int, end: int) -> Span:
        """The span between two byte offsets."""
        return Span(self.position(start), self.position(end))

    def line_start(self, line: int) -> int:
        """The byte offset at which a line begins."""
        return self._starts[line]

    def line_text(self, line: int) -> str:
        """A line without its line ending."""
        return _decoded(self.data[self._starts[line] : self._line_end(line)]).rstrip("\r")

    def _line_end(self, line: int) -> int:
        """The byte offset of a line's line feed, or of the text's end."""
        if line + 1 < len(self._starts):
            return self._starts[line + 1] - 1
        return len(self.data)


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """The known name a person most likely meant by `name`, if one is close enough."""
    best: tuple[int, str] | None = None
    for candidate in known:
        limit = max(1, min(len(name), len(candidate)) // 3)
        if candidate == name or abs(len(candidate) - len(name)) > limit:
            continue
        distance = _edit_distance(_folded(name), _folded(candidate))
        if distance <= limit and (best is None or distance < best[0]):
            best = (distance, candidate)
    return best[1] if best else None


def is_slip(name: str, meant: str) -> bool:
    """Whether one slip of a finger, or another way to join words, is all that tells two apart."""
    return _edit_distance(_folded(name), _folded(meant)) <= 1


def _folded(name: str) -> str:
    return name.lower().replace("_", "-")


def _edit_distance(one: str, other: str) -> int:
    """Insertions, deletions, replacements and swaps of neighbours between two short texts."""
    older: list[int] = []
    previous = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(row[-1] + 1, previous[j] + 1, previous[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        older, previous = previous, row
    return previous[-1]


LONGEST_LINE = 1000
"""Characters of a foreign name or line that are shown."""

_CLIPPED = " […]"


def printable(text: str, *, keep: str = "", limit: int = LONGEST_LINE) -> str:
    """Foreign text that does nothing to a terminal: control and format characters escaped.

    `keep` are those that stay; what is longer than `limit` characters is cut.
    """
    if len(text) > limit:
        text = text[:limit] + _CLIPPED
    if text.isprintable():
        return text
    return "".join(c if c in keep or c.isprintable() else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    return repr(character)[1:-1]


def quoted_list(names: Iterable[str]) -> str:
    """Names as a message has them: "`a`, `b`"."""
    return ", ".join(f"`{name}`" for name in names)


def counted(count: int, noun: str) -> str:
    """A number with its noun."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def readable_size(size: int, unit: str = "B") -> str:
    """Bytes as a person says them; `unit` is what fewer than a thousand are called."""
    if size < 1000:
        return f"{size} {unit}"
    if size < 1_000_000:
        return f"{size / 1000:.1f} kB"
    return f"{size / 1_000_000:.1f} MB"
