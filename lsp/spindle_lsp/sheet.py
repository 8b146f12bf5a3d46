"""A whole text as sections of tokens: what stands at a place, also where the text is broken.

Sections are scanned once and remembered by their text, so that a keystroke costs one of them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from spindle.text import Position, Span
from spindle_lsp.scanner import Expects, Path, Role, Scan, Token, scan, scan_until

_BRACKET = re.compile(r"^[ \t]*\[", re.MULTILINE)
_KEY = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')"""
_HEADER = re.compile(
    rf"[ \t]*\[\[?[ \t]*{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*[ \t]*\]\]?[ \t]*(?:#[^\n]*)?\r?(?:\n|\Z)"
)


LARGEST = 512 * 1024
"""Characters of a text beyond which nothing is known of its places."""
MOST_JOINED = 20
"""Lines like headers that may lie in the values of one section."""


class Section(NamedTuple):
    """A header and what follows it, or what precedes the first header."""

    line: int
    text: str
    path: Path
    """The path of its table, with indices of arrays."""
    scanned: Scan

    @property
    def tokens(self) -> Iterator[Token]:
        """Its tokens, placed in the whole text."""
        return (token.moved(self.path, self.line) for token in self.scanned.tokens)


class Cursor(NamedTuple):
    """What a place in a text is."""

    expects: Expects
    """What is being written there."""
    path: Path
    """To the table whose key it is, to the value, or the header's keys before this one."""
    typed: str
    """What of the token at the place stands before it."""
    span: Span
    """What of the text a completion replaces: the token without quotes."""
    token: Token | None
    """The token at the place, all of it."""
    section: Section
    is_first: bool
    """Whether nothing but space precedes the token in its line."""
    rest: str
    """What follows the token in its line."""


@dataclass(frozen=True)
class Sheet:
    """The sections of a text, in order."""

    sections: tuple[Section, ...]
    _first_lines: tuple[int, ...]

    def section_at(self, line: int) -> Section:
        """The section a line belongs to."""
        return self.sections[bisect_right(self._first_lines, line) - 1]

    def between(self, first: int, last: int) -> tuple[Section, ...]:
        """The sections that have something in some lines."""
        start = max(0, bisect_right(self._first_lines, first) - 1)
        return self.sections[start : bisect_right(self._first_lines, last)]

    def token_at(self, position: Position) -> Token | None:
        """The token at or right before a place."""
        section = self.section_at(position.line)
        inside = Position(position.line - section.line, position.character)
        found = None
        for token in section.scanned.tokens:
            if token.span.start > inside:
                break
            if inside <= token.span.end:
                found = token
        return None if found is None else found.moved(section.path, section.line)

    def value(self, path: Path, near: Section) -> str | None:
        """The text of a scalar of a section."""
        return next((t.text for t in near.tokens if t.role is Role.VALUE and t.path == path), None)

    def at(self, position: Position) -> Cursor:
        """What is being written at a place."""
        section = self.section_at(position.line)
        lines = section.text.split("\n")
        number = min(position.line - section.line, len(lines) - 1)
        line = lines[number].rstrip("\r")
        column = character_index(line, position.character)
        end = sum(len(one) + 1 for one in lines[:number]) + column
        state = scan_until(section.text, end)
        open_ = state.last if state.last and not _is_past(state.last) else None
        whole = self.token_at(position) if open_ is not None else None
        span, after = Span(position, position), column
        if whole is not None and _surrounds(whole.inner, position):
            span = whole.inner
            after = character_index(line, whole.span.end.character)
        path = state.path
        if open_ is not None and open_.role is Role.VALUE:
            path = open_.path
        elif open_ is not None:
            path = open_.path[:-1]
        expects = state.expects if open_ is None else Expects(open_.role.value)
        if expects is not Expects.HEADER:
            path = self._table_of(section, state) + path
        start = column - len(open_.text) - len(open_.quote) if open_ is not None else column
        return Cursor(
            expects,
            path,
            open_.text if open_ is not None else "",
            span,
            whole,
            section,
            not line[: max(0, start)].strip(),
            line[after:],
        )

    def _table_of(self, section: Section, state: Scan) -> Path:
        return section.path if state.header else ()


def _surrounds(span: Span, position: Position) -> bool:
    """Whether a span within one line has a place in it or at its edge."""
    return span.start.line == span.end.line and span.start <= position <= span.end


def _is_past(token: Token) -> bool:
    """Whether the end of a token is behind it: what is typed there doesn't go into it."""
    return token.quote != "" and token.closed


def character_index(line: str, units: int) -> int:
    """The character of a line that so many UTF-16 code units precede."""
    if line.isascii():
        return min(units, len(line))
    before = line.encode("utf-16-le", "surrogatepass")[: 2 * units]
    return len(before.decode("utf-16-le", "ignore"))


@lru_cache(8)
def read_sheet(text: str) -> Sheet:
    """The sections of a text."""
    sections = tuple(_placed(_parts(text)))
    return Sheet(sections, tuple(section.line for section in sections))


def _placed(parts: Iterator[tuple[int, str]]) -> Iterator[Section]:
    arrays: dict[Path, int] = {}
    for line, part in parts:
        scanned = scan(part)
        path: Path = ()
        for number, key in enumerate(scanned.header, 1):
            path += (key,)
            if scanned.double and number == len(scanned.header):
                arrays[path] = arrays.get(path, 0) + 1
            if path in arrays:
                path += (arrays[path] - 1,)
        yield Section(line, part, path, scanned)


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """The text cut before each header, each part with the number of its first line."""
    if len(text) > LARGEST:
        yield 0, ""
        return
    cuts = [found.start() for found in _BRACKET.finditer(text) if found.start()]
    start, line, whole_until, joined = 0, 0, 0, 0
    for cut in cuts:
        if cut < whole_until:
            continue
        whole_until = _end_of_open_value(text, start, cut) if joined < MOST_JOINED else cut
        if whole_until > cut:
            joined += 1
            continue
        yield line, text[start:cut]
        line += text.count("\n", start, cut)
        start, joined = cut, 0
    yield line, text[start:]


def _end_of_open_value(text: str, start: int, cut: int) -> int:
    """How far a value goes at least that began before what looks like a header."""
    state = scan(text[start:cut])
    if not state.unfinished:
        return cut
    if state.last is not None and state.last.quote:
        return max(cut, text.find(state.last.quote, cut) + 1)
    return cut if _HEADER.match(text, cut) else cut + 1
