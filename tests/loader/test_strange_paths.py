"""Paths that are none, or lead to what is no file, are problems like others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from spindle.loader import Options, load
from spindle.wasm import look_at

MANIFEST = """spin_manifest_version = 2
[application]
name = "a"
[[trigger.http]]
route = "/..."
component = "c"
[component.c]
source = "{path}"
files = ["{path}", "{path}/*", {{ source = "{path}", destination = "/" }}]
exclude_files = ["{path}"]
[component.c.build]
command = "make"
workdir = "{path}"
watch = ["{path}", "{path}/**/*"]
[component.c.dependencies]
"a:b" = {{ path = "{path}" }}
"""


@pytest.mark.parametrize(
    "path",
    ["a\\u0000b", "x" * 5000, "pipe", "loop", "directory", "/dev/zero", "..", "", "~", "\\n", "["],
)
def test_strange_paths(tmp_path: Path, path: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "directory").mkdir()
    (tmp_path / "spin.toml").touch()
    text = MANIFEST.format(path=path)
    loaded = load(tmp_path / "spin.toml", Options(read_wasm=True), text=text)
    assert loaded.app is None
    assert "missing-source" in {problem.code for problem in loaded.diagnostics}


def test_a_pipe_is_no_wasm(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert look_at(tmp_path / "pipe") is None
