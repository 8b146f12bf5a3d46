"""Open files and directories: the resource `descriptor`, the same for every version of WASI."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from typing import Any

from spindle.factors.open_files import Lease, OpenFiles
from spindle.factors.wasi.filesystem.errors import FileError
from spindle.factors.wasi.filesystem.paths import Directory, Place, walk

READ_LIMIT = 1024 * 1024
"""Bytes one read gives at most."""

_BILLION = 1_000_000_000
_KINDS = (
    (stat.S_ISREG, "regular-file"),
    (stat.S_ISDIR, "directory"),
    (stat.S_ISLNK, "symbolic-link"),
    (stat.S_ISCHR, "character-device"),
    (stat.S_ISBLK, "block-device"),
    (stat.S_ISFIFO, "fifo"),
    (stat.S_ISSOCK, "socket"),
)


def kind_of(mode: int) -> str:
    """The `descriptor-type` of a mode; `unknown` if it has none."""
    return next((name for test, name in _KINDS if test(mode)), "unknown")


class OpenFile:
    """A file's descriptor, closed when the last who reads or writes it is gone."""

    __slots__ = ("_lease", "fd")

    def __init__(self, fd: int, lease: Lease) -> None:
        self.fd = fd
        self._lease = lease

    def __del__(self) -> None:
        os.close(self.fd)

    def read(self, limit: int, offset: int) -> bytes:
        """Up to `limit` bytes from `offset`; `b""` at the end."""
        if offset > 2**63 - 1:
            raise FileError("invalid")
        size = min(limit, READ_LIMIT)
        if hasattr(os, "pread"):
            return os.pread(self.fd, size, offset)
        os.lseek(self.fd, offset, os.SEEK_SET)
        return os.read(self.fd, size)

    def write(self, data: bytes, offset: int | None) -> int:
        """Write at an offset, None for the end; how many bytes were written."""
        if offset is None:
            offset = os.fstat(self.fd).st_size
        if offset > 2**63 - 1:
            raise FileError("invalid")
        if hasattr(os, "pwrite"):
            return os.pwrite(self.fd, data, offset)
        os.lseek(self.fd, offset, os.SEEK_SET)
        return os.write(self.fd, data)


class Descriptor:
    """An open file or directory; what does not suit its kind raises `FileError`."""

    open_files: OpenFiles
    """What its instance has open; a directory's alone."""

    def directory(self) -> Directory:
        """The directory it is."""
        raise FileError("not-directory")

    def file(self, right: str) -> OpenFile:
        """The file it is, if it was opened with the right to `read` or `write`."""
        raise FileError("is-directory")

    def flags(self) -> frozenset[str]:
        """The `descriptor-flags` it was opened with."""
        raise NotImplementedError

    def stat(self) -> os.stat_result | None:
        """What the host knows of it; None for a directory that only mounts make."""
        raise NotImplementedError


class FileDescriptor(Descriptor):
    """An open regular file."""

    __slots__ = ("_file", "_flags")

    def __init__(self, file: OpenFile, flags: frozenset[str]) -> None:
        self._file = file
        self._flags = flags

    def file(self, right: str) -> OpenFile:
        """The file."""
        if right not in self._flags:
            raise FileError("bad-descriptor")
        return self._file

    def flags(self) -> frozenset[str]:
        """As asked for when opened."""
        return self._flags

    def stat(self) -> os.stat_result | None:
        """The file's."""
        return os.fstat(self._file.fd)


class DirectoryDescriptor(Descriptor):
    """An open directory."""

    __slots__ = ("_directory", "_lease", "open_files")

    def __init__(self, directory: Directory, open_files: OpenFiles) -> None:
        """Raises `OSError` if too much is open already; what it leads to is counted with it."""
        self._lease = open_files.lease()
        self._directory = directory
        self.open_files = open_files

    def directory(self) -> Directory:
        """The directory."""
        return self._directory

    def flags(self) -> frozenset[str]:
        """Directories are always readable."""
        return frozenset({"read", "mutate-directory"} if self._directory.writable else {"read"})

    def stat(self) -> os.stat_result | None:
        """The host directory's, if there is one."""
        host = self._directory.host
        return host.stat() if host is not None else None


