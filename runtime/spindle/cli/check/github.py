"""Problems as commands of GitHub's workflows, which show them beside the lines of a change."""

from __future__ import annotations

from pathlib import Path

from spindle.diagnostics import Diagnostic, Severity

_COMMANDS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
    Severity.HINT: "notice",
}


def workflow_command(diagnostic: Diagnostic, root: Path) -> str:
    """The line that a runner reads; files below the root are named relative to it."""
    properties: dict[str, object] = {}
    if diagnostic.path is not None:
        inside = diagnostic.path.is_relative_to(root)
        path = diagnostic.path.relative_to(root) if inside else diagnostic.path
        properties["file"] = path.as_posix()
    if (span := diagnostic.span) is not None:
        properties["line"] = span.start.line + 1
        if span.end.line == span.start.line:
            # Columns are for places within one line.
            properties["col"] = span.start.character + 1
            properties["endColumn"] = max(span.end.character, span.start.character + 1)
        properties["endLine"] = span.end.line + 1
    properties["title"] = diagnostic.code
    told = [diagnostic.message, *([diagnostic.help] if diagnostic.help else [])]
    named = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{_COMMANDS[diagnostic.severity]} {named}::{_data(chr(10).join(told))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
