"""Each kind of problem has a page whose example shows it and whose fix doesn't."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import spindle
from spindle.diagnostics import Diagnostic, has_errors
from spindle.loader import Options, load
from spindle.runtime_config import RuntimeConfig, read_runtime_config

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "reference" / "diagnostics"
EMPTY_MODULE = b"\0asm\x01\0\0\0"

SHOWN_ELSEWHERE = {
    # What a manifest's text alone can't show; other tests do.
    "ambiguous-dependency",
    "direct-mount",
    "build-error",
    "build-warning",
    "dotenv-elsewhere",
    "manifest-encoding",
    "manifest-not-found",
    "missing-export",
    "models-without-compute",
    "no-handler",
    "several-handlers",
    "stale-source",
    "target-mismatch",
    "ungranted-import",
    "unknown-import",
    "unused-grant",
    "not-middleware",
    "runtime-config-not-found",
    "undefined-profile",
    "unmatched-dependency",
    "unresolved-variable",
}


def _codes_in_source() -> Iterator[str]:
    for path in Path(spindle.__file__).parent.rglob("*.py"):
        if path.parts[-2] in ("building", "checks", "loader", "manifest", "runtime_config"):
            yield from _codes_in(ast.parse(path.read_text()))


def _codes_in(tree: ast.Module) -> Iterator[str]:
    makers = {"Diagnostic", "Grammar", "SyntaxProblem", "error", "warning", "info", "hint"}
    makers |= {"_report", "_not_found", "tell"}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else None
        name = node.func.id if isinstance(node.func, ast.Name) else name
        first = node.args[0]
        if name in makers and isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value


def _completed(text: str) -> str:
    """A fragment of a manifest with what it takes for granted around it."""
    if "spin_manifest_version" in text:
        return text
    head = 'spin_manifest_version = 2\n\n[application]\nname = "example"\n\n'
    tail = ""
    if "[trigger" not in text:
        tail += '\n[[trigger.http]]\nroute = "/..."\ncomponent = "hello"\n'
    if '"hello"' in text + tail and "[component." not in text:
        tail += '\n[component.hello]\nsource = "app.wasm"\n'
    return head + text + tail


def _blocks(page: Path) -> dict[str, tuple[str, str]]:
    """The language and text of the code under each heading."""
    found = re.findall(r"^## (\w+)\n\n```([\w-]+)\n(.*?)^```", page.read_text(), re.M | re.S)
    return {heading: (language, text) for heading, language, text in found}


def _problems(language: str, text: str, root: Path) -> tuple[Diagnostic, ...]:
    (root / "app.wasm").write_bytes(EMPTY_MODULE)
    (root / "static").mkdir(exist_ok=True)
    (root / "static" / "index.html").write_text("hello")
    config = RuntimeConfig() if "cache" in text else None
    found: tuple[Diagnostic, ...] = ()
    if language == "runtime-config":
        config, found = read_runtime_config(root / "runtime-config.toml", text)
        text = ""
    options = Options(runtime_config=config, read_wasm=True)
    return (*load(root / "spin.toml", options, text=_completed(text)).diagnostics, *found)


def _page_names() -> list[str]:
    return sorted(page.stem for page in PAGES.glob("*.md"))


def test_each_code_has_a_page_and_each_page_a_code() -> None:
    assert set(_page_names()) == set(_codes_in_source())


@pytest.mark.parametrize("code", _page_names())
def test_page_begins_with_its_code(code: str) -> None:
    assert (PAGES / f"{code}.md").read_text().startswith(f"# `{code}`\n")


@pytest.mark.parametrize("code", sorted(set(_page_names()) - SHOWN_ELSEWHERE))
def test_example_shows_the_problem_with_a_place_and_help(code: str, tmp_path: Path) -> None:
    (tmp_path / "spin.toml").touch()
    problems = _problems(*_blocks(PAGES / f"{code}.md")["Example"], tmp_path)
    shown = [problem for problem in problems if problem.code == code]
    assert shown, problems
    assert all(problem.span is not None and problem.path is not None for problem in shown)
    assert all(problem.help or code == "toml-syntax" for problem in shown)


@pytest.mark.parametrize(
    "code", sorted(name for name in _page_names() if "Fix" in _blocks(PAGES / f"{name}.md"))
)
def test_fix_has_no_problem(code: str, tmp_path: Path) -> None:
    (tmp_path / "spin.toml").touch()
    problems = _problems(*_blocks(PAGES / f"{code}.md")["Fix"], tmp_path)
    assert all(problem.code != code for problem in problems)
    assert not has_errors(problems)
