"""What is wrong with the manifest and what belongs to it, as `spindle check` says it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from spindle.diagnostics import Diagnostic, Severity
from spindle.doctor.findings import Build, Finding, FixTexts, Remedy, State
from spindle.doctor.patient import Patient

_STATES = {
    Severity.ERROR: State.ERROR,
    Severity.WARNING: State.WARNING,
    Severity.INFO: State.NOTE,
}
UNBUILT = frozenset(("missing-source", "not-wasm"))
"""Problems that a build may solve."""


def application(patient: Patient) -> Iterator[Finding]:
    """There is an application, and nothing is wrong with what it consists of."""
    if patient.path is None:
        message = "there is no application here: only the machine is examined"
        hint = "name one: spindle doctor -f PATH"
        yield Finding("manifest-not-found", State.NOTE, message, (hint,), of_machine=False)
        return
    found = [d for d in patient.diagnostics if d.severity in _STATES]
    for diagnostic in found:
        yield _finding(patient, diagnostic)
    if not found:
        message = f"nothing is wrong with `{_place(patient.path)}`"
        yield Finding("manifest", State.OK, message, of_machine=False)


def _finding(patient: Patient, diagnostic: Diagnostic) -> Finding:
    place = "" if diagnostic.path is None else f"{_place(diagnostic.path)}: "
    if diagnostic.path is not None and diagnostic.span is not None:
        place = f"{place[:-2]}:{diagnostic.span.start.line + 1}: "
    return Finding(
        diagnostic.code,
        _STATES[diagnostic.severity],
        f"{place}{diagnostic.message}",
        () if diagnostic.help is None else (diagnostic.help,),
        _remedy(patient, diagnostic),
        of_machine=False,
    )


def _remedy(patient: Patient, diagnostic: Diagnostic) -> Remedy | None:
    if patient.path is None:
        return None
    if diagnostic.code in UNBUILT:
        id_ = _component_at(patient, diagnostic)
        if id_ is None:
            return None
        return Build(f"Build `{id_}`", patient.path, id_, patient.profile)
    fix = diagnostic.fix
    if fix is None or any(edit.path != patient.path for edit in fix.edits):
        return None
    shown = _place(patient.path)
    if fix.safe:
        return FixTexts(f"Apply the safe fixes to `{shown}`", patient.path)
    title = f"Apply the fixes to `{shown}` that may not be what you mean"
    return FixTexts(title, patient.path, unsafe=True)


def _component_at(patient: Patient, diagnostic: Diagnostic) -> str | None:
    """The component with a build whose source a problem is about."""
    components = {} if patient.manifest is None else patient.manifest.components
    for id_, component in components.items():
        if component.build is not None and component.at("source") == diagnostic.span:
            return id_
    return None


def _place(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else os.fspath(path)
