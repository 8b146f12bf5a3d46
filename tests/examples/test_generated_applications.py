"""What the templates make is built, served, and passes its own tests."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import SPINDLE

from spindle.templates import Filling, placed, plan_application
from spindle.templates.shelves import own_shelf

Up = Callable[..., Any]
EXAMPLES = Path(__file__).parents[2] / "examples"
GIVEN = {"redirect-to": "/there", "redis-channel": "news"}


def made(id_: str, root: Path) -> Path:
    """An application of a template, built."""
    (template,) = (each for each in own_shelf().templates if each.id == id_)
    values = {each.id: GIVEN.get(each.id, each.default or "") for each in template.parameters}
    with placed(plan_application(template, Filling("my-app", values)), root):
        pass
    return root


def with_tools(app: Path) -> Path:
    """The application with the environment that the examples have for its requirements."""
    requirements = app / "requirements.txt"
    command: list[str | Path] = [sys.executable, EXAMPLES / "with_tools.py", requirements]
    script = "import os; print(os.environ['VIRTUAL_ENV'])"
    done = subprocess.run([*command, "python", "-c", script], check=True, capture_output=True)
    home = Path(done.stdout.decode().strip())
    venv = app / ".venv"
    venv.symlink_to(home)
    (venv / "requirements.txt").write_text(f"# {venv}\n{requirements.read_text()}")
    return app


def built(app: Path) -> str:
    """What building an application says."""
    done = subprocess.run([SPINDLE, "build"], cwd=app, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_python_application_greets(tmp_path: Path, up: Up) -> None:
    app = made("http-py", tmp_path / "app")
    assert "setting up" in built(app)
    greets(up(app))


def test_a_c_application_greets(tmp_path: Path, up: Up) -> None:
    app = with_tools(made("http-c", tmp_path / "app"))
    assert "setting up" not in built(app)
    greets(up(app))


def greets(host: Any) -> None:
    answer = host.get("/Ada")
    assert (answer.status, answer.text) == (200, "Hello, Ada!\n")
    assert answer.headers.get_content_type() == "text/plain"


def test_a_site_is_served_at_once(tmp_path: Path, up: Up) -> None:
    app = made("static-fileserver", tmp_path / "app")
    host = up(app)
    assert "<h1>my-app</h1>" in host.get("/").text
    assert host.get("/style.css").headers.get_content_type() == "text/css"
    missing = host.get("/nothing")
    assert (missing.status, "There is nothing here" in missing.text) == (404, True)


def test_a_redirect_is_served_at_once(tmp_path: Path, up: Up) -> None:
    answer = up(made("redirect", tmp_path / "app")).get("/")
    assert (answer.status, answer.headers["location"]) == (302, "/there")


@pytest.mark.parametrize(
    ("id_", "command"),
    [
        ("cron-py", [sys.executable, "-m", "unittest"]),
        ("http-py", [sys.executable, "-m", "unittest"]),
        ("redis-py", [sys.executable, "-m", "unittest"]),
        ("static-fileserver", [sys.executable, "-m", "unittest"]),
        ("http-js", ["node", "--test"]),
        ("http-c", ["make", "test"]),
    ],
)
def test_their_own_tests_pass(id_: str, command: list[str], tmp_path: Path) -> None:
    app = made(id_, tmp_path / "app")
    done = subprocess.run(command, cwd=app, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_tools_are_set_up_once_for_what_is_required(tmp_path: Path) -> None:
    app = made("http-py", tmp_path / "app")
    (app / "requirements.txt").write_text("\n")
    command = [sys.executable, "tools.py", "python", "-c", "import sys; print(sys.prefix)"]
    for setting_up in (True, False):
        done = subprocess.run(command, cwd=app, capture_output=True, text=True, check=True)
        assert Path(done.stdout.strip()) == app / ".venv"
        assert ("setting up" in done.stderr) == setting_up


def test_tools_are_set_up_again_where_an_application_is_moved(tmp_path: Path) -> None:
    app, moved = made("http-py", tmp_path / "app"), tmp_path / "moved"
    (app / "requirements.txt").write_text("\n")
    command = [sys.executable, "tools.py", "python", "-c", "import sys; print(sys.prefix)"]
    subprocess.run(command, cwd=app, capture_output=True, check=True)
    (app / ".venv" / "leftover").touch()
    app.rename(moved)
    done = subprocess.run(command, cwd=moved, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()) == moved / ".venv"
    assert "setting up" in done.stderr
    assert not (moved / ".venv" / "leftover").exists()


def test_the_file_server_is_the_examples(tmp_path: Path, guest: Callable[[str], Path]) -> None:
    served = made("static-fileserver", tmp_path / "app") / "fileserver.wasm"
    assert (
        served.read_bytes() == (guest("examples/static-site") / "fileserver/main.wasm").read_bytes()
    )
