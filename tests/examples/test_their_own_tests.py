"""The tests that the examples come with pass."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.conftest import SPINDLE

Guest = Callable[[str], Path]


def test_python_is_tested_with_pytest(guest: Guest) -> None:
    folder = guest("examples/python-hello")
    plugins = ["-p", "no:cacheprovider", "-p", "spindle.testing.plugin"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--spindle", *plugins, "-c", os.devnull, folder],
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "4 passed" in done.stdout) == (0, True), done.stdout + done.stderr


def test_others_are_tested_by_their_exchanges(guest: Guest) -> None:
    folder = guest("examples/javascript-hello")
    done = subprocess.run(
        [SPINDLE, "test"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 cases, 0 failed" in done.stdout
