"""One directory of the host, and operations on the names directly in it.

On POSIX a directory is an open descriptor and every operation is relative to it, so that nothing
renamed or linked meanwhile can lead outside. Elsewhere it is a path that is looked at before use.
No operation here follows a symbolic link, and names never hold a separator.
"""

# ruff: noqa: PTH102, PTH105, PTH116, PTH208, PTH211  # a Path is not relative to a descriptor

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

from spindle.factors.wasi.filesystem.errors import FileError

_RELATIVE = os.open in os.supports_dir_fd and os.stat in os.supports_dir_fd
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_CLOEXEC = getattr(os, "O_CLOEXEC", 0)
_BINARY = getattr(os, "O_BINARY", 0)
_NONBLOCK = getattr(os, "O_NONBLOCK", 0)
_DIRECTORY = getattr(os, "O_DIRECTORY", 0)


class HostDir:
    """An open directory; `close` it, or let it be collected."""

    __slots__ = ("_fd", "path")

    def __init__(self, path: Path, fd: int | None) -> None:
        self.path = path
        """Where it was when opened; used only where there are no relative operations."""
        self._fd = fd

    @classmethod
    def open(cls, path: Path) -> HostDir:
        """A directory that was mounted; its path is the manifest's and may hold links."""
        fd = os.open(path, os.O_RDONLY | _DIRECTORY | _CLOEXEC) if _RELATIVE else None
        return cls(path, fd)

    def close(self) -> None:
        """Give the descriptor back."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def __del__(self) -> None:
        self.close()

    def child(self, name: str) -> HostDir:
        """A directory in this one."""
        path = self.path / name
        if not _RELATIVE:
            if not stat.S_ISDIR(self.stat(name).st_mode):
                raise FileError("not-directory")
            return HostDir(path, None)
        where, at = self._at(name)
        flags = os.O_RDONLY | _DIRECTORY | _NOFOLLOW | _CLOEXEC
        return HostDir(path, os.open(where, flags, **at))

    def open_file(self, name: str, flags: int) -> int:
        """A descriptor of a regular file; anything special is refused."""
        where, at = self._at(name)
        if not _NOFOLLOW and self._is_link(name):
            raise FileError("loop")
        fd = os.open(where, flags | _NOFOLLOW | _CLOEXEC | _BINARY | _NONBLOCK, 0o644, **at)
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            raise FileError("not-permitted")
        return fd

    def stat(self, name: str = ".") -> os.stat_result:
        """What is there under a name; a link stands for itself."""
        if name == "." and self._fd is not None:
            return os.fstat(self._fd)
        where, at = self._at(name)
        return os.stat(where, follow_symlinks=False, **at)

    def list(self) -> list[str]:
        """The names in the directory."""
        return os.listdir(self._fd if self._fd is not None else self.path)

    def readlink(self, name: str) -> str:
        """What a link points to."""
        where, at = self._at(name)
        return str(os.readlink(where, **at))

    def make_dir(self, name: str) -> None:
        """Create a directory."""
        where, at = self._at(name)
        os.mkdir(where, 0o755, **at)

    def remove_dir(self, name: str) -> None:
        """Remove an empty directory."""
        where, at = self._at(name)
        os.rmdir(where, **at)

    def unlink(self, name: str) -> None:
        """Remove anything else."""
        where, at = self._at(name)
        os.unlink(where, **at)

    def symlink(self, target: str, name: str) -> None:
        """Create a link."""
        where, at = self._at(name)
        os.symlink(target, where, **at)

    def rename(self, name: str, other: HostDir, new_name: str) -> None:
        """Move a name to another directory or name."""
        source, at = self._at(name)
        target, to = other._at(new_name)
        ends = {"src_dir_fd": at["dir_fd"], "dst_dir_fd": to["dir_fd"]} if at else {}
        os.replace(source, target, **ends)

    def link(self, name: str, other: HostDir, new_name: str) -> None:
        """Give a file a second name."""
        source, at = self._at(name)
        target, to = other._at(new_name)
        ends = {"src_dir_fd": at["dir_fd"], "dst_dir_fd": to["dir_fd"]} if at else {}
        os.link(source, target, follow_symlinks=False, **ends)

    def set_times(self, name: str, times: tuple[int, int]) -> None:
        """Set access and modification time in nanoseconds."""
        where, at = self._at(name)
        os.utime(where, ns=times, follow_symlinks=os.utime not in os.supports_follow_symlinks, **at)

    def _at(self, name: str) -> tuple[Any, dict[str, Any]]:
        if self._fd is not None:
            return name, {"dir_fd": self._fd}
        return self.path / name, {}

    def _is_link(self, name: str) -> bool:
        try:
            return stat.S_ISLNK(self.stat(name).st_mode)
        except FileNotFoundError:
            return False
