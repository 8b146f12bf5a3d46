"""Walking a guest's path, component by component, never out of where it began.

`..` and links are resolved here and not by the host: `..` pops the directories walked through, a
relative link is walked like any path, an absolute one leads out and is refused.
"""

from __future__ import annotations

import os
import stat
from collections import deque
from pathlib import Path
from typing import NamedTuple

from spindle.factors.wasi.filesystem.errors import FileError
from spindle.factors.wasi.filesystem.host_dir import HostDir
from spindle.factors.wasi.filesystem.tree import Node

_MAX_LINKS = 40
_MAX_DEPTH = 128
"""Directories walked through at a time; each is open meanwhile."""
_SEPARATORS = frozenset(s for s in (os.sep, os.altsep) if s not in (None, "/"))


class Directory(NamedTuple):
    """A directory of the guest's: mounts laid over at most one of the host's."""

    node: Node | None
    """None below the mounts."""
    host: HostDir | None
    writable: bool

    @classmethod
    def at(cls, node: Node) -> Directory:
        """The directory a node of the mount tree stands for."""
        host = HostDir.open(node.host_path) if node.host_path is not None else None
        return cls(node, host, node.writable)

    def child(self, name: str) -> Directory:
        """A directory in this one."""
        node = self.node.children.get(name) if self.node else None
        if node is not None:
            return self._merged(node, name)
        if self.mounted_file(name) is not None:
            raise FileError("not-directory")
        return Directory(None, self.real().child(name), self.writable)

    def _merged(self, node: Node, name: str) -> Directory:
        if node.host_path is not None:
            return Directory.at(node)
        try:
            host = self.host.child(name) if self.host else None
        except OSError:
            host = None
        return Directory(node, host, node.writable)

    def mounted_file(self, name: str) -> Path | None:
        """The host's file mounted under a name here."""
        return self.node.files.get(name) if self.node else None

    def is_mounted(self, name: str) -> bool:
        """Whether a name belongs to the mounts rather than to the host's directory."""
        return self.node is not None and (name in self.node.files or name in self.node.children)

    def real(self) -> HostDir:
        """The host's directory below; there is none where only mounts are."""
        if self.host is None:
            raise FileError("no-entry")
        return self.host

    def names(self) -> list[str]:
        """All names in the directory, sorted."""
        names = set(self.host.list()) if self.host else set()
        if self.node is not None:
            names.update(self.node.files, self.node.children)
        return sorted(names)

    def link_target(self, name: str) -> str | None:
        """Where a link of the host's points; None if the name is no link."""
        if self.host is None or self.is_mounted(name):
            return None
        try:
            if stat.S_ISLNK(self.host.stat(name).st_mode):
                return self.host.readlink(name)
        except FileNotFoundError:
            pass
        return None


class Place(NamedTuple):
    """Where a path leads: a name in a directory, or `.` for the directory itself."""

    directory: Directory
    name: str
    must_be_dir: bool
    """The path ended in a slash."""


def walk(base: Directory, path: str, *, follow: bool) -> Place:
    """The place a relative path leads to; `follow` says whether a link at its end is followed.

    Raises `FileError` and `OSError`.
    """
    parts = _split(path)
    trail = [base]
    links = 0
    name = "."
    while parts:
        name = parts.popleft()
        if name == "..":
            if len(trail) == 1:
                raise FileError("not-permitted")
            trail.pop()
            name = "."
            continue
        at_end = not parts
        target = trail[-1].link_target(name) if follow or not at_end else None
        if target is not None:
            links += 1
            if links > _MAX_LINKS:
                raise FileError("loop")
            parts.extendleft(reversed(_split(target)))
            name = "."
        elif not at_end:
            if len(trail) > _MAX_DEPTH:
                raise FileError("name-too-long")
            trail.append(trail[-1].child(name))
    return Place(trail[-1], name, path.endswith(("/", "/.")))


def _split(path: str) -> deque[str]:
    if not path:
        raise FileError("no-entry")
    if path.startswith("/"):
        raise FileError("not-permitted")
    if "\0" in path:
        raise FileError("invalid")
    parts = deque(part for part in path.split("/") if part not in ("", "."))
    if any(separator in part for part in parts for separator in _SEPARATORS):
        raise FileError("not-permitted")
    return parts
