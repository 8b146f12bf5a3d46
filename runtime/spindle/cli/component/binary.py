"""Reading the file a command is about."""

from __future__ import annotations

from pathlib import Path

import click

from spindle.errors import UserError

LARGEST = 1 << 30
"""In bytes; no component that runs comes near."""


class UnreadableFile(UserError):
    """The file that was named can't be read."""

    code = "unreadable-file"


FILE = click.argument("file", type=click.Path(path_type=Path), metavar="FILE")


def read_binary(path: Path) -> bytes:
    """A file's contents. It is copied, not mapped: a build may replace it meanwhile."""
    try:
        if not path.is_file():
            problem = "is a directory" if path.is_dir() else "is no file"
            raise UnreadableFile(f"`{path}` {problem if path.exists() else 'does not exist'}")
        if path.stat().st_size > LARGEST:
            raise UnreadableFile(f"`{path}` is larger than 1 GiB, and no component is")
        return path.read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UnreadableFile(f"`{path}` can't be read: {reason}") from None
