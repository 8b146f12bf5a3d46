"""Which function answers which request about a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from lsprotocol import types

from spindle.text import Position, Span
from spindle_lsp import features
from spindle_lsp.client import Client
from spindle_lsp.convert import place_of, position_of, span_of
from spindle_lsp.documents import Documents
from spindle_lsp.features import legend
from spindle_lsp.snapshot import Snapshot


class Asked(NamedTuple):
    """A request about a file, counted as Spindle counts."""

    snapshot: Snapshot
    params: Any
    """The protocol's."""
    documents: Documents
    client: Client

    @property
    def place(self) -> Position:
        """Where the cursor is."""
        return place_of(self.params.position)

    @property
    def span(self) -> Span:
        """The stretch of text it is about."""
        return span_of(self.params.range)

    @property
    def lines(self) -> range:
        """The lines it is about."""
        return range(self.span.start.line, self.span.end.line + 1)

    @property
    def neighbours(self) -> list[Snapshot]:
        """The other files of the application."""
        return self.documents.neighbours(self.snapshot.path)

    def character(self, place: Position) -> int:
        """The column of a place as the client counts."""
        position = position_of(place)
        counted = self.client.encoding.outward(position, self.snapshot.uri, self.documents.lines)
        assert isinstance(counted, types.Position)
        return counted.character


class Method(NamedTuple):
    """A kind of request about a file."""

    name: str
    answer: Callable[[Asked], Any]
    options: Any = None
    """What the client is told of it."""


METHODS = (
    Method(
        types.TEXT_DOCUMENT_CODE_ACTION,
        lambda a: features.actions.actions_at(a.snapshot, a.span, a.params.context.only),
        types.CodeActionOptions(code_action_kinds=list(legend.ACTIONS)),
    ),
    Method(
        types.TEXT_DOCUMENT_COMPLETION,
        lambda a: features.completion.completions_at(
            a.snapshot, a.place, a.neighbours, snippets=a.client.takes_snippets
        ),
        types.CompletionOptions(trigger_characters=legend.COMPLETION_TRIGGERS),
    ),
    Method(
        types.TEXT_DOCUMENT_DEFINITION,
        lambda a: features.navigation.definition(a.snapshot, a.place, a.neighbours),
    ),
    Method(
        types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT,
        lambda a: features.navigation.highlights(a.snapshot, a.place),
    ),
    Method(types.TEXT_DOCUMENT_DOCUMENT_LINK, lambda a: features.links.links_in(a.snapshot)),
    Method(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, lambda a: features.symbols.outline_of(a.snapshot)),
    Method(types.TEXT_DOCUMENT_FOLDING_RANGE, lambda a: features.folding.folds_of(a.snapshot)),
    Method(types.TEXT_DOCUMENT_FORMATTING, lambda a: features.formatting.edits_of(a.snapshot)),
    Method(
        types.TEXT_DOCUMENT_HOVER,
        lambda a: features.hover.hover_at(a.snapshot, a.place, a.neighbours),
    ),
    Method(
        types.TEXT_DOCUMENT_INLAY_HINT,
        lambda a: features.hints.hints_in(
            a.snapshot, a.span, features.hints.shown_by(a.client.hints)
        ),
    ),
    Method(
        types.TEXT_DOCUMENT_PREPARE_RENAME,
        lambda a: features.rename.prepare_rename(a.snapshot, a.place),
    ),
    Method(
        types.TEXT_DOCUMENT_RANGE_FORMATTING,
        lambda a: features.formatting.edits_of(a.snapshot, a.span),
    ),
    Method(
        types.TEXT_DOCUMENT_REFERENCES,
        lambda a: features.navigation.references(
            a.snapshot,
            a.place,
            a.neighbours,
            declarations=a.params.context.include_declaration,
        ),
    ),
    Method(
        types.TEXT_DOCUMENT_RENAME,
        lambda a: features.rename.renamed(a.snapshot, a.place, a.params.new_name, a.neighbours),
        types.RenameOptions(prepare_provider=True),
    ),
    Method(
        types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL,
        lambda a: features.tokens.tokens_of(a.snapshot, a.character),
        legend.TOKENS,
    ),
    Method(
        types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE,
        lambda a: features.tokens.tokens_of(a.snapshot, a.character, a.lines),
        legend.TOKENS,
    ),
)
