"""Finding the manifest a person means."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from spindle.diagnostics import Diagnostic, Severity

MANIFEST_NAME = "spin.toml"
FARTHEST = 19
"""Parent directories looked into."""

FOREIGN = frozenset((".git", ".spin", ".venv", "node_modules", "target", "venv"))
"""Directories in which other people's applications lie, or copies."""


class Located(NamedTuple):
    """Where an application is: its manifest, or a bare wasm file."""

    path: Path
    distance: int = 0
    """How many directories above the current one it was found."""

    @property
    def is_wasm(self) -> bool:
        """Whether there is no manifest, only a `.wasm` or `.wat` file."""
        return self.path.suffix in (".wasm", ".wat")


def locate(path: Path | None = None, start: Path | None = None) -> Located | Diagnostic:
    """The application at a path, or without one in the start directory or above it.

    The search upwards ends at the root of a Git repository. `start` is by default the current
    directory.
    """
    if path is not None and path.is_absolute():
        return _resolve(path, path)  # the current directory may be gone
    start = Path.cwd() if start is None else start
    return _search_upwards(start) if path is None else _resolve(start / path, path)


def manifests_below(directory: Path) -> Iterator[Path]:
    """Every manifest in a directory and below it, in order; links to directories end there."""
    for parent, children, files in os.walk(directory):
        children[:] = sorted(child for child in children if child not in FOREIGN)
        if MANIFEST_NAME in files:
            yield Path(parent) / MANIFEST_NAME


def _search_upwards(start: Path) -> Located | Diagnostic:
    directory = start
    for distance in range(FARTHEST + 1):
        candidate = directory / MANIFEST_NAME
        if candidate.is_file():
            return Located(candidate, distance)
        if directory.parent == directory or (distance and (directory / ".git").is_dir()):
            break
        directory = directory.parent
    return _not_found(
        f"Default file '{MANIFEST_NAME}' not found",
        "run this in an application's directory, or name one with `--from`",
        start,
    )


def _resolve(path: Path, given: Path) -> Located | Diagnostic:
    if path.is_file():
        return Located(path)
    if path.is_dir():
        manifest = path / MANIFEST_NAME
        if manifest.is_file():
            return Located(manifest)
        message = f"Directory {given} does not contain a file named '{MANIFEST_NAME}'"
        return _not_found(message, "name the application's directory or its manifest", path)
    if path.exists():
        message = f"Path {given} is neither a file nor a directory"
    else:
        message = f"No such file or directory '{given}'"
    return _not_found(message, "name an application's directory, manifest or wasm file", path)


def _not_found(message: str, help_text: str, path: Path) -> Diagnostic:
    return Diagnostic("manifest-not-found", Severity.ERROR, message, path, help=help_text)
