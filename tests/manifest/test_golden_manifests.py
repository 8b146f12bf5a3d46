"""Manifests with everything that is said of them.

Each `cases/*.toml` has beside it a `.txt` with what `spindle check` prints of it, and for the ones
that load what became of them. `SPINDLE_WRITE_GOLDEN=1` writes the `.txt` anew: read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from spindle.app import App
from spindle.diagnostics import Diagnostic, render
from spindle.loader import load

CASES = Path(__file__).parent / "cases"


@pytest.mark.parametrize("case", sorted(path.stem for path in CASES.glob("*.toml")))
def test_golden_manifest(case: str) -> None:
    path = CASES / f"{case}.toml"
    loaded = load(path)
    shown = "\n\n".join((*map(_shown, loaded.diagnostics), _outline(loaded.app))) + "\n"
    golden = path.with_suffix(".txt")
    if os.environ.get("SPINDLE_WRITE_GOLDEN"):
        golden.write_text(shown)
    assert shown == golden.read_text()


def _shown(diagnostic: Diagnostic) -> str:
    return render(diagnostic, relative_to=CASES)


def _outline(app: App | None) -> str:
    if app is None:
        return "does not load"
    lines = [f"application {app.name} {app.version}".rstrip()]
    lines += [f"  variable {v.name} = {v.default}" for v in app.variables.values()]
    lines += [f"  component {c.id}: {c.source}" for c in app.components.values()]
    lines += [f"  {t.type} trigger {t.id} -> {t.component}" for t in app.triggers]
    return "\n".join(lines).replace(f"PosixPath('{CASES}/", "('")
