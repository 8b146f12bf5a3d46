"""Every place where a text speaks of a component, a variable or a label, by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from spindle.text import Position, Span
from spindle_lsp.meaning import LABELS, Sort, is_key, sort_at
from spindle_lsp.scanner import Path, Token, lowered, scan
from spindle_lsp.sheet import Section, read_sheet
from spindle_lsp.snapshot import Kind

Named = tuple[Sort, str]
"""Something with a name."""

_REFERENCE = re.compile(r"\{\{[ \t]*([^{}\s]+)[ \t]*\}\}")
_CHAINED = re.compile(r"://([^/:.{}*]+)\.spin\.internal(?![\w.-])")


class Mention(NamedTuple):
    """A name where it is written."""

    sort: Sort
    name: str
    span: Span
    defines: bool
    """Whether it says what the name stands for."""
    whole: Span
    """The span of the token it is in, with quotes."""
    quoted: bool
    """Whether it stands in quotes, so that any name can."""

    @property
    def named(self) -> Named:
        """What it speaks of."""
        return self.sort, self.name

    def lowered(self, lines: int) -> Mention:
        """The mention so many lines further down."""
        return self._replace(span=lowered(self.span, lines), whole=lowered(self.whole, lines))


def mentions_of(kind: Kind, text: str, named: Named) -> tuple[Mention, ...]:
    """Every mention of one thing in a text, in order."""
    found = _index(kind, text).get(named, ())
    return tuple(mention.lowered(line) for line, mention in found)


def mention_at(kind: Kind, text: str, position: Position) -> Mention | None:
    """The name at a place."""
    section = read_sheet(text).section_at(position.line)
    place = Position(position.line - section.line, position.character)
    for mention in _of_section(kind, section.path, section.text):
        if mention.span.start <= place <= mention.span.end:
            return mention.lowered(section.line)
    return None


def mentions_in(kind: Kind, section: Section) -> Iterator[Mention]:
    """The mentions of one section, in order."""
    return (m.lowered(section.line) for m in _of_section(kind, section.path, section.text))


def names_of(kind: Kind, text: str, sort: Sort) -> tuple[str, ...]:
    """The names a text defines things of a sort by, in order."""
    return tuple(
        name
        for (one, name), found in _index(kind, text).items()
        if one is sort and any(mention.defines for _, mention in found)
    )


def used_names(kind: Kind, text: str, sort: Sort) -> tuple[str, ...]:
    """The names of a sort a text speaks of, whether or not it defines them, in order."""
    return tuple(name for one, name in _index(kind, text) if one is sort)


@lru_cache(8)
def _index(kind: Kind, text: str) -> Mapping[Named, list[tuple[int, Mention]]]:
    """Every mention, with the line its section begins in."""
    found: dict[Named, list[tuple[int, Mention]]] = {}
    for section in read_sheet(text).sections:
        for mention in _of_section(kind, section.path, section.text):
            found.setdefault(mention.named, []).append((section.line, mention))
    return found


@lru_cache(8192)
def _of_section(kind: Kind, path: Path, text: str) -> tuple[Mention, ...]:
    return tuple(
        mention for token in scan(text).tokens for mention in _of(kind, token.moved(path, 0))
    )


def _of(kind: Kind, token: Token) -> Iterator[Mention]:
    if is_key(token):
        sort, defines = _named_by_key(kind, token.path)
        if sort is not None:
            yield _mention(token, sort, token.text, 0, defines)
        return
    sort = sort_at(kind, token.path)
    if _is_id_of_version_1(kind, token.path):
        yield _mention(token, Sort.COMPONENT, token.text, 0, defines=True)
    if sort in (Sort.COMPONENT, Sort.STORE, Sort.DATABASE):
        yield _mention(token, sort, token.text, 0)
    elif sort in (Sort.HOST, Sort.TEMPLATE):
        for found in _REFERENCE.finditer(token.text):
            yield _mention(token, Sort.VARIABLE, found[1], found.start(1))
    if sort is Sort.HOST and (chained := _CHAINED.search(token.text)) is not None:
        yield _mention(token, Sort.COMPONENT, chained[1], chained.start(1))


def _named_by_key(kind: Kind, path: Path) -> tuple[Sort | None, bool]:
    """What a key names, and whether it defines it."""
    match kind, path:
        case "manifest", ("component", str()):
            return Sort.COMPONENT, True
        case "manifest", ("variables", str()):
            return Sort.VARIABLE, True
        case "runtime-config", (("key_value_store" | "sqlite_database") as table, str()):
            return LABELS[str(table)], True
        case "runtime-config", (
            "variables_provider" | "config_provider",
            int(),
            "values",
            str(),
        ):
            return Sort.VARIABLE, False
    return None, False


def _mention(token: Token, sort: Sort, name: str, at: int, defines: bool = False) -> Mention:
    span = token.place(at, at + len(name))
    return Mention(sort, name, span, defines, token.span, token.quote != "")


def _is_id_of_version_1(kind: Kind, path: Path) -> bool:
    """Whether it is the `id` of a `[[component]]`."""
    match path:
        case ("component", int(), "id"):
            return kind == "manifest"
    return False
