"""Putting what was planned on disk: all of it, or nothing.

with placed(plan, root):
    ...  # an exception here takes back what was put there
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from spindle.errors import HostError, UserError
from spindle.templates.planning import Plan


class OutsideDirectory(UserError):
    """A file that would lie elsewhere than in the directory that is written to."""

    code = "outside-directory"


class Unplaceable(HostError):
    """Files that can't be written."""

    code = "unwritable-file"


class _Moved(NamedTuple):
    target: Path
    kept: Path | None
    """Where what was there before is, if anything was."""


def clashes(plan: Plan, root: Path) -> list[PurePosixPath]:
    """The files of a plan that exist."""
    return [path for path in plan.files if os.path.lexists(root / path)]


@contextmanager
def placed(plan: Plan, root: Path) -> Iterator[None]:
    """Everything written below `root`, replacing what is there; taken back on an exception.

    Files are written beside it first, so that what takes time can be interrupted.
    """
    made: list[Path] = []
    moved: list[_Moved] = []
    stage: Path | None = None
    try:
        try:
            _check_inside(plan, root)
            _make_directory(root, made)
            stage = Path(tempfile.mkdtemp(prefix=".spindle-", dir=root))
            _write(plan, stage / "new")
            _move(plan, root, stage, made, moved)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            at = Path(error.filename) if isinstance(error.filename, str) else root
            raise Unplaceable(f"the files can't be written: {why}", path=at) from error
        yield
    except BaseException:
        _take_back(made, moved, stage)
        raise
    shutil.rmtree(stage, ignore_errors=True)


def _check_inside(plan: Plan, root: Path) -> None:
    """Nothing may be led out of the directory by links that are in it."""
    within = root.resolve()
    for path in (*plan.files, *plan.directories):
        parent = (root / path).parent.resolve()
        if not parent.is_relative_to(within) or ".." in path.parts:
            raise OutsideDirectory(f"`{path}` would lie outside `{root}`, in `{parent}`")


def _write(plan: Plan, stage: Path) -> None:
    for path, data in plan.files.items():
        target = stage / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _move(plan: Plan, root: Path, stage: Path, made: list[Path], moved: list[_Moved]) -> None:
    for path in plan.directories:
        _make_directory(root / path, made)
    for number, path in enumerate(plan.files):
        target = root / path
        _make_directory(target.parent, made)
        kept = None
        if target.is_dir() and not target.is_symlink():
            raise IsADirectoryError(0, "it is a directory", str(target))
        if os.path.lexists(target):
            kept = stage / f"old-{number}"
            target.rename(kept)
            moved.append(_Moved(target, kept))
            (stage / "new" / path).rename(target)
        else:
            (stage / "new" / path).rename(target)
            moved.append(_Moved(target, None))


def _make_directory(path: Path, made: list[Path]) -> None:
    """A directory and those above it, noting each that is new."""
    for each in reversed((path, *path.parents)):
        if not each.is_dir():
            each.mkdir()
            made.append(each)


def _take_back(made: list[Path], moved: list[_Moved], stage: Path | None) -> None:
    for target, kept in reversed(moved):
        with suppress(OSError):
            target.unlink(missing_ok=True)
            if kept is not None:
                kept.rename(target)
    if stage is not None:
        shutil.rmtree(stage, ignore_errors=True)
    for directory in reversed(made):
        with suppress(OSError):
            directory.rmdir()
