"""Lines that say what their parts mean, for a widget to give them colours."""

from __future__ import annotations

from typing import Literal

from spindle_tui.model.lines import EMPTY, Line, Span

Meaning = Literal["", "dim", "key", "good", "warn", "bad", "head"]
"""How a text is meant; without colours the text alone must say it."""

BLANK = EMPTY


def line(*parts: str | tuple[str, Meaning]) -> Line:
    """A line of texts, plain or with a meaning."""
    spans = (Span(part) if isinstance(part, str) else Span(*part) for part in parts)
    return Line(tuple(span for span in spans if span.text))


def title(text: str, note: str = "") -> Line:
    """A line above others."""
    return line((text, "head"), (f"  {note}" if note else "", "dim"))


def named(name: str, text: str, width: int, meaning: Meaning = "") -> Line:
    """A name and what it is, with the names of a block one below the other."""
    return line((f"  {name:<{width}}  ", "dim"), (text, meaning))
