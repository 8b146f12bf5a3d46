"""Problems as a SARIF log, the form code scanning services take.

Source: Static Analysis Results Interchange Format (SARIF) Version 2.1.0, OASIS.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import quote

from spindle import __version__
from spindle.diagnostics import Diagnostic, Fix, Json, Severity, page_of
from spindle.text import Span

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ROOT = "ROOT"
"""The name of the directory that relative places are in."""

_LEVELS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "note",
    Severity.HINT: "note",
}


def sarif_log(diagnostics: Sequence[Diagnostic], root: Path) -> Json:
    """One run's log; files below the root are named relative to it."""
    codes = list(dict.fromkeys(diagnostic.code for diagnostic in diagnostics))
    driver = {
        "name": "spindle",
        "semanticVersion": __version__,
        "rules": [_rule(code) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {ROOT: {"uri": f"{root.as_uri().rstrip('/')}/"}},
        "results": [_result(d, codes.index(d.code), root) for d in diagnostics],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> Json:
    page = page_of(code)
    if page is None:
        return {"id": code}
    text = page.read_text("utf-8")
    return {"id": code, "help": {"text": text, "markdown": text}}


def _result(diagnostic: Diagnostic, rule: int, root: Path) -> Json:
    told = [diagnostic.message, *([diagnostic.help] if diagnostic.help else [])]
    result: Json = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": "\n".join(told)},
    }
    if diagnostic.path is not None:
        result["locations"] = [_location(diagnostic.path, diagnostic.span, root)]
    if diagnostic.related:
        result["relatedLocations"] = [
            {**_location(r.path, r.span, root), "id": number, "message": {"text": r.message}}
            for number, r in enumerate(diagnostic.related)
        ]
    if diagnostic.fix is not None:
        result["fixes"] = [_fix(diagnostic.fix, root)]
    return result


def _location(path: Path, span: Span | None, root: Path) -> Json:
    physical: Json = {"artifactLocation": _artifact(path, root)}
    if span is not None:
        physical["region"] = _region(span)
    return {"physicalLocation": physical}


def _artifact(path: Path, root: Path) -> Json:
    if path.is_relative_to(root):
        return {"uri": quote(path.relative_to(root).as_posix()), "uriBaseId": ROOT}
    return {"uri": path.absolute().as_uri()}


def _region(span: Span) -> Json:
    return {
        "startLine": span.start.line + 1,
        "startColumn": span.start.character + 1,
        "endLine": span.end.line + 1,
        "endColumn": span.end.character + 1,
    }


def _fix(fix: Fix, root: Path) -> Json:
    paths = dict.fromkeys(edit.path for edit in fix.edits)
    return {
        "description": {"text": fix.title},
        "artifactChanges": [_change(fix, path, root) for path in paths],
    }


def _change(fix: Fix, path: Path, root: Path) -> Json:
    replacements: Iterable[Json] = (
        {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.new_text}}
        for edit in fix.edits
        if edit.path == path
    )
    return {"artifactLocation": _artifact(path, root), "replacements": list(replacements)}
