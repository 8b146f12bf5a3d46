"""Compiled core modules, kept in memory while used and in files for ever after.

A file's name holds all that decides whether it may be used: the SHA-256 of the module, the
compilation strategy and the very library that compiled it. Files are the person's own, as
trustworthy as the installed package; they appear complete or not at all.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from weakref import WeakValueDictionary

from spindle.component import core


def cache_root() -> Path:
    """The directory of everything that can be made again: `~/.cache/spindle` unless XDG differs."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "spindle"


class ModuleCache:
    """The compiled modules of one engine; without a `directory`, in memory only."""

    def __init__(self, engine: core.Engine, directory: Path | None) -> None:
        self.engine = engine
        self.directory = directory
        self._modules: WeakValueDictionary[str, core.Module] = WeakValueDictionary()
        engine.compile_generated = self.of_bytes

    def module(self, digest: str, wasm: Callable[[], bytes | memoryview]) -> core.Module:
        """The module of a digest; its bytes are asked for only if it must be compiled.

        Raises `core.CoreError` when the engine rejects it.
        """
        module = self._modules.get(digest)
        if module is None:
            module = self._modules[digest] = self._stored(digest) or self._compile(digest, wasm())
        return module

    def has(self, digest: str) -> bool:
        """Whether a module is there without compiling."""
        stored = self.directory is not None and self._path(digest).exists()
        return stored or digest in self._modules

    def of_bytes(self, wasm: bytes) -> core.Module:
        """The module of a few bytes."""
        return self.module(hashlib.sha256(wasm).hexdigest(), lambda: wasm)

    def _path(self, digest: str) -> Path:
        assert self.directory is not None
        return self.directory / f"{digest}-{self.engine.strategy}-{core.library_id()}.cwasm"

    def _stored(self, digest: str) -> core.Module | None:
        if self.directory is None:
            return None
        path = self._path(digest)
        if not path.exists():
            return None
        try:
            return self.engine.load(path)
        except core.CoreError:
            return None  # of other settings, or damaged: it is compiled again and replaced

    def _compile(self, digest: str, wasm: bytes | memoryview) -> core.Module:
        module = self.engine.compile(wasm)
        if self.directory is not None:
            write_file(self._path(digest), module.serialize())
        return module


def write_file(path: Path, data: bytes) -> None:
    """Write a cache file whole or not at all; a cache that cannot be written is no fault."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
