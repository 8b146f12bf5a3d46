"""Putting changed texts into files: each is replaced whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from spindle.errors import HostError, UserError

Texts = Mapping[Path, str]


class ChangedMeanwhile(UserError):
    """A file is no longer what was read."""

    code = "changed-meanwhile"


class Unwritable(HostError):
    """A file that was to be changed can't be written."""

    code = "unwritable-file"


def changed_paths(old: Texts, new: Texts) -> Iterator[Path]:
    """The files whose texts differ."""
    return (path for path in old if new[path] != old[path])


def write_changes(old: Texts, new: Texts) -> None:
    """Write every text that changed, unless the file has changed as well."""
    for path in changed_paths(old, new):
        try:
            if path.read_bytes() != old[path].encode():
                raise ChangedMeanwhile(
                    "the file changed while it was being fixed", path=path, hints=("try again",)
                )
            replace_file(path, new[path].encode())
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise Unwritable(f"the file can't be changed: {why}", path=path) from error


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
