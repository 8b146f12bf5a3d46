"""Lines of text with what their parts mean, for a widget to give them colours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

Meaning = Literal["", "dim", "key", "good", "warn", "bad", "title"]
"""How a text is meant; without colours the text alone must say it."""


class Span(NamedTuple):
    """A part of a line."""

    text: str
    meaning: Meaning = ""


Line = tuple[Span, ...]
BLANK: Line = ()


def line(*parts: str | tuple[str, Meaning]) -> Line:
    """A line of texts, plain or with a meaning."""
    spans = (Span(part) if isinstance(part, str) else Span(*part) for part in parts)
    return tuple(span for span in spans if span.text)


def title(text: str, note: str = "") -> Line:
    """A line above others."""
    return line((text, "title"), (f"  {note}" if note else "", "dim"))


def named(name: str, text: str, width: int, meaning: Meaning = "") -> Line:
    """A name and what it is, with the names of a block one below the other."""
    return line((f"  {name:<{width}}  ", "dim"), (text, meaning))


def plain(lines: Iterable[Line]) -> str:
    """The text alone."""
    return "\n".join("".join(span.text for span in each) for each in lines)
