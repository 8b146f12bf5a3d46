"""Semantic tokens: what an editor colours by meaning, beyond what any TOML grammar can see."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from lsprotocol import types

from spindle.text import Position, Span
from spindle_lsp.features.legend import TOKEN_TYPES
from spindle_lsp.meaning import Sort, sort_at
from spindle_lsp.mentions import mentions_in
from spindle_lsp.scanner import Path, Role, Token, lowered, scan
from spindle_lsp.sheet import Section, read_sheet
from spindle_lsp.snapshot import Kind, Snapshot

_NUMBERS = {name: number for number, name in enumerate(TOKEN_TYPES)}
_NAMED = {
    Sort.COMPONENT: "class",
    Sort.VARIABLE: "variable",
    Sort.STORE: "enumMember",
    Sort.DATABASE: "enumMember",
}
_ROUTE = re.compile(r"(?P<parameter>(?<=/):[^/.]+|(?<=\.):[^/.]+)|(?P<operator>/\.\.\.$|\*)")
_HOST = re.compile(
    r"(?P<keyword>^[^:/{}]+)(?=://)|(?P<operator>\*)|:(?P<number>\d+(?:\.\.\d+)?)/?$"
)


class Mark(NamedTuple):
    """A stretch of text within a line, and what it is."""

    span: Span
    type: str
    declares: bool = False


Recount = Callable[[Position], int]
"""How many characters of the client's precede a place in its line."""


def tokens_of(
    snapshot: Snapshot, character: Recount, lines: range | None = None
) -> types.SemanticTokens:
    """What is to be coloured in a text, or in some of its lines, in the protocol's numbers."""
    if lines is not None:
        return types.SemanticTokens(encoded(marks_in(snapshot, lines), character))
    data: list[int] = []
    before = 0
    for section in read_sheet(snapshot.text).sections:
        marks = _of_section(snapshot.kind, section)
        if not marks:
            continue
        if section.text.isascii():
            numbers = _numbers(snapshot.kind, section.path, section.text)
        else:
            numbers = encoded([_placed(mark, section) for mark in marks], character)
        data.append(section.line + marks[0].span.start.line - before)
        data += numbers[1:]
        before = section.line + marks[-1].span.start.line
    return types.SemanticTokens(data)


def marks_in(snapshot: Snapshot, lines: range | None = None) -> Iterator[Mark]:
    """What is to be coloured in a text, or in some of its lines, in order."""
    sheet = read_sheet(snapshot.text)
    sections = sheet.sections
    if lines is not None:
        sections = sheet.between(lines.start, lines.stop - 1)
    for section in sections:
        for mark in _of_section(snapshot.kind, section):
            if lines is None or section.line + mark.span.start.line in lines:
                yield _placed(mark, section)


def encoded(marks: Iterable[Mark], character: Recount) -> list[int]:
    """Marks in the protocol's numbers; each counts from the one before."""
    data: list[int] = []
    before_line = before_start = 0
    for (start, end), type_, declares in marks:
        first, last = character(start), character(end)
        line = start.line - before_line
        delta = first if line else first - before_start
        data += (line, delta, last - first, _NUMBERS[type_], int(declares))
        before_line, before_start = start.line, first
    return data


def _placed(mark: Mark, section: Section) -> Mark:
    return mark._replace(span=lowered(mark.span, section.line))


@lru_cache(8192)
def _numbers(kind: Kind, path: Path, text: str) -> list[int]:
    """The numbers of a section in which every way of counting comes to the same."""
    return encoded(_marks(kind, path, text), lambda place: place.character)


def _of_section(kind: Kind, section: Section) -> tuple[Mark, ...]:
    """The marks of a section, in lines counted from its first."""
    return _marks(kind, section.path, section.text)


@lru_cache(8192)
def _marks(kind: Kind, path: Path, text: str) -> tuple[Mark, ...]:
    section = Section(0, text, path, scan(text))
    names = {m.span: m for m in mentions_in(kind, section)}
    found = [Mark(m.span, _NAMED[m.sort], m.defines) for m in names.values()]
    for token in section.tokens:
        if token.role is Role.VALUE:
            found += _of_value(kind, token)
        elif token.inner not in names:
            found.append(Mark(token.span, "namespace" if token.role is Role.HEADER else "property"))
    return tuple(_apart(sorted(found)))


def _of_value(kind: Kind, token: Token) -> Iterator[Mark]:
    pattern = {Sort.ROUTE: _ROUTE, Sort.HOST: _HOST}.get(sort_at(kind, token.path) or Sort.FILE)
    for match in pattern.finditer(token.text) if pattern is not None else ():
        kind_ = match.lastgroup or ""
        yield Mark(token.place(*match.span(kind_)), kind_)


def _apart(marks: list[Mark]) -> Iterator[Mark]:
    """Those that lie in one line and don't overlap."""
    end = Position(0, 0)
    for mark in marks:
        start, stop = mark.span
        if start >= end and start.line == stop.line and start < stop:
            yield mark
            end = stop
