"""Whether git is writing files: what it writes is one change, however long that takes."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

PATIENCE = 10.0
"""Seconds after the first news at which git is waited for no longer."""


def locks_above(directories: Iterable[str]) -> frozenset[str]:
    """The files that are there while git works on what some directories have."""
    return frozenset(lock for directory in directories if (lock := _lock_above(directory)))


def is_checking_out(lock: str) -> bool:
    """Whether git is writing files now.

    It takes the lock before the first file and writes the new index into it after the last. One
    that has an index in it may stay for long: `git commit --all` keeps it while one types.
    """
    try:
        return os.stat(lock).st_size == 0  # noqa: PTH116
    except OSError:
        return False


def _lock_above(directory: str) -> str | None:
    for above in (Path(directory), *Path(directory).parents):
        git = above / ".git"
        if git.is_dir():
            return str(git / "index.lock")
        if git.is_file():
            return _lock_elsewhere(git)
    return None


def _lock_elsewhere(git: Path) -> str | None:
    """That of a worktree or submodule, whose `.git` says where its repository is."""
    try:
        lead, _, place = git.read_text().strip().partition(": ")
    except (OSError, ValueError):
        return None
    return str(git.parent / place / "index.lock") if lead == "gitdir" and place else None
