"""Reading the file a command is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from spindle.errors import ComponentError, UserError

LARGEST = 1 << 30
"""In bytes; no component that runs comes near."""


class UnreadableFile(UserError):
    """The file that was named can't be read."""

    code = "unreadable-file"


UNPRINTABLE = re.compile("[\0-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that would control a terminal, or reorder the text around them."""

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


@contextmanager
def about(path: Path) -> Iterator[None]:
    """Whatever is wrong with a binary is said of its file, and not at more length than is read."""
    try:
        yield
    except ComponentError as error:
        raise ComponentError(printable(error.message, 500), path=path) from None


def printable(text: str, width: int) -> str:
    """A text that moves no cursor and is not too long."""
    text = UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text[: width + 1])
    return text if len(text) <= width else f"{text[: width - 1]}…"
