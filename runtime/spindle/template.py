"""Templates: text with `{{ name }}` in it. There is no escape; names are trimmed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple


class TemplateError(ValueError):
    """A text that is no template."""


class Reference(NamedTuple):
    """A variable's name within a template, and where its braces stand in characters."""

    name: str
    start: int
    end: int


class Template(NamedTuple):
    """A text cut into literal pieces and references."""

    text: str
    parts: tuple[str | Reference, ...]

    @property
    def references(self) -> tuple[Reference, ...]:
        """The references, in order."""
        return tuple(part for part in self.parts if isinstance(part, Reference))

    @property
    def is_literal(self) -> bool:
        """Whether there is nothing to fill in."""
        return not self.references

    def filled(self, value: Callable[[str], str]) -> str:
        """The text with each reference replaced by its variable's value."""
        return "".join(part if isinstance(part, str) else value(part.name) for part in self.parts)


@lru_cache(4096)
def parse_template(text: str) -> Template:
    """Cut a text into its parts; raises `TemplateError`."""
    parts: list[str | Reference] = []
    at = 0
    while at < len(text):
        opening = text.find("{{", at)
        if opening != at:
            literal = text[at:] if opening < 0 else text[at:opening]
            parts.append(literal)
            at += len(literal)
            continue
        closing = text.find("}}", opening + 2)
        if closing < 0:
            raise TemplateError("unmatched '{{' in template")
        parts.append(Reference(text[opening + 2 : closing].strip(), opening, closing + 2))
        at = closing + 2
    return Template(text, tuple(parts))


def names_in(texts: Iterable[str]) -> Iterator[str]:
    """The variables that templates refer to; what is no template refers to none."""
    for text in texts:
        with suppress(TemplateError):
            yield from (reference.name for reference in parse_template(text).references)
