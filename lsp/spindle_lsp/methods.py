"""Which function answers which request about a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from lsprotocol import types

from spindle_lsp.convert import span_of
from spindle_lsp.features import actions, folding, formatting, links, symbols
from spindle_lsp.snapshot import Snapshot


class Method(NamedTuple):
    """A request about a file."""

    name: str
    answer: Callable[[Snapshot, Any], Any]
    """Takes the snapshot of the file and the request's parameters."""
    options: Any = None
    """What the client is told of it."""


METHODS = (
    Method(
        types.TEXT_DOCUMENT_CODE_ACTION,
        lambda s, p: actions.actions_at(s, span_of(p.range), p.context.only),
        types.CodeActionOptions(code_action_kinds=list(actions.KINDS)),
    ),
    Method(types.TEXT_DOCUMENT_DOCUMENT_LINK, lambda s, p: links.links_in(s)),
    Method(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, lambda s, p: symbols.outline_of(s)),
    Method(types.TEXT_DOCUMENT_FOLDING_RANGE, lambda s, p: folding.folds_of(s)),
    Method(types.TEXT_DOCUMENT_FORMATTING, lambda s, p: formatting.edits_of(s)),
    Method(
        types.TEXT_DOCUMENT_RANGE_FORMATTING,
        lambda s, p: formatting.edits_of(s, span_of(p.range)),
    ),
)
