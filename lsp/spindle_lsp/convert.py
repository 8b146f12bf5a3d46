"""Between Spindle's words and the protocol's: places, diagnostics, edits.

Features speak the protocol's types and count as Spindle does, in lines and UTF-16 characters. Only
`encodings` knows that a client may count otherwise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from lsprotocol import types

from spindle.diagnostics import Diagnostic, Edit, Severity, page_of
from spindle.text import START, Position, Span

SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
    Severity.HINT: types.DiagnosticSeverity.Hint,
}
UNNECESSARY = frozenset({"unreferenced-component", "unused-grant", "duplicate-route"})
"""What an editor shows faded: text that could as well not be there."""
DEPRECATED = frozenset({"deprecated-key", "deprecated-base"})
"""What an editor shows struck through."""


def position_of(place: Position) -> types.Position:
    """A place in the protocol's words."""
    return types.Position(place.line, place.character)


def range_of(span: Span) -> types.Range:
    """A stretch of text in the protocol's words."""
    return types.Range(position_of(span.start), position_of(span.end))


def place_of(position: types.Position) -> Position:
    """A place in Spindle's words."""
    return Position(position.line, position.character)


def span_of(range: types.Range) -> Span:
    """A stretch of text in Spindle's words."""
    return Span(place_of(range.start), place_of(range.end))


def location(path: Path, span: Span) -> types.Location:
    """A stretch of a file's text."""
    return types.Location(path.as_uri(), range_of(span))


def diagnostic(found: Diagnostic) -> types.Diagnostic:
    """A problem of a file; one without a place is shown on its first line."""
    message = found.message if found.help is None else f"{found.message}\n{found.help}"
    tags = [types.DiagnosticTag.Unnecessary] if found.code in UNNECESSARY else []
    tags += [types.DiagnosticTag.Deprecated] if found.code in DEPRECATED else []
    related = [
        types.DiagnosticRelatedInformation(location(r.path, r.span), r.message)
        for r in found.related
    ]
    return types.Diagnostic(
        range=range_of(found.span or START),
        message=message,
        severity=SEVERITIES[found.severity],
        code=found.code,
        code_description=_described(found.code),
        source="spindle",
        tags=tags or None,
        related_information=related or None,
    )


@cache
def _described(code: str) -> types.CodeDescription | None:
    page = page_of(code)
    return None if page is None else types.CodeDescription(page.as_uri())


def workspace_edit(edits: Iterable[Edit]) -> types.WorkspaceEdit:
    """Changes of files."""
    changes: dict[str, list[types.TextEdit]] = defaultdict(list)
    for edit in edits:
        changes[edit.path.as_uri()].append(types.TextEdit(range_of(edit.span), edit.new_text))
    return types.WorkspaceEdit(changes=dict(changes))
