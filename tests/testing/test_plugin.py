"""Testing applications with pytest, as somebody would who has one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import spindle
from spindle.component.values import Ok

MANIFEST = """\
spin_manifest_version = 2
[application]
name = "tested"
[[trigger.http]]
route = "/..."
component = "guest"
[component.guest]
source = "{wasm}"
key_value_stores = ["default"]
"""
TESTS = """\
import asyncio

def test_answers(app):
    assert app.get("/status?code=404").status == 404

def test_state_is_of_this_run(app):
    assert len(app.kv) == 0
    app.get("/keep?key=a&value=b")
    assert app.kv["a"] == b"b"

def test_a_mock_that_is_left_running(app):
    app.mock("wasi:random/random", get_random_u64=7, get_random_bytes=bytes).start()
    assert app.get("/chance").text == "0"

def test_it_is_undone(app):
    assert app.get("/chance").text != "0"

def test_coroutines(app):
    async def main():
        return await app.aio.get("/hello")
    assert asyncio.run(main()).ok
"""


@pytest.fixture
def folder(guest: Callable[[str], Path], tmp_path: Path) -> Path:
    """The folder of an application with tests."""
    (tmp_path / "spin.toml").write_text(MANIFEST.format(wasm=guest("python").as_posix()))
    (tmp_path / "tests").mkdir()
    return tmp_path


def run_pytest(folder: Path, *arguments: str) -> tuple[int, str]:
    """How pytest ends in a folder, and what it prints."""
    plugins = ["-p", "no:cacheprovider", "-p", "spindle.testing.plugin"]  # and no others
    command = [sys.executable, "-m", "pytest", *plugins, "-W", "error", *arguments]
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        command, cwd=folder, env=alone, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_the_application_above_the_tests_is_served(folder: Path) -> None:
    (folder / "tests" / "test_app.py").write_text(TESTS)
    code, output = run_pytest(folder, "--spindle")
    assert (code, "5 passed" in output) == (0, True), output
    assert not (folder / ".spin").exists()


def test_without_the_option_nothing_is_there(folder: Path) -> None:
    (folder / "tests" / "test_app.py").write_text(TESTS)
    (folder / "tests" / "a.exchange.json").write_text("{}")
    code, output = run_pytest(folder, "-k", "test_answers")
    assert code == 1
    assert "fixture 'app' not found" in output


def test_another_app_of_the_project_goes_first(folder: Path) -> None:
    (folder / "conftest.py").write_text(
        "import pytest\n\n@pytest.fixture\ndef app():\n    return 'mine'\n"
    )
    (folder / "tests" / "test_app.py").write_text("def test_mine(app):\n    assert app == 'mine'\n")
    for options in ((), ("--spindle",)):
        assert run_pytest(folder, *options)[0] == 0


def test_the_configuration_can_name_the_application(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "pytest.toml").write_text(
        '[pytest]\nspindle_app = "../spin.toml"\nspindle_scope = "module"\n'
    )
    (elsewhere / "conftest.py").write_text(
        "import pytest\n\n"
        '@pytest.fixture(scope="session")\n'
        'def spindle_flags():\n    return {"env": {"WHO": "Ada"}}\n'
    )
    (elsewhere / "test_app.py").write_text(
        'def test_env(app):\n    assert app.get("/env").json()["env"]["WHO"] == "Ada"\n'
    )
    code, output = run_pytest(elsewhere)
    assert (code, "1 passed" in output) == (0, True), output


def test_saved_exchanges_are_tests(folder: Path) -> None:
    cases = folder / "tests" / "exchanges"
    cases.mkdir()
    with spindle.open(folder, state_dir=str(folder / "state")) as served:
        document = served.post("/echo", "hello").document
    (cases / "echo.exchange.json").write_text(json.dumps(document))
    document["output"]["status"] = 201
    (cases / "wrong.exchange.json").write_text(json.dumps(document))
    (cases / "none.exchange.json").write_text("[]")
    code, output = run_pytest(folder, "--spindle", "-v")
    assert code == 1
    assert "echo.exchange.json::echo PASSED" in output
    assert "it comes out otherwise: `output.status`" in output
    assert "none.exchange.json` is no exchange" in output
    assert "1 passed" in output
    assert "2 failed" in output
    assert "Traceback" not in output
    assert "def repeat" not in output


def test_saved_exchanges_are_told_by_mocks_of_fixtures(folder: Path) -> None:
    with (
        spindle.open(folder, state_dir=str(folder / "state")) as served,
        served.mock("spin:variables/variables", get=Ok("mocked")),
    ):
        document = served.get("/variable?name=who").document
    (folder / "tests" / "who.exchange.json").write_text(json.dumps(document))
    (folder / "tests" / "conftest.py").write_text(
        "import pytest\nfrom spindle.component.values import Ok\n\n"
        "@pytest.fixture(autouse=True)\n"
        "def who(app):\n"
        '    with app.mock("spin:variables/variables", get=Ok("mocked")):\n'
        "        yield\n"
    )
    code, output = run_pytest(folder, "--spindle")
    assert (code, "1 passed" in output) == (0, True), output


def test_what_is_wrong_with_a_mock_is_said_where_it_is_made(folder: Path) -> None:
    (folder / "tests" / "test_mocks.py").write_text(
        "def test_name(app):\n"
        "    app.mock('wasi:random/randm', x=1)\n"
        "def test_calls(app):\n"
        "    app.mock('wasi:random/random', get_random_u64=1).assert_called()\n"
    )
    _code, shown = run_pytest(folder, "--spindle")
    assert "MockError: the host has no interface `wasi:random/randm`" in shown
    assert "help: did you mean `wasi:random/random`?" in shown
    assert "`wasi:random/random` was to be called, and was called 0 times" in shown
    assert "mocks.py" not in shown.replace("test_mocks.py", "")


def test_no_application_is_said(tmp_path: Path) -> None:
    (tmp_path / "test_app.py").write_text("def test_app(app):\n    pass\n")
    code, output = run_pytest(tmp_path, "--spindle")
    assert code == 1
    assert "has a `spin.toml`: say `--spindle-app PATH`" in output
    assert "Traceback" not in output


def test_a_broken_manifest_is_shown_with_its_places(folder: Path) -> None:
    (folder / "spin.toml").write_text("spin_manifest_version = 2\n[application]\nnmae = 1\n")
    (folder / "tests" / "test_app.py").write_text("def test_app(app):\n    pass\n")
    code, output = run_pytest(folder, "--spindle")
    assert code == 1
    assert "did you mean `name`?" in output
    assert "spindle/dev" not in output


def test_wrong_configuration_is_a_usage_error(folder: Path) -> None:
    (folder / "tests" / "test_app.py").write_text("def test_app(app):\n    pass\n")
    code, output = run_pytest(folder, "--spindle", "-o", "spindle_scope=forever")
    assert code != 0
    assert "`spindle_scope` is `session` or `module`, not `forever`" in output


def test_pytest_finds_the_plugin() -> None:
    [found] = entry_points(group="pytest11", name="spindle")
    assert found.value == "spindle.testing.plugin"


def test_the_plugin_costs_those_nothing_who_do_not_use_it() -> None:
    script = (
        "import sys, pytest\nbefore = set(sys.modules)\nimport spindle.testing.plugin\n"
        "print(sorted(name for name in set(sys.modules) - before))"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.replace("'", '"')) == [
        "spindle", "spindle.testing", "spindle.testing.plugin",
    ]  # fmt: skip
