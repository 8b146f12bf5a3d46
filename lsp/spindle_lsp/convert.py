"""Between Spindle's words and the protocol's: places, diagnostics, edits.

Spindle counts lines and UTF-16 characters, as the protocol does unless client and server agree on
another encoding; then characters are counted again, line by line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from lsprotocol import types

from spindle.diagnostics import Diagnostic, Edit, Severity
from spindle.text import Position, Span, utf16_length

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
PAGES = "https://github.com/spindle-dev/spindle/blob/main/docs/reference/diagnostics/{}.md"
"""Where the page of a code is."""

Lines = Callable[[Path], list[str]]
"""How the lines of a file are had."""


class Encoding(NamedTuple):
    """How characters are counted in the protocol."""

    name: types.PositionEncodingKind | str = types.PositionEncodingKind.Utf16

    def outward(self, position: Position, lines: list[str]) -> types.Position:
        """A place as the client counts."""
        if self.name == types.PositionEncodingKind.Utf16 or position.line >= len(lines):
            return types.Position(position.line, position.character)
        line = lines[position.line]
        if line.isascii():
            return types.Position(position.line, position.character)
        before = _first_units(line, position.character)
        return types.Position(position.line, self._length(before))

    def inward(self, position: types.Position, lines: list[str]) -> Position:
        """A place as Spindle counts; beyond a line it is the line's end, beyond all the text's."""
        if position.line >= len(lines):
            return Position(len(lines) - 1, utf16_length(lines[-1])) if lines else Position(0, 0)
        line = lines[position.line].rstrip("\r")
        if self.name == types.PositionEncodingKind.Utf16 or line.isascii():
            return Position(position.line, min(position.character, utf16_length(line)))
        return Position(position.line, utf16_length(self._first(line, position.character)))

    def range(self, span: Span, lines: list[str]) -> types.Range:
        """A stretch of text as the client counts."""
        return types.Range(self.outward(span.start, lines), self.outward(span.end, lines))

    def _length(self, text: str) -> int:
        if self.name == types.PositionEncodingKind.Utf8:
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text)

    def _first(self, line: str, count: int) -> str:
        if self.name == types.PositionEncodingKind.Utf8:
            return line.encode("utf-8", "surrogatepass")[:count].decode("utf-8", "ignore")
        return line[:count]


def _first_units(line: str, count: int) -> str:
    return line.encode("utf-16-le", "surrogatepass")[: 2 * count].decode("utf-16-le", "ignore")


def uri_of(path: Path) -> str:
    """The URI of an absolute path."""
    return path.as_uri()


def diagnostic(found: Diagnostic, lines: Lines, encoding: Encoding) -> types.Diagnostic:
    """A problem of a file; one without a place is shown on its first line."""
    assert found.path is not None
    message = found.message if found.help is None else f"{found.message}\n{found.help}"
    tags = [types.DiagnosticTag.Unnecessary] if found.code in UNNECESSARY else []
    tags += [types.DiagnosticTag.Deprecated] if found.code in DEPRECATED else []
    span = found.span or Span(Position(0, 0), Position(0, 0))
    return types.Diagnostic(
        range=encoding.range(span, lines(found.path)),
        message=message,
        severity=SEVERITIES[found.severity],
        code=found.code,
        code_description=types.CodeDescription(PAGES.format(found.code)),
        source="spindle",
        tags=tags or None,
        related_information=[
            types.DiagnosticRelatedInformation(
                types.Location(uri_of(r.path), encoding.range(r.span, lines(r.path))), r.message
            )
            for r in found.related
        ]
        or None,
    )


def workspace_edit(edits: Iterable[Edit], lines: Lines, encoding: Encoding) -> types.WorkspaceEdit:
    """Changes of files."""
    changes: dict[str, list[types.TextEdit]] = {}
    for edit in edits:
        text_edit = types.TextEdit(encoding.range(edit.span, lines(edit.path)), edit.new_text)
        changes.setdefault(uri_of(edit.path), []).append(text_edit)
    return types.WorkspaceEdit(changes=dict(changes))
