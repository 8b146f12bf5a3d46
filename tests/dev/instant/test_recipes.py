"""Build commands: which make components that can run from their sources."""

import shlex
from pathlib import Path

import pytest

from spindle.dev.instant import Recipe, Unsuited, recipe_of

WORLD = (("--world", "spin:up/http-trigger@4.1.0"),)


@pytest.mark.parametrize(
    ("command", "recipe"),
    [
        (
            "componentize-py -w spin:up/http-trigger@4.1.0 componentize app -o app.wasm",
            Recipe((), ("componentize-py",), WORLD, "app"),
        ),
        (
            "python3 ../with_tools.py requirements.txt componentize-py "
            "-w spin:up/http-trigger@4.1.0 componentize app -o app.wasm",
            Recipe(
                ("python3", "../with_tools.py", "requirements.txt"),
                ("componentize-py",),
                WORLD,
                "app",
            ),
        ),
        (
            "uv run componentize-py -wspin:up/http-trigger@4.1.0 componentize -p src -p lib my.app",
            Recipe(("uv", "run"), ("componentize-py",), WORLD, "my.app", ("src", "lib")),
        ),
        (
            ".venv/bin/componentize-py --world=a --wit-path 'my wit' -q componentize app",
            Recipe(
                (),
                (".venv/bin/componentize-py",),
                (("--world", "a"), ("--wit-path", "my wit"), ("--quiet", "")),
                "app",
            ),
        ),
        (
            "python -m componentize_py -w a componentize app -m sdk=a --python-path=src -oapp.wasm",
            Recipe(
                ("python",),
                ("-m", "componentize_py"),
                (("--world", "a"), ("--module-worlds", "sdk=a")),
                "app",
                ("src",),
            ),
        ),
    ],
)
def test_what_is_recognised(command: str, recipe: Recipe) -> None:
    assert recipe_of([command]) == recipe


@pytest.mark.parametrize(
    ("commands", "reason"),
    [
        (["cargo build"], "not built by `componentize-py`"),
        (["python -m nothing componentize app"], "not built by `componentize-py`"),
        (["make wit", "componentize-py -w a componentize app"], "several commands"),
        (["make wit && componentize-py -w a componentize app"], "for a shell"),
        (["componentize-py -w $WORLD componentize app"], "for a shell"),
        (["componentize-py -w 'a componentize app"], "split into words"),
        (["componentize-py -w a componentize app -s"], "--stub-wasi"),
        (["componentize-py -w a componentize app --stub-wasi"], "--stub-wasi"),
        (["componentize-py -w a componentize app -i b"], "--intersect-world"),
        (["componentize-py --world-module=b -w a componentize app"], "--world-module"),
        (["componentize-py -w a componentize app --new"], "`--new`"),
        (["componentize-py componentize app"], "no world"),
        (["componentize-py -w a bindings componentize"], "makes no component"),
        (["componentize-py -w a componentize"], "makes no component"),
    ],
)
def test_what_is_not(commands: list[str], reason: str) -> None:
    found = recipe_of(commands)
    assert isinstance(found, Unsuited)
    assert reason in found.reason


def test_the_command_of_a_base_has_the_loader_where_the_application_was() -> None:
    recipe = recipe_of(
        ["uv run componentize-py -d 'my wit' -w a componentize app -p src -m s=a -o app.wasm"]
    )
    assert isinstance(recipe, Recipe)
    assert shlex.split(recipe.base_command(Path("/loader"), Path("/cache/base.wasm"))) == [
        *("uv", "run", "componentize-py", "--wit-path", "my wit", "--world", "a"),
        *("--wit-path", "/loader", "--world", "spindle:instant/instant"),
        *("componentize", "_spindle_instant", "--python-path", "/loader"),
        *("--module-worlds", "s=a", "--output", "/cache/base.wasm"),
    ]


def test_python_is_asked_beside_the_tool() -> None:
    for command, python in (
        ("uv run componentize-py -w a componentize app", "uv run python3 -c look"),
        ("py -m componentize_py -w a componentize app", "py -c look"),
    ):
        recipe = recipe_of([command])
        assert isinstance(recipe, Recipe)
        assert recipe.python_command("look") == python
