"""Running `spindle` as a person does: as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.cli.harness import Run, Serving, Up, wait_served

COMMAND = [sys.executable, "-c", "import spindle.cli; spindle.cli.main()"]

STATIC_APP = """
spin_manifest_version = 2

[application]
name = "static"
version = "1.2.3"

[[trigger.http]]
id = "greeting"
route = "/hi"
static_response = { body = "hello", headers = { content-type = "text/plain" } }

[[trigger.http]]
id = "rest"
route = "/..."
static_response = { status_code = 410, body = "gone" }
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A run directory of the test's own, and nothing that changes how spindle behaves."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SPIN_", "RUNTIME_CONFIG"))}
    home = tmp_path / "run"
    home.mkdir()
    return {**kept, "XDG_RUNTIME_DIR": str(home), "NO_COLOR": "1"}


@pytest.fixture
def run(tmp_path: Path, environment: Mapping[str, str]) -> Run:
    """Call it with a command line; it runs in `cwd` (by default the test's directory)."""

    def call(
        *args: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *args],
            cwd=cwd or tmp_path,
            env={**environment, **(env or {})},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return call


@pytest.fixture
def static_app(tmp_path: Path) -> Path:
    """The directory of an application without components."""
    app = tmp_path / "app"
    app.mkdir()
    (app / "spin.toml").write_text(STATIC_APP)
    return app


@pytest.fixture
def up(environment: Mapping[str, str]) -> Iterator[Up]:
    """Call it with a directory and flags; it serves on a free port unless they say where."""
    started: list[subprocess.Popen[str]] = []

    def start(cwd: Path, *args: str, env: Mapping[str, str] | None = None) -> Serving:
        told = "--listen" in args or "SPIN_HTTP_LISTEN_ADDR" in (env or {})
        process = subprocess.Popen(
            [*COMMAND, "up", *args, *([] if told else ["--listen", "127.0.0.1:0"])],
            cwd=cwd,
            env={**environment, **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return wait_served(process)

    yield start
    for process in started:
        process.kill()
        process.communicate()
