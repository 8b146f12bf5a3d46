"""Operations that change files; only directories mounted writable have them."""

from __future__ import annotations

import os
from typing import Any

from spindle.component.values import Variant
from spindle.factors.wasi.filesystem.descriptor import Descriptor
from spindle.factors.wasi.filesystem.errors import FileError
from spindle.factors.wasi.filesystem.host_dir import HostDir
from spindle.factors.wasi.filesystem.paths import walk

_BILLION = 1_000_000_000


def _name_in(base: Descriptor, path: str, *, follow: bool = False) -> tuple[HostDir, str]:
    """The directory and name a path may be changed at."""
    place = walk(base.directory(), path, follow=follow)
    if not place.directory.writable or place.directory.is_mounted(place.name):
        raise FileError("not-permitted")
    if place.name == ".":
        raise FileError("invalid")
    return place.directory.real(), place.name


def create_directory_at(base: Descriptor, path: str) -> None:
    """Make a directory."""
    host, name = _name_in(base, path)
    host.make_dir(name)


def remove_directory_at(base: Descriptor, path: str) -> None:
    """Remove an empty directory."""
    host, name = _name_in(base, path)
    host.remove_dir(name)


def unlink_file_at(base: Descriptor, path: str) -> None:
    """Remove a file or link."""
    host, name = _name_in(base, path)
    if os.path.isdir(host.path / name) and not os.path.islink(host.path / name):  # noqa: PTH112,PTH114  # for the error code alone
        raise FileError("is-directory")
    host.unlink(name)


def symlink_at(base: Descriptor, target: str, path: str) -> None:
    """Make a link; one to an absolute path would lead out."""
    if target.startswith("/"):
        raise FileError("not-permitted")
    host, name = _name_in(base, path)
    host.symlink(target, name)


def rename_at(base: Descriptor, path: str, other: Descriptor, new_path: str) -> None:
    """Move a file or directory."""
    source, name = _name_in(base, path)
    target, new_name = _name_in(other, new_path)
    source.rename(name, target, new_name)


def link_at(base: Descriptor, path_flags: Any, path: str, other: Descriptor, new_path: str) -> None:
    """Give a file a second name."""
    if "symlink-follow" in path_flags:
        raise FileError("invalid")
    source, name = _name_in(base, path)
    target, new_name = _name_in(other, new_path)
    source.link(name, target, new_name)


def set_size(descriptor: Descriptor, size: int) -> None:
    """Cut or extend a file."""
    os.truncate(descriptor.file("write").fd, size)


def _times(access: Variant, modification: Variant, now: int, old: Any) -> tuple[int, int]:
    def of(new: Variant, before: int) -> int:
        if new.case == "timestamp":
            seconds, nanoseconds = new.value
            return int(seconds * _BILLION + nanoseconds)
        return now if new.case == "now" else before

    return of(access, old.st_atime_ns), of(modification, old.st_mtime_ns)


def set_times(descriptor: Descriptor, access: Variant, modification: Variant, now: int) -> None:
    """Set a file's times."""
    fd = descriptor.file("write").fd
    os.utime(fd, ns=_times(access, modification, now, os.fstat(fd)))


def set_times_at(
    base: Descriptor, path_flags: Any, path: str, access: Variant, modification: Variant, now: int
) -> None:
    """Set the times of what a path leads to."""
    host, name = _name_in(base, path, follow="symlink-follow" in path_flags)
    host.set_times(name, _times(access, modification, now, host.stat(name)))
