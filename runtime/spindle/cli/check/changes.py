"""What fixing changed: shown as a diff, or written."""

from __future__ import annotations

import difflib
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import click

from spindle.cli import render
from spindle.diagnostics import painter
from spindle.errors import HostError, UserError

Texts = Mapping[Path, str]
_STYLES = {"-": "31", "+": "32", "@": "36"}


class ChangedMeanwhile(UserError):
    """A file is no longer what was checked."""

    code = "changed-meanwhile"


class Unwritable(HostError):
    """A file that was to be fixed can't be written."""

    code = "unwritable-file"


def show_changes(old: Texts, new: Texts) -> None:
    """Print a unified diff, as `patch` takes it, of every text that changed."""
    paint = painter(render.has_color(sys.stdout))
    here = Path.cwd()
    for path in _changed(old, new):
        name = render.shown_path(path, here).as_posix()
        lines = difflib.unified_diff(
            old[path].splitlines(keepends=True),
            new[path].splitlines(keepends=True),
            f"a/{name}",
            f"b/{name}",
        )
        for line in lines:
            style = _STYLES.get(line[:1])
            ended = line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
            click.echo(paint(style, ended) if style else ended, nl=False)


def write_changes(old: Texts, new: Texts) -> None:
    """Write every text that changed; each file is replaced whole or not at all."""
    for path in _changed(old, new):
        try:
            if path.read_bytes() != old[path].encode():
                raise ChangedMeanwhile(
                    "the file changed while it was being fixed", path=path, hints=("try again",)
                )
            replace_file(path, new[path].encode())
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise Unwritable(f"the file can't be fixed: {why}", path=path) from error


def replace_file(path: Path, data: bytes) -> None:
    """Put other content in a file at once, with the same mode and, if possible, owner.

    Where the path is a link, what it leads to is replaced.
    """
    path = path.resolve()
    if not os.access(path, os.W_OK):
        raise PermissionError(0, "it is read-only")
    status = path.stat()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(status.st_mode & 0o7777)
        if hasattr(os, "chown"):
            with suppress(OSError):
                os.chown(name, status.st_uid, status.st_gid)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _changed(old: Texts, new: Texts) -> Iterator[Path]:
    return (path for path in old if new[path] != old[path])
