"""Numbers of preview 1: error codes, file types and flags."""

from __future__ import annotations

from spindle.factors.wasi.filesystem.errors import FileError, code_of

SUCCESS = 0
BADF, FAULT, INVAL, NOSYS, NOTDIR, NOTSOCK, NOTSUP, SPIPE, PERM = 8, 21, 28, 52, 54, 57, 58, 70, 63

OF_CODE = {
    "access": 2,
    "would-block": 6,
    "already": 7,
    "bad-descriptor": 8,
    "busy": 10,
    "deadlock": 16,
    "quota": 19,
    "exist": 20,
    "file-too-large": 22,
    "illegal-byte-sequence": 25,
    "in-progress": 26,
    "interrupted": 27,
    "invalid": 28,
    "io": 29,
    "is-directory": 31,
    "loop": 32,
    "too-many-links": 34,
    "message-size": 35,
    "name-too-long": 37,
    "no-device": 43,
    "no-entry": 44,
    "no-lock": 46,
    "insufficient-memory": 48,
    "insufficient-space": 51,
    "not-directory": 54,
    "not-empty": 55,
    "not-recoverable": 56,
    "unsupported": 58,
    "no-tty": 59,
    "no-such-device": 60,
    "overflow": 61,
    "not-permitted": 63,
    "pipe": 64,
    "read-only": 69,
    "invalid-seek": 70,
    "text-file-busy": 74,
    "cross-device": 75,
}
"""The number of each `wasi:filesystem` error code."""

FILE_TYPES = {
    "unknown": 0,
    "block-device": 1,
    "character-device": 2,
    "directory": 3,
    "regular-file": 4,
    "socket": 6,
    "symbolic-link": 7,
}

OPEN_FLAGS = ("create", "directory", "exclusive", "truncate")
"""By bit."""
LOOKUP_FLAGS = ("symlink-follow",)
"""By bit."""

APPEND = 1
"""The one file-descriptor flag that matters here."""

RIGHT_READ, RIGHT_WRITE = 1 << 1, 1 << 6
ALL_RIGHTS = (1 << 30) - 1


class Errno(Exception):
    """A function answers with this error number."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


FAILURES = (Errno, OSError, FileError, ValueError)
"""What functions raise instead of answering with a number."""


def number_of(error: Errno | OSError | FileError | ValueError) -> int:
    """The number of one of these."""
    return error.number if isinstance(error, Errno) else OF_CODE[code_of(error)]


def labels(bits: int, names: tuple[str, ...]) -> frozenset[str]:
    """The names of the bits that are set; unknown ones are refused."""
    if bits >> len(names):
        raise Errno(INVAL)
    return frozenset(name for bit, name in enumerate(names) if bits >> bit & 1)
