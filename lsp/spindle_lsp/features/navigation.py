"""From a name to where it is said what it stands for, and to everything that uses it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from lsprotocol import types

from spindle.text import START, Position
from spindle_lsp.convert import location, range_of
from spindle_lsp.meaning import Sort, sort_at
from spindle_lsp.mentions import Mention, Named, mention_at, mentions_in, mentions_of
from spindle_lsp.scanner import Role, Token
from spindle_lsp.sheet import read_sheet
from spindle_lsp.snapshot import Snapshot

PATHS = frozenset({Sort.WASM, Sort.FILE})


def definition(
    snapshot: Snapshot, position: Position, neighbours: Iterable[Snapshot] = ()
) -> list[types.Location]:
    """Where what is named at a place is defined; `neighbours` are the application's other files."""
    mention = mention_at(snapshot.kind, snapshot.text, position)
    if mention is not None:
        return [
            location(path, m.span) for path, m in _definitions(mention.named, snapshot, neighbours)
        ]
    token = read_sheet(snapshot.text).token_at(position)
    if token is None:
        return []
    if token.role is Role.KEY:
        return _variables_behind(snapshot, token, neighbours)
    path = _file_of(snapshot, token)
    return [] if path is None else [location(path, START)]


def references(
    snapshot: Snapshot,
    position: Position,
    neighbours: Iterable[Snapshot] = (),
    *,
    declarations: bool = True,
) -> list[types.Location]:
    """Everything that names what is named at a place, in all the application's files."""
    mention = mention_at(snapshot.kind, snapshot.text, position)
    if mention is None:
        return []
    return [
        types.Location(uri, range_of(found.span))
        for file, uri in ((file, file.uri) for file in (snapshot, *neighbours))
        for found in mentions_of(file.kind, file.text, mention.named)
        if declarations or not found.defines
    ]


def highlights(snapshot: Snapshot, position: Position) -> list[types.DocumentHighlight]:
    """What to light up in a file while the cursor is on a name."""
    mention = mention_at(snapshot.kind, snapshot.text, position)
    if mention is None:
        return []
    return [
        types.DocumentHighlight(
            range_of(found.span),
            types.DocumentHighlightKind.Write
            if found.defines
            else types.DocumentHighlightKind.Read,
        )
        for found in mentions_of(snapshot.kind, snapshot.text, mention.named)
    ]


def everywhere(
    named: Named, snapshot: Snapshot, neighbours: Iterable[Snapshot]
) -> Iterator[tuple[Path, Mention]]:
    """Every mention of one thing in an application, with its file."""
    for file in (snapshot, *neighbours):
        for mention in mentions_of(file.kind, file.text, named):
            yield file.path, mention


def _definitions(
    named: Named, snapshot: Snapshot, neighbours: Iterable[Snapshot]
) -> list[tuple[Path, Mention]]:
    """The first definition in each file: a table may have many headers."""
    first: dict[Path, Mention] = {}
    for path, mention in everywhere(named, snapshot, neighbours):
        if mention.defines:
            first.setdefault(path, mention)
    return list(first.items())


def _variables_behind(
    snapshot: Snapshot, key: Token, neighbours: Iterable[Snapshot]
) -> list[types.Location]:
    """The application's variables that a component's own variable is made of."""
    if sort_at(snapshot.kind, key.path) is not Sort.TEMPLATE:
        return []
    section = read_sheet(snapshot.text).section_at(key.span.start.line)
    spans = [t.span for t in section.tokens if t.role is Role.VALUE and t.path == key.path]
    names = [m.named for m in mentions_in(snapshot.kind, section) if m.whole in spans]
    return [
        location(path, mention.span)
        for named in dict.fromkeys(names)
        for path, mention in _definitions(named, snapshot, neighbours)
    ]


def _file_of(snapshot: Snapshot, token: Token) -> Path | None:
    """The file that a value names, if it is there."""
    if sort_at(snapshot.kind, token.path) not in PATHS or not token.text or "\0" in token.text:
        return None
    path = snapshot.root / token.text
    try:
        return path if path.is_file() else None
    except OSError:
        return None
