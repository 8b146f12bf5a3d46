"""`spindle export`: exchanges for other tools."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.harness import Run, Up

import spindle

MANIFEST = """\
spin_manifest_version = 2
[application]
name = "exported"
[[trigger.http]]
route = "/..."
component = "guest"
[component.guest]
source = "{wasm}"
"""


@pytest.fixture(scope="module")
def folder(guest: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an application that has answered requests."""
    folder = tmp_path_factory.mktemp("app")
    (folder / "spin.toml").write_text(MANIFEST.format(wasm=guest("wat/hello").as_posix()))
    with spindle.open(folder) as app:
        app.get("/a", headers={"authorization": "Bearer s3"})
        app.post("/b", "it's")
    return folder


def test_a_filter_chooses_of_what_is_kept(run: Run, folder: Path) -> None:
    done = run("export", "method:POST", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("curl http://127.0.0.1:")
    assert "--data-raw 'it'\"'\"'s'" in done.stdout


def test_ids_choose_and_secrets_are_masked(run: Run, folder: Path) -> None:
    done = run("export", "path:/a", "--format", "json", cwd=folder)
    document = json.loads(done.stdout)
    assert "s3" not in done.stdout
    done = run("export", document["id"], "--format", "http", "--show-secrets", cwd=folder)
    assert done.stdout.splitlines()[0] == "### GET /a"
    assert "authorization: Bearer s3" in done.stdout


def test_a_running_host_is_asked(run: Run, up: Up, folder: Path, tmp_path: Path) -> None:
    host = up(folder, "--listen", "127.0.0.1:0", "--state-dir", str(tmp_path))
    with urllib.request.urlopen(f"{host.base_url}/c") as response:
        id_ = response.headers["spindle-exchange"]
    done = run("export", id_, "--format", "python", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "'/c'" in done.stdout


@pytest.mark.parametrize(
    ("which", "message"),
    [
        ("fff", "no exchange is kept whose id is or begins with `fff`"),
        ("path:/nowhere", "no exchange is kept that `path:/nowhere` means"),
        ("stat:1", "stat"),
    ],
)
def test_what_is_not_there_is_said(run: Run, folder: Path, which: str, message: str) -> None:
    done = run("export", which, cwd=folder)
    assert done.returncode in (1, 2)
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_was_ever_kept(run: Run, guest: Callable[[str], Path], tmp_path: Path) -> None:
    (tmp_path / "spin.toml").write_text(MANIFEST.format(wasm=guest("wat/hello").as_posix()))
    done = run("export", "abc", cwd=tmp_path)
    assert done.returncode == 1
    assert "no exchanges have been kept yet" in done.stderr
