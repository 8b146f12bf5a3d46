"""Manifests with everything that is said of them, and what each fix makes of them.

Each `cases/*.toml` has beside it a `.txt`; `SPINDLE_WRITE_GOLDEN=1` writes the `.txt` anew: read
the difference. A `.config` beside it is the runtime configuration it is checked against.
"""

from __future__ import annotations

import difflib
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from spindle.diagnostics import Diagnostic, Severity, render
from spindle.fixes import apply_edits
from spindle.loader import Options, load
from spindle.runtime_config import load_runtime_config

CASES = Path(__file__).parent / "cases"
NAMES = sorted(path.stem for path in CASES.glob("*.toml"))


def examined(path: Path, text: str) -> tuple[Diagnostic, ...]:
    config = path.with_suffix(".config")
    found: tuple[Diagnostic, ...] = ()
    options = Options(check_files=False)
    if config.exists():
        runtime_config, found = load_runtime_config(config)
        options = Options(check_files=False, runtime_config=runtime_config)
    return (*load(path, options, text=text).diagnostics, *found)


@pytest.mark.parametrize("case", NAMES)
def test_golden_checks(case: str) -> None:
    path = CASES / f"{case}.toml"
    text = path.read_bytes().decode()
    shown = "\n".join(_shown(d, text) for d in examined(path, text)) or "no problems\n"
    golden = path.with_suffix(".txt")
    if os.environ.get("SPINDLE_WRITE_GOLDEN"):
        golden.write_text(shown)
    assert shown == golden.read_text()


@pytest.mark.parametrize("case", NAMES)
def test_a_fix_removes_its_problem_and_adds_none(case: str) -> None:
    path = CASES / f"{case}.toml"
    text = path.read_bytes().decode()
    before = examined(path, text)
    for diagnostic in before:
        if diagnostic.fix is None or diagnostic.path != path:
            continue
        after = examined(path, apply_edits(text, diagnostic.fix.edits))
        same = [d for d in after if _said(d) == _said(diagnostic)]
        assert len(same) < len([d for d in before if _said(d) == _said(diagnostic)]), diagnostic
        assert not _problems(after) - _problems(before), diagnostic


def _said(diagnostic: Diagnostic) -> tuple[str, str]:
    return diagnostic.code, diagnostic.message


def _problems(diagnostics: tuple[Diagnostic, ...]) -> Counter[tuple[str, str]]:
    """Errors and warnings; what is only worth knowing may come of a fix."""
    serious = (Severity.ERROR, Severity.WARNING)
    return Counter(_said(d) for d in diagnostics if d.severity in serious)


def _shown(diagnostic: Diagnostic, text: str) -> str:
    lines = [render(diagnostic._replace(fix=None), relative_to=CASES)]
    if diagnostic.fix is not None and diagnostic.path is not None:
        if diagnostic.path.suffix == ".config":
            text = diagnostic.path.read_text()
        safe = "safe" if diagnostic.fix.safe else "unsafe"
        lines.append(f"  fix ({safe}): {diagnostic.fix.title}")
        lines += _changed(text, apply_edits(text, diagnostic.fix.edits))
    return "\n".join(lines) + "\n"


def _changed(before: str, after: str) -> Iterator[str]:
    for line in difflib.ndiff(before.splitlines(), after.splitlines()):
        if line.startswith(("+", "-")):
            yield f"    {line}".rstrip()
