"""Which digest each version of a package has that was fetched before: versions never change."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import NamedTuple

from spindle.registry.store import Store


class Releases(NamedTuple):
    """What is remembered of one registry: a file a version, with its digest in it."""

    store: Store
    registry: str

    def find(self, package: str, version: str) -> Path | None:
        """The wasm of a version, None when it was never fetched."""
        try:
            digest = self._file(package, version).read_text("ascii").strip()
        except (OSError, ValueError):
            return None
        return self.store.find(digest)

    def versions(self, package: str) -> tuple[str, ...]:
        """The versions of a package that were fetched."""
        directory = self._directory(package)
        return tuple(file.name for file in directory.iterdir()) if directory.is_dir() else ()

    def remember(self, package: str, version: str, digest: str) -> None:
        """Note what a version is; a cache that can't be written is no fault."""
        with contextlib.suppress(OSError):
            self._directory(package).mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.store.root)
            with os.fdopen(handle, "w") as file:
                file.write(digest)
            Path(name).replace(self._file(package, version))

    def _directory(self, package: str) -> Path:
        registry = self.registry.replace(":", "_").replace("/", "_")
        return self.store.root / "registry" / "releases" / registry / package.replace(":", "_")

    def _file(self, package: str, version: str) -> Path:
        return self._directory(package) / version
