"""Asking programs for their versions."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

PATIENCE = 20.0
"""Seconds a program may take to say something short."""
_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")


class Version(NamedTuple):
    """Three numbers."""

    major: int
    minor: int
    patch: int = 0

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


def version_in(text: str) -> Version | None:
    """The first version in a text."""
    found = _VERSION.search(text)
    return None if found is None else Version(*(int(part or 0) for part in found.groups()))


def output_of(
    command: tuple[str | Path, ...], environment: Mapping[str, str], directory: Path
) -> str | None:
    """What a command prints; None when it fails, or does not come to an end."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            cwd=directory,
            env=dict(environment),
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return None if done.returncode else (done.stdout or done.stderr).decode("utf-8", "replace")