def open_at(
    base: Descriptor, path_flags: Iterable[str], path: str, open_flags: Iterable[str], rights: Any
) -> Descriptor:
    """Open what a path leads to; `rights` are `descriptor-flags`."""
    place = walk(base.directory(), path, follow="symlink-follow" in path_flags)
    wanted, rights = frozenset(open_flags), frozenset(rights)
    writes = bool(rights & {"write", "mutate-directory"} or wanted & {"create", "truncate"})
    if writes and not place.directory.writable:
        raise FileError("not-permitted")
    if _is_directory(place):
        if wanted & {"truncate", "exclusive"} or "write" in rights:
            raise FileError("exist" if "exclusive" in wanted else "is-directory")
        return DirectoryDescriptor(enter(place), base.open_files)
    if "directory" in wanted or place.must_be_dir:
        raise FileError("not-directory")
    rights = rights & {"read", "write"} or frozenset({"read"})
    lease = base.open_files.lease()
    return FileDescriptor(OpenFile(_open_file(place, _os_flags(rights, wanted)), lease), rights)


def enter(place: Place) -> Directory:
    """The directory at a place."""
    return place.directory if place.name == "." else place.directory.child(place.name)


def _is_directory(place: Place) -> bool:
    directory, name = place.directory, place.name
    if name == "." or (directory.node is not None and name in directory.node.children):
        return True
    if directory.mounted_file(name) is not None or directory.host is None:
        return False
    try:
        return stat.S_ISDIR(directory.host.stat(name).st_mode)
    except FileNotFoundError:
        return False


def _os_flags(rights: frozenset[str], wanted: frozenset[str]) -> int:
    flags = os.O_RDONLY
    if "write" in rights:
        flags = os.O_RDWR if "read" in rights else os.O_WRONLY
    for name, flag in (("create", os.O_CREAT), ("exclusive", os.O_EXCL), ("truncate", os.O_TRUNC)):
        if name in wanted:
            flags |= flag
    return flags


def _open_file(place: Place, flags: int) -> int:
    mounted = place.directory.mounted_file(place.name)
    if mounted is None:
        return place.directory.real().open_file(place.name, flags)
    for name in ("O_CLOEXEC", "O_BINARY", "O_NONBLOCK"):
        flags |= getattr(os, name, 0)
    fd = os.open(mounted, flags)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise FileError("not-permitted")
    return fd


def stat_at(base: Descriptor, path_flags: Iterable[str], path: str) -> os.stat_result | None:
    """What a path leads to, without opening it."""
    place = walk(base.directory(), path, follow="symlink-follow" in path_flags)
    mounted = place.directory.mounted_file(place.name)
    if mounted is not None:
        found = mounted.stat()
    elif place.name == "." or place.directory.is_mounted(place.name):
        return DirectoryDescriptor(enter(place), base.open_files).stat()
    else:
        found = place.directory.real().stat(place.name)
    if place.must_be_dir and not stat.S_ISDIR(found.st_mode):
        raise FileError("not-directory")
    return found


def entries(directory: Directory) -> list[tuple[str, str]]:
    """Kind and name of everything in a directory."""
    found = []
    for name in directory.names():
        mounted = directory.mounted_file(name)
        if mounted is not None:
            kind = "regular-file"
        elif directory.is_mounted(name):
            kind = "directory"
        else:
            kind = kind_of(directory.real().stat(name).st_mode)
        found.append((kind, name))
    return found


Time = tuple[int, int]


def stat_record(found: os.stat_result | None) -> tuple[str, int, int, Time, Time, Time]:
    """The record `descriptor-stat`."""
    if found is None:
        return ("directory", 1, 0, (0, 0), (0, 0), (0, 0))
    return (
        kind_of(found.st_mode),
        found.st_nlink,
        found.st_size,
        divmod(max(0, found.st_atime_ns), _BILLION),
        divmod(max(0, found.st_mtime_ns), _BILLION),
        divmod(max(0, found.st_ctime_ns), _BILLION),
    )


def identity(found: os.stat_result | None) -> tuple[int, int]:
    """What tells files apart: device and inode."""
    return (0, 0) if found is None else (found.st_dev, found.st_ino)


def metadata_hash(found: os.stat_result | None) -> tuple[int, int]:
    """The record `metadata-hash-value`: changes whenever the file does."""
    times = (found.st_size, found.st_mtime_ns) if found is not None else (0, 0)
    digest = hashlib.blake2b(repr((identity(found), times)).encode(), digest_size=16).digest()
    return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")
