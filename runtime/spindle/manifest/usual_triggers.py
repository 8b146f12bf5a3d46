"""Triggers that a manifest of version 1 lacks, as they usually are: an HTTP trigger for all paths.

These are guesses, so that their fixes are not safe.
"""

from __future__ import annotations

from collections.abc import Iterable

from spindle.diagnostics import Diagnostic, Edit, Fix
from spindle.manifest.tree import Document, Node
from spindle.text import LineIndex, Position, Span

_OF_ALL = "missing field `trigger`"
_OF_COMPONENT = "missing field `trigger` in `component`"
_ROUTE = "missing field `route` in `component.trigger`"
USUAL = {
    _OF_ALL: 'trigger = { type = "http" }',
    _OF_COMPONENT: 'trigger = { route = "/..." }',
    _ROUTE: 'route = "/..."',
}
"""What to add, by the problem's message."""


def with_usual_triggers(
    document: Document, version: Node, diagnostics: Iterable[Diagnostic]
) -> list[Diagnostic]:
    """The problems, with fixes for those that a usual trigger would solve.

    Which of several components answers all paths can't be guessed.
    """
    found = list(diagnostics)
    components = document.root.get("component")
    alone = components is not None and components.array is not None and len(components.array) == 1
    without = {each.span for each in found if each.message == _OF_COMPONENT}
    return [
        each._replace(fix=_fix(document, version, each))
        if each.message == _OF_ALL
        or (each.message == _OF_COMPONENT and alone)
        or (each.message == _ROUTE and alone and each.span not in without)
        else each
        for each in found
    ]


def _fix(document: Document, version: Node, diagnostic: Diagnostic) -> Fix:
    assert diagnostic.span is not None
    entry = USUAL[diagnostic.message]
    if diagnostic.message == _OF_ALL:
        start = Position(version.place.start.line, 0)
        edit = Edit(document.path, Span(start, start), f"{entry}\n")
    else:
        edit = _within(document, diagnostic.span, entry)
    return Fix(f"Add `{entry}`", (edit,), safe=False)


def _within(document: Document, table: Span, entry: str) -> Edit:
    """The entry in a table: after its header, or as the first of an inline one."""
    index = LineIndex(document.text.encode("utf-8", "replace"))
    start, end = index.offset(table.start), index.offset(table.end)
    text = index.data[start:end]
    if not text.startswith(b"{"):
        return Edit(document.path, Span(table.end, table.end), f"\n{entry}")
    after = index.position(start + 1)
    ending = " " if not text.strip(b"{} \t") else ","
    return Edit(document.path, Span(after, after), f" {entry}{ending}")
