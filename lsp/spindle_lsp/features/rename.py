"""Giving a component, a variable or a label another name, wherever it is spoken of."""

from __future__ import annotations

from collections.abc import Iterable

from lsprotocol import types

from spindle.diagnostics import Edit
from spindle.manifest import COMPONENT_ID, DATABASE_LABEL, STORE_LABEL, VARIABLE_NAME, Grammar
from spindle.text import Position
from spindle_lsp.convert import range_of, workspace_edit
from spindle_lsp.features.navigation import everywhere
from spindle_lsp.meaning import Sort
from spindle_lsp.mentions import Mention, mention_at
from spindle_lsp.refusal import Refusal
from spindle_lsp.snapshot import Snapshot

GRAMMARS = {
    Sort.COMPONENT: COMPONENT_ID,
    Sort.VARIABLE: VARIABLE_NAME,
    Sort.STORE: STORE_LABEL,
    Sort.DATABASE: DATABASE_LABEL,
}


class RenameError(Refusal):
    """A name can't be given; the message is for people."""


def prepare_rename(snapshot: Snapshot, position: Position) -> types.PrepareRenamePlaceholder | None:
    """The name at a place that can be changed."""
    mention = mention_at(snapshot.kind, snapshot.text, position)
    if mention is None or not mention.name or not _is_ours(mention):
        return None
    return types.PrepareRenamePlaceholder(range_of(mention.span), mention.name)


def renamed(
    snapshot: Snapshot, position: Position, new_name: str, neighbours: Iterable[Snapshot] = ()
) -> types.WorkspaceEdit | None:
    """What gives what is named at a place another name; raises `RenameError`."""
    mention = mention_at(snapshot.kind, snapshot.text, position)
    if mention is None or not mention.name:
        return None
    if not _is_ours(mention):
        raise RenameError(f"the {mention.sort.value} `default` always exists under this name")
    neighbours = list(neighbours)
    check_name(GRAMMARS[mention.sort], new_name)
    if new_name != mention.name:
        _check_free(mention, new_name, snapshot, neighbours)
    return workspace_edit(
        Edit(path, found.span, new_name)
        for path, found in everywhere(mention.named, snapshot, neighbours)
    )


def check_name(grammar: Grammar, name: str) -> None:
    """Raise `RenameError` for a name that follows no grammar."""
    problem = grammar.problem(name)
    if problem is not None:
        raise RenameError(f"{grammar.noun} `{name}` is invalid: {problem}; {grammar.form}")


def _is_ours(mention: Mention) -> bool:
    """Whether it is the person who chose the name."""
    return mention.sort in (Sort.COMPONENT, Sort.VARIABLE) or mention.name != "default"


def _check_free(
    mention: Mention, name: str, snapshot: Snapshot, neighbours: Iterable[Snapshot]
) -> None:
    taken = everywhere((mention.sort, name), snapshot, neighbours)
    if any(found.defines for _, found in taken):
        raise RenameError(f"there is a {mention.sort.value} `{name}` already")
