"""Texts that are looked for in others, in Python and in SQL alike.

ASCII letters fit whatever their case, others exactly: that is what SQLite's `LIKE` does.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_WORD = re.compile(rb"[0-9a-z]+")
MOST_WORDS = 4
"""Words of a pattern that are looked for before it is."""


class Pattern(NamedTuple):
    """Pieces of a text that follow one another, with anything between them."""

    pieces: tuple[str, ...]
    """The first begins the text, the last ends it; either may be empty."""
    folded: tuple[bytes, ...]
    """The same without case."""

    def fits(self, text: str) -> bool:
        """Whether a text as a whole is as the pattern says."""
        first, *middle = self.folded
        folded = _folded(text)
        if not middle:
            return folded == first
        last = middle.pop()
        if not folded.startswith(first) or not folded.endswith(last):
            return False
        at, end = len(first), len(folded) - len(last)
        for piece in middle:
            found = folded.find(piece, at, end)
            if found < 0:
                return False
            at = found + len(piece)
        return at <= end

    @property
    def words(self) -> tuple[bytes, ...]:
        """The longest that every text that fits has in it, of ASCII letters and digits, in lower
        case.
        """
        found = (word for piece in self.folded for word in _WORD.findall(piece))
        return tuple(sorted(dict.fromkeys(found), key=len, reverse=True)[:MOST_WORDS])

    @property
    def like(self) -> str:
        r"""The pattern as `LIKE` has it, with `\` as its escape character."""
        return "%".join(_escaped(piece) for piece in self.pieces)


def exactly(text: str) -> Pattern:
    """What is this text."""
    return _pattern(text)


def globbing(text: str) -> Pattern:
    """What is this text, in which `*` stands for anything."""
    return _pattern(*text.split("*"))


def containing(text: str) -> Pattern:
    """What has this text in it."""
    return _pattern("", text, "")


def beginning(text: str) -> Pattern:
    """What begins with this text."""
    return _pattern(text, "")


def _pattern(*pieces: str) -> Pattern:
    return Pattern(pieces, tuple(map(_folded, pieces)))


def _folded(text: str) -> bytes:
    # Only ASCII letters have a case as bytes.
    return text.encode("utf-8", "surrogatepass").lower()


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
