"""Loading components: soon with a quick compiler, or well with an optimising one."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from spindle.app import AppComponent, LocalSource
from spindle.component.cache_files import prune
from spindle.component.component import Compiler, Component
from spindle.errors import SpindleError, UserError
from spindle.executor.engines import Engines

if TYPE_CHECKING:
    from spindle.factors.wasi.preview1 import Command

HASTE_SIZE = 1 << 20
"""Bytes from which on compiling a component well takes longer than a person likes to wait."""

NICENESS = 10


class ProgramLoader:
    """Loads the components of an application."""

    def __init__(self, engines: Engines, cache_dir: Path | None) -> None:
        self._engines = engines
        self._cache_dir = cache_dir

    @cached_property
    def _well(self) -> Compiler:
        return Compiler(self._engines.optimised, self._cache_dir)

    @cached_property
    def _quick(self) -> Compiler:
        return Compiler(self._engines.baseline, self._cache_dir)

    def load(self, component: AppComponent) -> Component:
        """A component, ready soonest; raises `UserError` and `ComponentError` naming it."""
        path = local_source(component)
        large = path.exists() and path.stat().st_size >= HASTE_SIZE
        try:
            return Component.load(path, self._well, in_haste=self._quick if large else None)
        except SpindleError as error:
            error.message = f"component `{component.id}`: {error.message}"
            error.path = error.path or path
            raise

    def is_hasty(self, component: Component) -> bool:
        """Whether it would run faster if it were compiled well."""
        return component.engine is not self._well.engine

    def load_well(self, component: AppComponent) -> Component:
        """The component compiled well, however long it takes."""
        return Component.load(local_source(component), self._well)

    def tidy(self) -> None:
        """Throw away what the cache has kept for too long."""
        if self._cache_dir is not None:
            prune(self._cache_dir, time.time())

    def load_command(self, component: AppComponent) -> Command:
        """A component that is a command; raises `UserError` and `ComponentError` naming it."""
        # Imported here, for few applications have commands.
        from spindle.factors.wasi.preview1 import Command

        path = local_source(component)
        try:
            return Command.load(path, self._well)
        except SpindleError as error:
            error.message = f"component `{component.id}`: {error.message}"
            error.path = error.path or path
            raise


def local_source(component: AppComponent) -> Path:
    """The file a component is loaded from; raises `UserError` if it is none."""
    if not isinstance(component.source, LocalSource):
        raise UserError(
            f"component `{component.id}` does not come from a local file",
            hints=("components from registries and URLs can't be run yet",),
        )
    return component.source.path


def nice_thread() -> ThreadPoolExecutor:
    """One thread that gives way to all others; only Linux has a niceness for each."""
    return ThreadPoolExecutor(1, "spindle-behind", _be_nice)


def _be_nice() -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
