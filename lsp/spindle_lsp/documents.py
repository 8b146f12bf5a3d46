"""The files an editor has open, and what is known of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from spindle.runtime_config import RuntimeConfig, load_runtime_config
from spindle_lsp.snapshot import Analyst, Snapshot, kind_of

RUNTIME_CONFIG = "runtime-config.toml"


def path_of(uri: str) -> Path | None:
    """The path of a file's URI; None for other URIs."""
    parts = urlsplit(uri)
    if parts.scheme != "file":
        return None
    return Path(url2pathname(unquote(parts.path)))


@dataclass(slots=True, eq=False)
class OpenFile:
    """A file that is open in the editor."""

    analyst: Analyst
    text: str
    version: int | None
    snapshot: Snapshot | None = None


@dataclass(slots=True, eq=False)
class Documents:
    """Every open file, by its URI."""

    _open: dict[str, OpenFile] = field(default_factory=dict)

    def put(self, uri: str, text: str, version: int | None) -> bool:
        """Note a file's text; whether the server has anything to say of such a file."""
        path = path_of(uri)
        kind = None if path is None else kind_of(path)
        if path is None or kind is None:
            return False
        file = self._open.get(uri)
        if file is None:
            file = self._open[uri] = OpenFile(Analyst(path, kind), text, version)
        file.text, file.version = text, version
        self.forget(path.parent if kind == "runtime-config" else path)
        return True

    def close(self, uri: str) -> None:
        """Forget a file; from now on it is what is on disk."""
        file = self._open.pop(uri, None)
        if file is not None:
            self.forget(file.analyst.path.parent)

    def forget(self, path: Path) -> None:
        """Look again at what a change at a path can touch: the file, or all of a directory."""
        for file in self._open.values():
            if file.analyst.path.is_relative_to(path):
                file.snapshot = None

    def forget_all(self) -> None:
        """Look again at everything."""
        for file in self._open.values():
            file.snapshot = None

    def outdated(self) -> Iterator[str]:
        """The URIs of the files that changed since they were last looked at."""
        yield from (uri for uri, file in self._open.items() if file.snapshot is None)

    def snapshot(self, uri: str) -> Snapshot | None:
        """What is known of an open file; None for one the server has nothing to say of."""
        file = self._open.get(uri)
        if file is None:
            return None
        if file.snapshot is None:
            config = self._config(file.analyst.path.parent)
            file.snapshot = file.analyst.snapshot(file.text, file.version, config)
        return file.snapshot

    def lines(self, path: Path) -> list[str]:
        """The lines of a file, as the editor has them or as they are on disk."""
        file = self._open.get(path.as_uri())
        if file is not None:
            return file.snapshot.lines if file.snapshot else file.text.split("\n")
        try:
            return path.read_bytes().decode("utf-8", "replace").split("\n")
        except OSError:
            return []

    def _config(self, root: Path) -> RuntimeConfig | None:
        """The runtime configuration beside a manifest, if there is one."""
        path = root / RUNTIME_CONFIG
        if (file := self._open.get(path.as_uri())) is not None:
            snapshot = file.snapshot
            return (snapshot or file.analyst.snapshot(file.text, file.version, None)).config
        return load_runtime_config(path)[0] if path.is_file() else None
