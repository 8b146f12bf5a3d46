"""The files an editor has open, what is known of each, and the applications around them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from pygls.uris import to_fs_path

from spindle.runtime_config import RuntimeConfig, load_runtime_config
from spindle_lsp.snapshot import Analyst, Kind, Snapshot, kind_of

RUNTIME_CONFIG = "runtime-config.toml"
MANIFEST = "spin.toml"
DEEPEST = 4
"""How far below a workspace folder manifests are looked for."""
ELSEWHERE = frozenset({"node_modules", "target", "dist", "build", "venv", "__pycache__"})
"""Directories in which nobody keeps an application."""
LARGEST = 16 * 1024 * 1024
"""Bytes of a file that is read from disk."""


def path_of(uri: str) -> Path | None:
    """The path of a file's URI; None for other URIs."""
    try:
        name = to_fs_path(uri) if uri.startswith("file:") else None
    except ValueError:
        return None
    path = None if name is None else Path(os.path.normpath(name))
    return path if path is not None and path.is_absolute() else None


@dataclass(slots=True, eq=False)
class OpenFile:
    """A file that is open in the editor."""

    uri: str
    """As the client spells it."""
    analyst: Analyst
    text: str
    version: int | None
    snapshot: Snapshot | None = None


@dataclass(slots=True, eq=False)
class Documents:
    """Every open file, by its path."""

    folders: list[Path] = field(default_factory=list)
    """Where the workspace's files are."""
    _open: dict[Path, OpenFile] = field(default_factory=dict)

    def put(self, uri: str, text: str, version: int | None) -> bool:
        """Note a file's text; whether the server has anything to say of such a file."""
        path = path_of(uri)
        kind = None if path is None else kind_of(path)
        if path is None or kind is None:
            return False
        file = self._open.get(path)
        if file is None:
            file = self._open[path] = OpenFile(uri, Analyst(path, kind), text, version)
        file.uri, file.text, file.version = uri, text, version
        file.snapshot = None
        if kind == "runtime-config":
            self._forget_in(path.parent)
        return True

    def text(self, uri: str) -> str | None:
        """The text of an open file."""
        file = self._at(uri)
        return None if file is None else file.text

    def close(self, uri: str) -> None:
        """Forget a file; from now on it is what is on disk."""
        file = self._at(uri)
        if file is not None:
            del self._open[file.analyst.path]
            self._forget_in(file.analyst.path.parent)

    def forget_all(self) -> None:
        """Look again at everything."""
        for file in self._open.values():
            file.snapshot = None

    def outdated(self) -> list[str]:
        """The URIs of the files that changed since they were last looked at."""
        return [file.uri for file in self._open.values() if file.snapshot is None]

    def snapshot(self, uri: str) -> Snapshot | None:
        """What is known of an open file; None for one the server has nothing to say of."""
        file = self._at(uri)
        return None if file is None else self._looked_at(file)

    def snapshots(self) -> Iterator[Snapshot]:
        """What is known of every manifest, open or in the workspace's folders."""
        open_paths = list(self._open)
        for path in open_paths:
            if self._open[path].analyst.kind == "manifest":
                yield self._looked_at(self._open[path])
        for path in self._manifests():
            if path not in self._open and (snapshot := self._found(path)) is not None:
                yield snapshot

    def neighbours(self, path: Path) -> list[Snapshot]:
        """What is known of the other files of an application."""
        here = [path.parent / MANIFEST, path.parent / RUNTIME_CONFIG]
        opened = [other for other in self._open if other.parent == path.parent]
        others = [other for other in dict.fromkeys([*opened, *here]) if other != path]
        return [snapshot for other in others if (snapshot := self._found(other)) is not None]

    def lines(self, uri: str) -> Sequence[str]:
        """The lines of a file, as the editor has them or as they are on disk."""
        file = self._at(uri)
        if file is not None:
            return file.snapshot.lines if file.snapshot else file.text.split("\n")
        path = path_of(uri)
        text = None if path is None else _text(path)
        return [] if text is None else text.split("\n")

    def spelled(self, uri: str) -> str:
        """A file's URI as the client spells it."""
        file = self._at(uri)
        return uri if file is None else file.uri

    def _at(self, uri: str) -> OpenFile | None:
        path = path_of(uri)
        return None if path is None else self._open.get(path)

    def _found(self, path: Path) -> Snapshot | None:
        """What is known of a file, open or on disk."""
        if (file := self._open.get(path)) is not None:
            return self._looked_at(file)
        kind, text = kind_of(path), _text(path)
        if kind is None or text is None:
            return None
        return _on_disk(path, kind, text)

    def _looked_at(self, file: OpenFile) -> Snapshot:
        if file.snapshot is None:
            config = None
            if file.analyst.kind == "manifest":
                config = self._config(file.analyst.path.parent)
            file.snapshot = file.analyst.snapshot(file.text, file.version, config)
        return file.snapshot

    def _forget_in(self, root: Path) -> None:
        """Look again at the files of one application."""
        for path, file in self._open.items():
            if path.parent == root:
                file.snapshot = None

    def _config(self, root: Path) -> RuntimeConfig | None:
        """The runtime configuration beside a manifest, if there is one."""
        path = root / RUNTIME_CONFIG
        if (file := self._open.get(path)) is not None:
            return self._looked_at(file).config
        return load_runtime_config(path)[0] if path.is_file() else None

    def _manifests(self) -> Iterator[Path]:
        for folder in self.folders:
            deepest = len(folder.parts) + DEEPEST
            for directory, below, names in os.walk(folder):
                here = Path(directory)
                if len(here.parts) >= deepest:
                    below.clear()
                below[:] = sorted(n for n in below if n not in ELSEWHERE and n[0] != ".")
                if MANIFEST in names:
                    yield here / MANIFEST


@lru_cache(8)
def _on_disk(path: Path, kind: Kind, text: str) -> Snapshot:
    """What is known of a file that isn't open; its diagnostics may be of yesterday."""
    return Analyst(path, kind).snapshot(text, None, None)


def _text(path: Path) -> str | None:
    try:
        if path.stat().st_size > LARGEST:
            return None
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return None
