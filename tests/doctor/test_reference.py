"""The reference page names every check."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import spindle.doctor

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "doctor.md"
DIAGNOSTICS = {"manifest", "manifest-not-found"}


def test_every_check_is_named() -> None:
    assert spindle.doctor.__file__ is not None
    found = set()
    for path in Path(spindle.doctor.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding":
                first = node.args[0]
                found |= {first.value} if isinstance(first, ast.Constant) else set()
    named = set(re.findall(r"^\| `([\w-]+)` \|", PAGE.read_text(), re.M))
    assert named == found - DIAGNOSTICS
