"""What completion offers, before it is put in the protocol's words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from lsprotocol import types

from spindle.manifest import Manifest, Record, Type
from spindle_lsp.meaning import Sort, schema_at, types_of
from spindle_lsp.mentions import names_of
from spindle_lsp.scanner import Path
from spindle_lsp.sheet import Cursor, Sheet
from spindle_lsp.snapshot import Snapshot

Kind = types.CompletionItemKind


class Offer(NamedTuple):
    """Something that can be written at a place."""

    label: str
    text: str
    """A snippet: `${1:sample}` is to be overwritten."""
    kind: types.CompletionItemKind
    detail: str = ""
    doc: str = ""
    rank: int = 5
    """From 0, what is most likely meant, to 9."""
    deprecated: bool = False


class Place(NamedTuple):
    """A place in a text, and what is around it."""

    snapshot: Snapshot
    sheet: Sheet
    cursor: Cursor
    neighbours: Sequence[Snapshot] = ()

    @property
    def path(self) -> Path:
        """The path to what is being written."""
        return self.cursor.path

    @property
    def root(self) -> Record:
        """The schema the text follows."""
        return schema_at(self.snapshot.kind, self.sheet)

    @property
    def manifest(self) -> Manifest | None:
        """The application's manifest as far as it can be read."""
        return next((s.manifest for s in (self.snapshot, *self.neighbours) if s.manifest), None)

    def types(self, path: Path) -> tuple[Type, ...]:
        """The types the value at a path may have."""
        return types_of(self.snapshot.kind, self.sheet, path, self.cursor.section)

    def value(self, path: Path) -> str | None:
        """The text of a scalar of the section the place is in."""
        return self.sheet.value(path, self.cursor.section)

    def names(self, sort: Sort) -> list[str]:
        """What the application's files define of a sort."""
        files = (self.snapshot, *self.neighbours)
        return list(dict.fromkeys(n for f in files for n in names_of(f.kind, f.text, sort)))


def placeholder(number: int, text: str) -> str:
    """A part of a snippet that is to be overwritten."""
    return f"${{{number}:{escaped(text)}}}" if text else f"${number}"


def escaped(text: str) -> str:
    """A text that means itself in a snippet."""
    return re.sub(r"([\\$}])", r"\\\1", text)


def plain(snippet: str) -> str:
    """What a snippet inserts where snippets aren't known."""
    text = re.sub(r"\$\{\d+:((?:[^\\}]|\\.)*)\}|\$\d+", lambda m: m[1] or "", snippet)
    return re.sub(r"\\([\\$}])", r"\1", text)


def sampled(value: str, number: int = 1) -> str:
    """A snippet of a TOML value, whose innermost text is to be overwritten."""
    if (found := re.fullmatch(r'(\[?")(.*)("\]?)', value)) is not None and '"' not in found[2]:
        text = "" if found[2] == "…" else found[2]
        return f"{found[1]}{placeholder(number, text)}{found[3]}"
    if value == "[]":
        return f"[${number}]"
    if value == "{}":
        return f"{{ ${number} \\}}"
    return placeholder(number, value)
