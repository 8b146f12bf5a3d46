"""What importing a part drags in, seen at run time: start-up is made of imports."""

import subprocess
import sys

import pytest

ENGINE = {"wasmtime"}
NETWORK = {"asyncio", "ssl", "httptools", "h2", "uvloop"}
TOOLKITS = {"pygls", "lsprotocol", "ipykernel", "textual", "rich"}
PARSERS = {"tree_sitter"}

PREPARATION = {
    "semantic_version",
    "spindle.component.planner",
    "spindle.component.symbols",
    "spindle.componentize",
    "spindle.composition",
    "spindle.registry",
    "spindle.wasm.definitions",
    "spindle.wasm.validator",
}
"""What a host with warm caches has no use for."""

HEAVY = ENGINE | NETWORK | TOOLKITS | PARSERS


def imported_by(statement: str) -> set[str]:
    """The names in `sys.modules` after a statement, in a fresh interpreter."""
    script = f"{statement}\nimport sys\nsys.stdout.write('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines())


def test_the_root_package_imports_nothing() -> None:
    assert {name for name in imported_by("import spindle") if name.startswith("spindle")} == {
        "spindle"
    }


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("spindle.cli.root", HEAVY),
        ("spindle.cli.ps", HEAVY),
        ("spindle.cli.stop", HEAVY),
        ("spindle.client", HEAVY),
        ("spindle.exchange", HEAVY),
        ("spindle.diagnostics", HEAVY),
        ("spindle.manifest", HEAVY - PARSERS),
        ("spindle.loader", HEAVY - PARSERS),
        ("spindle.checks", HEAVY - PARSERS),
        ("spindle.cli.check", HEAVY - PARSERS),
        ("spindle.cli.build", HEAVY - PARSERS),
        ("spindle.dev.host", TOOLKITS | PREPARATION),
    ],
)
def test_light_parts_stay_light(module: str, unwanted: set[str]) -> None:
    assert imported_by(f"import {module}") & unwanted == set()


def test_the_help_imports_no_verb() -> None:
    statement = "from spindle.cli.root import run\nrun(['--help'])"
    verbs = {name for name in imported_by(statement) if name.startswith("spindle.cli.")}
    names = {"render", "root", "verb_group", "verbs"}
    assert verbs == {f"spindle.cli.{name}" for name in names}
