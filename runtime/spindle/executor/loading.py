"""Loading components: soon with a quick compiler, or well with an optimising one."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from spindle.app import AppComponent, LocalSource
from spindle.component.cache_files import prune
from spindle.component.component import Compiler, Component
from spindle.errors import SpindleError, UserError
from spindle.executor.assembly import Assembly
from spindle.executor.engines import Engines
from spindle.wasm.reader import DecodeError

if TYPE_CHECKING:
    from spindle.component.imports import Imports
    from spindle.executor.component_commands import ComponentCommand
    from spindle.factors.wasi.preview1.command import Command

T = TypeVar("T")

HASTE_SIZE = 1 << 20
"""Bytes from which on compiling a component well takes longer than a person likes to wait."""

NICENESS = 10

COMPONENT = b"\0asm\x0d\0\1\0"
"""What a component begins with."""


class ProgramLoader:
    """Loads the components of an application."""

    def __init__(self, engines: Engines, cache_dir: Path | None) -> None:
        self._engines = engines
        self._cache_dir = cache_dir
        self.builds_come = False
        """Whether builds are to come: what is compiled well is to serve them, too, if it can."""

    @cached_property
    def _well(self) -> Compiler:
        return Compiler(self._engines.optimised, self._cache_dir)

    @cached_property
    def _quick(self) -> Compiler:
        return Compiler(self._engines.baseline, self._cache_dir)

    def load(self, assembly: Assembly) -> Component:
        """A component, ready soonest; raises `UserError` and `ComponentError` naming it."""
        with naming(assembly.component):
            return self._load(assembly, self._in_haste(assembly))

    def is_hasty(self, component: Component | Command | ComponentCommand) -> bool:
        """Whether it would run faster if it were compiled well."""
        if component.engine is not self._well.engine:
            return True
        return isinstance(component, Component) and component.is_bare and not self.builds_come

    def load_well(self, assembly: Assembly) -> Component:
        """The component compiled well, however long it takes."""
        return self._load(assembly, bare=self.builds_come)

    def _in_haste(self, assembly: Assembly) -> Compiler | None:
        """What compiles it sooner than a person would wait, if they would."""
        size = sum(path.stat().st_size for path in assembly.paths if path.exists())
        return self._quick if size >= HASTE_SIZE else None

    def _load(
        self, assembly: Assembly, in_haste: Compiler | None = None, *, bare: bool = False
    ) -> Component:
        content = assembly.content(self._well.plans) if assembly.others else assembly.path
        return Component.load(content, self._well, in_haste=in_haste, bare=bare)

    def tidy(self) -> None:
        """Throw away what the cache has kept for too long."""
        if self._cache_dir is not None:
            prune(self._cache_dir, time.time())

    def load_command(self, assembly: Assembly, imports: Imports) -> Command | ComponentCommand:
        """A component that is a command, ready soonest.

        `imports` are what components are linked with; core modules have WASI preview 1 alone.
        Raises `UserError` and `ComponentError` naming it.
        """
        with naming(assembly.component):
            if assembly.middleware:
                raise UserError(
                    "there can be no middleware around a command that Wagi runs",
                    hints=("remove it, or leave `executor` out and export an HTTP handler",),
                )
            return self._load_command(assembly, imports, self._in_haste(assembly))

    def load_command_well(self, assembly: Assembly, imports: Imports) -> Command | ComponentCommand:
        """The command compiled well, however long it takes."""
        return self._load_command(assembly, imports)

    def _load_command(
        self, assembly: Assembly, imports: Imports, in_haste: Compiler | None = None
    ) -> Command | ComponentCommand:
        # Imported here, for few applications have commands.
        from spindle.executor.component_commands import component_command
        from spindle.factors.wasi.preview1.command import Command

        if assembly.others or _is_component(assembly.path):
            return component_command(self._load(assembly, in_haste), imports)
        return Command.load(assembly.path, self._well, in_haste=in_haste)


def _is_component(path: Path) -> bool:
    with contextlib.suppress(OSError), path.open("rb") as file:
        return file.read(len(COMPONENT)) == COMPONENT
    return False


@contextlib.contextmanager
def naming(component: AppComponent) -> Iterator[None]:
    """Let what goes wrong say in which component."""
    try:
        yield
    except SpindleError as error:
        error.message = f"component `{component.id}`: {error.message}"
        if isinstance(error, DecodeError) and not error.hints:
            error.hints = ("if the file was not written whole, build it again",)
        if error.path is None and isinstance(component.source, LocalSource):
            error.path = component.source.path
        raise


class Behind:
    """What is better done while serving than before, on a thread that gives way to all others.

    A process does one such thing at a time: each would take as much longer, and memory of its own.
    """

    def __init__(self) -> None:
        self._thread = nice_thread()
        self._stopped = False

    def do(self, work: Callable[..., T], *args: Any) -> asyncio.Future[T]:
        """Do it when it is its turn; what it gives."""
        turn = partial(self._in_turn, work, *args)
        return asyncio.get_running_loop().run_in_executor(self._thread, turn)

    def stop(self) -> None:
        """Begin nothing any more; what is under way ends by itself."""
        self._stopped = True
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _in_turn(self, work: Callable[..., T], *args: Any) -> T:
        with _turn:
            if self._stopped:
                raise CancelledError
            return work(*args)


_turn = threading.Lock()


def nice_thread() -> ThreadPoolExecutor:
    """One thread that gives way to all others; only Linux has a niceness for each."""
    return ThreadPoolExecutor(1, "spindle-behind", _be_nice)


def _be_nice() -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
