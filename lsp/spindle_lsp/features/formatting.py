"""Formatting: the edits that lay a text out as everybody does."""

from __future__ import annotations

from difflib import SequenceMatcher

from lsprotocol import types

from spindle.manifest import formatted
from spindle.text import Position, Span, utf16_length
from spindle_lsp.convert import range_of
from spindle_lsp.snapshot import Snapshot


def edits_of(snapshot: Snapshot, span: Span | None = None) -> list[types.TextEdit]:
    """The edits, in all of the text or where they touch a stretch; none while it is broken."""
    text = formatted(snapshot.text)
    if text is None or text == snapshot.text:
        return []
    old, new = snapshot.lines, text.split("\n")
    return [
        types.TextEdit(range_of(_stretch(old, first, last)), _lines(new, start, end, last, old))
        for tag, first, last, start, end in SequenceMatcher(None, old, new, False).get_opcodes()
        if tag != "equal" and (span is None or _touches(span, first, last))
    ]


def _stretch(old: list[str], first: int, last: int) -> Span:
    """Whole lines, with their line feeds; the last one has none."""
    if last < len(old):
        return Span(Position(first, 0), Position(last, 0))
    end = Position(len(old) - 1, utf16_length(old[-1]))
    if first == 0:
        return Span(Position(0, 0), end)
    return Span(Position(first - 1, utf16_length(old[first - 1])), end)


def _lines(new: list[str], start: int, end: int, last: int, old: list[str]) -> str:
    """The lines that take a stretch's place, as they fit in."""
    if last < len(old):
        return "".join(f"{line}\n" for line in new[start:end])
    if start == 0:
        return "\n".join(new[start:end])
    return "".join(f"\n{line}" for line in new[start:end])


def _touches(span: Span, first: int, last: int) -> bool:
    return span.start.line < max(last, first + 1) and first <= span.end.line
