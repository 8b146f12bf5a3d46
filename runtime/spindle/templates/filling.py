"""What a template is filled in with."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import NamedTuple


class Filling(NamedTuple):
    """The values of one use of a template."""

    name: str
    """Of the application or component, in kebab-case."""
    values: Mapping[str, str]
    """By parameter."""
    output: PurePosixPath = PurePosixPath(".")
    """Where a component's files go, below the application."""

    def for_liquid(self) -> dict[str, str]:
        """By the names that texts of templates know."""
        author, username = _author()
        return {
            "authors": author,
            "username": username,
            "project-name": self.name,
            "output-path": str(self.output),
            **self.values,
        }


def _author() -> tuple[str, str]:
    """Who git says one is, `Name <address>`, and the name; empty where it doesn't."""
    name, address = _configured("user.name"), _configured("user.email")
    return f"{name} <{address}>" if name and address else name, name


def _configured(key: str) -> str:
    """A setting of git, without what would end a string in any file."""
    try:
        done = subprocess.run(
            ("git", "config", "--get", key), capture_output=True, timeout=5, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    text = done.stdout.decode("utf-8", "replace").strip()
    return "".join(char for char in text if char.isprintable() and char not in '"\\')
