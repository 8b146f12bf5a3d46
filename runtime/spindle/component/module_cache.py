"""Compiled core modules, kept in memory while used and in files for ever after.

A file's name holds all that decides whether it may be used: the SHA-256 of the module, the
compilation strategy and the very library that compiled it. Files are the person's own, as
trustworthy as the installed package; those that are not as they were written are not used.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from weakref import WeakValueDictionary

from spindle.component import core
from spindle.component.cache_files import is_sealed, note_use, write_sealed


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
        stored = self.directory is not None and is_sealed(self._path(digest))
        return stored or digest in self._modules

    def of_bytes(self, wasm: bytes) -> core.Module:
        """The module of a few bytes."""
        return self.module(hashlib.sha256(wasm).hexdigest(), lambda: wasm)

    def _path(self, digest: str) -> Path:
        assert self.directory is not None
        return self.directory / f"{digest}-{self.engine.strategy}-{core.engine_identity()}.cwasm"

    def _stored(self, digest: str) -> core.Module | None:
        if self.directory is None:
            return None
        path = self._path(digest)
        if not is_sealed(path):
            return None  # or damaged: the engine would run what it finds there
        note_use(path)
        try:
            return self.engine.load(path)
        except core.CoreError:
            return None  # of other settings: it is compiled again and replaced

    def _compile(self, digest: str, wasm: bytes | memoryview) -> core.Module:
        module = self.engine.compile(wasm)
        if self.directory is not None:
            write_sealed(self._path(digest), module.serialize())
        return module
