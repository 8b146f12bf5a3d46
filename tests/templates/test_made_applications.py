"""Applications as templates make them: built by their own commands, and asked.

They lie in the person's cache by what the template makes, so that each is built once.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import pytest
from tests.cli.harness import wait_served

from spindle.component.cache_files import cache_root
from spindle.templates import Filling, plan_application
from spindle.templates.shelves import own_shelf

TEMPLATES = {template.id: template for template in own_shelf().templates}
COMMAND = [sys.executable, "-c", "import spindle.cli; spindle.cli.main()"]
PATIENCE = 900.0
"""Seconds that the first build of an application may take, with all it brings."""

ANSWERS = {
    "http-c": ("/Ada", 200, "Hello, Ada!"),
    "http-js": ("/Ada", 200, "Hello, Ada!"),
    "http-py": ("/Ada", 200, "Hello, Ada!"),
    "http-rust": ("/Ada", 200, "Hello, Ada!"),
    "http-ts": ("/Ada", 200, "Hello, Ada!"),
    "library-rust": ("/", 200, "Hello, world!"),
    "redirect": ("/", 302, ""),
    "static-fileserver": ("/", 200, "<!doctype html>"),
    "wagi-rust": ("/Ada", 200, "Hello, Ada!"),
}
"""What is asked of each, and how the answer begins."""
FIRED = {"cron-py": ["cron", "made"], "redis-py": ["redis", "news", "hello"]}
GIVEN = {"redirect-to": "/there", "redis-channel": "news"}


def made(id_: str) -> Path:
    """The directory of a template's application, built."""
    template = TEMPLATES[id_]
    defaults = {each.id: GIVEN.get(each.id, each.default or "") for each in template.parameters}
    files = plan_application(template, Filling("made", defaults)).files
    root = cache_root() / "guests" / f"template-{id_}-{_digest(files)}"
    if not (root / "built").exists():
        shutil.rmtree(root, ignore_errors=True)
        given = [f"--value={key}={value}" for key, value in GIVEN.items() if key in defaults]
        name = ["--output", str(root), *given, "--accept-defaults", "--no-vcs"]
        _run([*COMMAND, "new", id_, "made", *name], root.parent)
        _run([*COMMAND, "build"], root)
        (root / "built").touch()
    return root


def _digest(files: Mapping[PurePosixPath, bytes]) -> str:
    digest = hashlib.sha256()
    for path, data in sorted(files.items()):
        digest.update(f"{path}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()[:12]


def _run(command: list[str], cwd: Path) -> str:
    cwd.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("id_", ANSWERS)
def test_it_answers(id_: str, tmp_path: Path) -> None:
    path, status, text = ANSWERS[id_]
    process = subprocess.Popen(
        [*COMMAND, "up", "--state-dir", "", "--listen", "127.0.0.1:0"],
        cwd=made(id_),
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            client = http.client.HTTPConnection(
                urlsplit(wait_served(process).base_url).netloc, timeout=60
            )
            client.request("GET", path)
            answer = client.getresponse()
            said = answer.read().decode()
            client.close()
        finally:
            process.terminate()
    assert (answer.status, said[: len(text)]) == (status, text)


@pytest.mark.parametrize("id_", FIRED)
def test_it_handles_events(id_: str) -> None:
    assert _run([*COMMAND, "fire", *FIRED[id_]], made(id_)).startswith("made: ok (")
