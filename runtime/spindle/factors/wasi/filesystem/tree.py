"""The tree of mounts a guest sees, built once for a component.

A node is a directory at a guest path. It shows the host directory mounted there, if any, with the
files and directories mounted below laid over it; between mounts there are directories that exist
only here.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from spindle.app import Mount


@dataclass(slots=True, eq=False)
class Node:
    """A directory of the guest's tree."""

    host_path: Path | None = None
    writable: bool = False
    files: dict[str, Path] = field(default_factory=dict)
    """Single files mounted here."""
    children: dict[str, Node] = field(default_factory=dict)

    def below(self, parts: Iterable[str]) -> Node:
        """The node at a relative path, made if it is not there."""
        node = self
        for part in parts:
            node = node.children.setdefault(part, Node(writable=self.writable))
        return node


def mount_tree(mounts: Iterable[Mount], *, writable: bool = False) -> tuple[tuple[str, Node], ...]:
    """The directories a guest starts with: `/`, or none when nothing is mounted."""
    root = Node(writable=writable)
    count = 0
    for count, mount in enumerate(mounts, 1):  # noqa: B007  # says whether there was any
        parts = [part for part in mount.guest_path.split("/") if part]
        if mount.is_dir:
            root.below(parts).host_path = mount.host_path
        else:
            root.below(parts[:-1]).files[parts[-1]] = mount.host_path
    return (("/", root),) if count else ()


def _special(directory: str, names: list[str]) -> set[str]:
    """What among a directory's names is neither file, directory nor link: it cannot be copied."""
    kinds = (stat.S_ISREG, stat.S_ISDIR, stat.S_ISLNK)
    modes = {name: (Path(directory) / name).lstat().st_mode for name in names}
    return {name for name, mode in modes.items() if not any(kind(mode) for kind in kinds)}


def transient_copy(mounts: Iterable[Mount], directory: Path) -> tuple[Mount, ...]:
    """One mount of `/` with copies of all mounts, for guests that may write to them."""
    import shutil  # here, for few hosts are asked for copies

    for mount in mounts:
        target = directory / mount.guest_path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if mount.is_dir:
            # Links stay links: what they lead to may be nothing for guests.
            shutil.copytree(
                mount.host_path, target, symlinks=True, ignore=_special, dirs_exist_ok=True
            )
        else:
            shutil.copyfile(mount.host_path, target)
    return (Mount("/", directory, True),)
