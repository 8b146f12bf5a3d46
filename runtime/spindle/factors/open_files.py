"""How many of the process's file descriptors an instance has."""

from __future__ import annotations

import errno

from spindle.limits import DEFAULT


class OpenFiles:
    """What an instance has open: files, directories and sockets."""

    __slots__ = ("count", "limit")

    def __init__(self, limit: int = DEFAULT.max_open_files) -> None:
        self.limit = limit
        self.count = 0

    def lease(self) -> Lease:
        """Room for one more, for as long as what is returned lives; raises `OSError`."""
        if self.count >= self.limit:
            # No version of WASI has a word for too many open files.
            raise OSError(errno.ENOMEM, "the guest has too many files open")
        return Lease(self)


class Lease:
    """Room for one open file."""

    __slots__ = ("_of",)

    def __init__(self, of: OpenFiles) -> None:
        self._of = of
        of.count += 1

    def __del__(self) -> None:
        self._of.count -= 1
