"""What the rules look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from spindle.checks.binaries import NO_BINARIES, Binaries
from spindle.diagnostics import Diagnostic, Fix, Related, Severity
from spindle.manifest import Manifest
from spindle.manifest.edits import Editor, quoted
from spindle.text import Position, Span, utf16_length

if TYPE_CHECKING:
    from spindle.runtime_config import RuntimeConfig


class Subject(NamedTuple):
    """A canonical manifest and what belongs to it."""

    manifest: Manifest
    root: Path
    """The application directory."""
    runtime_config: RuntimeConfig | None = None
    """None when it isn't known what the application will run on."""
    built: bool = True
    """False before a build: what the build makes is not looked at."""
    binaries: Binaries = NO_BINARIES
    """What wasm is looked into; none for who is about to run it and finds out anyway."""
    text: str | None = None
    """The manifest's text; without it there are fewer fixes."""

    @property
    def editor(self) -> Editor:
        """What makes changes to the manifest's text."""
        return Editor(self.manifest.path, self.text)

    def error(
        self,
        code: str,
        message: str,
        span: Span,
        help: str,
        *related: tuple[str, Span],
        fix: Fix | None = None,
    ) -> Diagnostic:
        """Something that keeps the application from starting."""
        return self._diagnostic(code, Severity.ERROR, message, span, help, related, fix)

    def warning(
        self,
        code: str,
        message: str,
        span: Span,
        help: str,
        *related: tuple[str, Span],
        fix: Fix | None = None,
    ) -> Diagnostic:
        """Something that starts but surprises."""
        return self._diagnostic(code, Severity.WARNING, message, span, help, related, fix)

    def info(
        self, code: str, message: str, span: Span, help: str, *, fix: Fix | None = None
    ) -> Diagnostic:
        """Something worth knowing."""
        return self._diagnostic(code, Severity.INFO, message, span, help, (), fix)

    def hint(
        self, code: str, message: str, span: Span, help: str, *, fix: Fix | None = None
    ) -> Diagnostic:
        """Something an editor may show in passing."""
        return self._diagnostic(code, Severity.HINT, message, span, help, (), fix)

    def instead(self, span: Span, text: str, *, safe: bool = False) -> Fix:
        """A fix that puts another string at the place of one."""
        return Fix(f"Write `{text}`", (self.editor.replace(span, quoted(text)),), safe)

    def _diagnostic(
        self,
        code: str,
        severity: Severity,
        message: str,
        span: Span,
        help: str,
        related: tuple[tuple[str, Span], ...],
        fix: Fix | None,
    ) -> Diagnostic:
        path = self.manifest.path
        places = tuple(Related(text, path, place) for text, place in related)
        return Diagnostic(code, severity, message, path, span, places, help, fix)


Rule = Callable[[Subject], Iterator[Diagnostic]]


def within(span: Span, text: str, start: int, end: int) -> Span:
    """The span of a part of a string, given in characters of its value.

    Strings with escapes or over several lines give the whole string.
    """
    plain = Position(span.start.line, span.start.character + utf16_length(text) + 2)
    if span.end != plain:
        return span
    first = span.start.character + 1
    return Span(
        Position(span.start.line, first + utf16_length(text[:start])),
        Position(span.start.line, first + utf16_length(text[:end])),
    )
