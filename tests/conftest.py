"""What every test may ask for."""

import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

BUILD = Path(__file__).parent / "guests" / "build.py"


@cache
def built(name: str) -> Path:
    """The test guest of that name (see `guests/README.md`), built when needed."""
    command = [sys.executable, str(BUILD), name]
    return Path(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())


@pytest.fixture(scope="session")
def guest() -> Callable[[str], Path]:
    """Call it with a guest's name to have the path of its component or module."""
    return built
