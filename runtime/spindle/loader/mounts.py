"""What a component's `files` mean on this machine: which of its files a guest sees, and where.

Nothing is copied: the mounts are for the file system the guest gets, which is read-only unless
asked otherwise. A whole directory is one mount; a glob, or a directory some of whose files are
excluded, is a mount a file. What lies outside the application directory is refused, also behind
symbolic links.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from spindle.app import Mount
from spindle.diagnostics import Diagnostic, Severity
from spindle.loader.globs import GlobError, exclusion, files_matching, is_pattern, literal_prefix
from spindle.manifest import Component
from spindle.manifest.model import Placement
from spindle.text import Span, printable


@dataclass(slots=True, eq=False)
class MountResolver:
    """Resolves one component's files; `diagnostics` says what couldn't be."""

    root: Path
    manifest_path: Path
    component: Component
    direct: bool = False
    """Whether only whole directories are mounted (`--direct-mounts`)."""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    _excluded: list[re.Pattern[str]] = field(default_factory=list)
    _real_root: str = ""

    def mounts(self) -> tuple[Mount, ...]:
        """Every mount, by guest path; of equal guest paths the last stays."""
        self._real_root = os.path.realpath(self.root)
        if self.direct and self.component.exclude_files:
            message = "Cannot load a component with `exclude_files` using --direct-mounts"
            place = self.component.key_at("exclude_files")
            self._report("direct-mount", message, place, "leave `--direct-mounts` out")
        self._excluded = list(self._exclusions())
        found = {
            mount.guest_path: mount
            for entry, span in self._entries()
            for mount in self._possible(entry, span)
        }
        return tuple(found.values())

    def _entries(self) -> Iterator[tuple[str | Placement, Span]]:
        node = self.component.node.get("files")
        spans = [] if node is None or node.array is None else [n.span for n in node.array]
        if len(spans) != len(self.component.files):
            spans = [self.component.at("files")] * len(self.component.files)
        return zip(self.component.files, spans, strict=True)

    def _exclusions(self) -> Iterator[re.Pattern[str]]:
        for i, pattern in enumerate(self.component.exclude_files):
            try:
                yield exclusion(pattern)
            except GlobError as error:
                message = f'Invalid exclude_files glob pattern "{pattern}": {error}'
                place = self.component.at("exclude_files", i)
                self._report("invalid-glob", message, place, _GLOB_FORM)

    def _possible(self, entry: str | Placement, span: Span) -> list[Mount]:
        """The mounts of an entry; none if it holds what no path can."""
        try:
            return list(self._entry(entry, span))
        except (OSError, ValueError) as error:
            source = entry.source if isinstance(entry, Placement) else entry
            why = error.strerror if isinstance(error, OSError) else error
            message = f'"{printable(source, limit=60)}" can\'t be a path: {why}'
            self._report("missing-file", message, span, "write another path")
            return []

    def _entry(self, entry: str | Placement, span: Span) -> Iterator[Mount]:
        if self.direct:
            return self._direct(entry, span)
        if isinstance(entry, Placement):
            return self._placement(entry, span)
        return self._pattern(entry, span)

    def _direct(self, entry: str | Placement, span: Span) -> Iterator[Mount]:
        source, destination = (
            (entry.source, entry.destination) if isinstance(entry, Placement) else (entry, entry)
        )
        guest = self._guest_path(destination, span)
        if not (self.root / source).is_dir():
            message = (
                "Only directory mounts are supported with `--direct-mounts`; "
                f'"{source}" is not a directory'
            )
            self._report("direct-mount", message, span, "leave `--direct-mounts` out")
        elif guest is not None and self._inside(self.root / source, source, span):
            yield Mount(guest, self._absolute(source), True)

    def _placement(self, entry: Placement, span: Span) -> Iterator[Mount]:
        guest = self._guest_path(entry.destination, span)
        source = self.root / entry.source
        if self._leaves(entry.source, entry.at("source")):
            return
        if not source.exists():
            message = f'File or directory "{entry.source}" does not exist'
            self._report("missing-file", message, entry.at("source"), _BUILD_FIRST)
        elif guest is not None and self._inside(source, entry.source, entry.at("source")):
            if source.is_dir():
                yield from self._directory(entry.source, guest)
            elif guest == "/" or entry.destination.endswith(("/", ".")):
                message = f'"{entry.destination}" is not a valid destination file name'
                help_text = "end it with the name the guest shall see"
                self._report("invalid-destination", message, entry.at("destination"), help_text)
            else:
                yield Mount(guest, self._absolute(entry.source), False)

    def _pattern(self, pattern: str, span: Span) -> Iterator[Mount]:
        name = pattern.rsplit("/", 1)[-1]
        if name in ("..", "."):
            kind = "parent" if name == ".." else "current"
            message = f"A file pattern can't end in a {kind} directory path ({name})"
            help_text = (
                "to include a directory, use `{ source, destination }`, or a glob ending in `**/*`"
            )
            self._report("invalid-glob", message, span, help_text)
        elif self._leaves(pattern, span):
            return
        elif (self.root / pattern).exists():
            if self._inside(self.root / pattern, pattern, span):
                yield from self._existing(posixpath.normpath(pattern))
        elif is_pattern(pattern):
            yield from self._glob(pattern, span)
        else:
            message = f'"{pattern}" does not exist and doesn\'t appear to be a glob pattern'
            self._report("missing-file", message, span, _BUILD_FIRST)

    def _existing(self, path: str) -> Iterator[Mount]:
        if (self.root / path).is_dir():
            yield from self._directory(path, f"/{path}")
        else:
            yield Mount(f"/{path}", self._absolute(path), False)

    def _directory(self, source: str, guest: str) -> Iterator[Mount]:
        if not self._excluded:
            yield Mount(guest, self._absolute(source), True)
            return
        for path in files_matching(self.root / source, "**/*"):
            from_root = posixpath.normpath(posixpath.join(source, path))
            if self._takes(from_root):
                yield Mount(posixpath.join(guest, path), self._absolute(from_root), False)

    def _glob(self, pattern: str, span: Span) -> Iterator[Mount]:
        prefix, rest = literal_prefix(pattern)
        prefix = posixpath.normpath(prefix or ".")
        if not self._inside(self.root / prefix, pattern, span):
            return
        if rest == "**/*" and prefix != ".":
            if (self.root / prefix).is_dir():
                yield from self._directory(prefix, f"/{prefix}")
            return
        try:
            paths = list(map(posixpath.normpath, files_matching(self.root, f"{prefix}/{rest}")))
        except GlobError as error:
            message = f'Invalid glob pattern "{pattern}": {error}'
            self._report("invalid-glob", message, span, _GLOB_FORM)
            return
        if not paths:
            message = f'no file matches "{pattern}"'
            self._report("no-file-matches", message, span, _BUILD_FIRST, Severity.WARNING)
        for path in filter(self._takes, paths):
            yield Mount(f"/{path}", self._absolute(path), False)

    def _takes(self, path: str) -> bool:
        """Whether a file, relative to the root, is neither excluded nor outside."""
        if any(pattern.fullmatch(path) for pattern in self._excluded):
            return False
        return self._real_inside(self.root / path)

    def _inside(self, path: Path, shown: str, span: Span) -> bool:
        if self._leaves(shown, span):
            return False
        if self._real_inside(path):
            return True
        self._report_outside(shown, span)
        return False

    def _leaves(self, shown: str, span: Span) -> bool:
        """Whether a path leads out of the application directory by its mere text."""
        leaves = posixpath.isabs(shown) or posixpath.normpath(shown).split("/")[0] == ".."
        if leaves:
            self._report_outside(shown, span)
        return leaves

    def _report_outside(self, shown: str, span: Span) -> None:
        message = (
            f"{shown} cannot be mapped because it is outside the application directory. "
            "Files must be within the application directory"
        )
        self._report("file-outside-application", message, span, "copy it into the application")

    def _real_inside(self, path: Path) -> bool:
        real = os.path.realpath(path)
        return real == self._real_root or real.startswith(self._real_root + os.sep)

    def _absolute(self, path: str) -> Path:
        return Path(os.path.normpath(self.root / path))

    def _guest_path(self, destination: str, span: Span) -> str | None:
        path = posixpath.normpath("/" + destination.lstrip("/"))
        if ".." not in destination.split("/"):
            return path
        message = f"the destination `{destination}` climbs out of the guest's file system"
        self._report("invalid-destination", message, span, "leave the `..` out")
        return None

    def _report(
        self,
        code: str,
        message: str,
        span: Span,
        help: str,
        severity: Severity = Severity.ERROR,
    ) -> None:
        self.diagnostics.append(
            Diagnostic(code, severity, message, self.manifest_path, span, help=help)
        )


_GLOB_FORM = "`*` and `?` stay within a name, `**/` stands for any directories, `[…]` is a set"
_BUILD_FIRST = "check the path, or run `spindle build` if the build makes it"
