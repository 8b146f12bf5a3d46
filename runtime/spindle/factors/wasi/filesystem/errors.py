"""What can go wrong with files, as `wasi:filesystem/types.error-code` names it."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Any

from spindle.component.values import Err, Ok

_CODES = {
    errno.EACCES: "access",
    errno.EPERM: "not-permitted",
    errno.EBADF: "bad-descriptor",
    errno.EBUSY: "busy",
    errno.EEXIST: "exist",
    errno.EFBIG: "file-too-large",
    errno.EILSEQ: "illegal-byte-sequence",
    errno.EINTR: "interrupted",
    errno.EINVAL: "invalid",
    errno.EISDIR: "is-directory",
    errno.ELOOP: "loop",
    errno.EMLINK: "too-many-links",
    errno.ENAMETOOLONG: "name-too-long",
    errno.ENODEV: "no-device",
    errno.ENOENT: "no-entry",
    errno.ENOMEM: "insufficient-memory",
    errno.ENOSPC: "insufficient-space",
    errno.ENOTDIR: "not-directory",
    errno.ENOTEMPTY: "not-empty",
    errno.ENXIO: "no-such-device",
    errno.EOVERFLOW: "overflow",
    errno.EPIPE: "pipe",
    errno.EROFS: "read-only",
    errno.ESPIPE: "invalid-seek",
    errno.EXDEV: "cross-device",
}


class FileError(Exception):
    """An operation on files failed; `code` is the `error-code`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def code_of(error: OSError | FileError | ValueError) -> str:
    """The `error-code` of a failure; a `ValueError` is a name no file system takes."""
    if isinstance(error, FileError):
        return error.code
    if isinstance(error, OSError):
        return _CODES.get(error.errno or 0, "io")
    return "illegal-byte-sequence"


def answered(function: Callable[..., Any]) -> Callable[..., Ok | Err]:
    """A host function that answers `result<T, error-code>`."""

    def answer(task: Any, *args: Any) -> Ok | Err:
        task.inst.state.touched = True
        try:
            return Ok(function(*args))
        except (OSError, FileError, ValueError) as error:
            return Err(code_of(error))

    return answer
