"""`spindle replay FILE`: requests from other tools' files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.harness import Run

MANIFEST = """\
spin_manifest_version = 2
[application]
name = "files"
[[trigger.http]]
route = "/..."
component = "guest"
[component.guest]
source = "{wasm}"
"""


@pytest.fixture
def folder(guest: Callable[[str], Path], tmp_path: Path) -> Path:
    """The folder of an application."""
    (tmp_path / "spin.toml").write_text(MANIFEST.format(wasm=guest("python").as_posix()))
    return tmp_path


def test_requests_of_an_editor(run: Run, folder: Path) -> None:
    (folder / "r.http").write_text("GET /hello\n### b\nPOST http://h/echo\n\nbody\n")
    done = run("replay", "r.http", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "GET /hello → 200" in done.stdout
    assert "POST /echo → 200" in done.stdout


def test_commands(run: Run, folder: Path) -> None:
    (folder / "r.curl").write_text("curl localhost/echo -d 'it'\"'\"'s'\ncurl -d @file h\n")
    done = run("replay", "r.curl", cwd=folder)
    assert "warning: r.curl:2: the file `file` is not read" in done.stderr
    assert "POST /echo → 200" in done.stdout


def test_what_an_archive_has_is_compared(run: Run, folder: Path) -> None:
    (folder / "r.http").write_text("POST /echo\n\nbefore\n")
    assert run("replay", "r.http", cwd=folder).returncode == 0
    har = run("export", "path:/echo", "--format", "har", cwd=folder).stdout
    (folder / "r.har").write_text(har)
    assert run("replay", "r.har", cwd=folder).returncode == 0
    (folder / "r.har").write_text(har.replace('"text": "before"', '"text": "after"', 1))
    done = run("replay", "r.har", cwd=folder)
    assert done.returncode not in (0, 1, 2)
    assert "after" in done.stdout


def test_a_file_of_nothing(run: Run, folder: Path) -> None:
    (folder / "r.http").write_text("# nothing\n")
    done = run("replay", "r.http", cwd=folder)
    assert done.returncode == 2
    assert "`r.http` has no exchanges" in done.stderr
