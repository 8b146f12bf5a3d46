"""Whatever a manifest looks like, repairing it ends, breaks nothing and loses no comment."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spindle.diagnostics import Diagnostic
from spindle.fixes import Texts, repair
from spindle.loader import Located, Options, examine
from spindle.manifest import read_manifest
from spindle.manifest.statements import comments_in

ROOT = Path(__file__).parents[2]
PATH = Path("/nowhere/spin.toml")
TEXTS = [
    path.read_bytes().decode()
    for place in ("tests/checks/cases", "tests/manifest/cases", "examples")
    for path in sorted((ROOT / place).rglob("*.toml"))
    if "node_modules" not in path.parts
]
REMOVING = {"deprecated-base"}
"""Problems solved by removing a line, with what is said of it."""
PIECES = ["s", "-", "_", "=", '"', "[", "]", "\n", "\r\n", " # why\n", "component", "/", "{", "}"]


def examined(texts: Texts) -> tuple[Diagnostic, ...]:
    """What is said of a manifest whose files nobody looks for."""
    text = texts[PATH]
    manifest, found = read_manifest(PATH, text)
    if manifest is None:
        return found
    return examine(Located(PATH), manifest, found, Options(check_files=False), text).diagnostics


@st.composite
def manifests(draw: st.DrawFn) -> str:
    """Manifests there are, with something put in or taken out here and there."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        end = at + draw(st.integers(0, 3))
        text = text[:at] + draw(st.sampled_from(["", *PIECES])) + text[end:]
    return text


def is_toml(text: str) -> bool:
    """Whether Python's own parser takes it."""
    try:
        tomllib.loads(text.removeprefix("\ufeff"))
    except (tomllib.TOMLDecodeError, RecursionError):
        return False
    return True


@pytest.mark.parametrize("unsafe", [False, True])
@settings(max_examples=60)
@given(text=manifests())
def test_repairing_breaks_nothing(unsafe: bool, text: str) -> None:
    repaired = repair({PATH: text}, examined, unsafe=unsafe)
    new = repaired.texts[PATH]
    assert bool(repaired.fixed) == (new != text)
    assert repaired.left == examined(repaired.texts)
    assert all(found.fix is not None and (found.fix.safe or unsafe) for found in repaired.fixed)
    if is_toml(text):
        assert is_toml(new)
        codes = {found.code for found in repaired.fixed}
        if not unsafe and codes.isdisjoint(REMOVING):
            assert comments_in(new) >= comments_in(text)
    assert new.startswith("\ufeff") == text.startswith("\ufeff")


@settings(max_examples=60)
@given(text=manifests())
def test_once_is_enough(text: str) -> None:
    repaired = repair({PATH: text}, examined)
    assert repair(repaired.texts, examined).fixed == ()
