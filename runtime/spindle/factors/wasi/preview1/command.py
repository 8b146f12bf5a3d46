"""Running a core module that is a preview 1 command: `_start`, once, in a store of its own."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
from collections.abc import Awaitable, Callable, Generator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from spindle.component import core
from spindle.component.compiling import compile_soonest
from spindle.component.component import Compiler, default_compiler
from spindle.component.linker import LinkError
from spindle.component.plan import ModulePlan
from spindle.component.run_queue import TICK
from spindle.component.symbols import Symbols
from spindle.component.trap import Trap
from spindle.componentize.recognition import check_libc
from spindle.errors import ComponentError
from spindle.factors.state import InstanceState
from spindle.factors.wasi.cli import GuestExit
from spindle.factors.wasi.preview1.errnos import FAILURES, SUCCESS, number_of
from spindle.factors.wasi.preview1.functions import Process
from spindle.factors.wasi.preview1.memory import GuestMemory
from spindle.limits import DEFAULT, Limits, beyond
from spindle.wasm.module_world import producers_of
from spindle.wasm.modules import read_module
from spindle.wasm.preview1 import FUNCTIONS, MODULES
from spindle.wasm.types import CoreExternType, CoreFuncType, CoreImportDecl, CoreMemoryType

_START = core.CoreType((), ())


class Command:
    """A compiled command, to be run any number of times."""

    export = "_start"
    """What is called."""

    def __init__(
        self,
        module: core.Module,
        digest: str,
        imports: tuple[CoreImportDecl, ...],
        symbols: Symbols,
    ) -> None:
        self.module = module
        self.digest = digest
        """Of its bytes."""
        self.imports = imports
        self.symbols = symbols
        """What tells where in its sources a stack is."""

    @classmethod
    def load(
        cls,
        source: Path | bytes,
        compiler: Compiler | None = None,
        *,
        in_haste: Compiler | None = None,
    ) -> Command:
        """A command from its file or its bytes.

        `in_haste` compiles it if `compiler` has not done so before. Raises `DecodeError`,
        `LinkError` for what preview 1 has not, and other `ComponentError`s.
        """
        compiler = compiler or default_compiler()
        data = source if isinstance(source, bytes) else source.read_bytes()
        summary = read_module(data)
        check_libc(producers_of(data, summary))
        for declared in summary.imports:
            _check_import(declared)
        _check_exports({export.name: export.type for export in summary.exports})
        digest = hashlib.sha256(data).hexdigest()
        whole = ModulePlan(0, len(data), digest)
        _, [module] = compile_soonest((whole,), compiler, in_haste, lambda: data)
        again = (lambda: source) if isinstance(source, bytes) else source.read_bytes
        return cls(module, digest, tuple(summary.imports), Symbols(again, (whole,)))

    @property
    def engine(self) -> core.Engine:
        """What it is compiled for."""
        return self.module.engine


Turn: TypeAlias = Callable[[], Awaitable[None]]


async def _next_turn() -> None:
    await asyncio.sleep(0)


def _check_import(declared: CoreImportDecl) -> None:
    known = FUNCTIONS.get(declared.name) if declared.module in MODULES else None
    if known is None:
        raise LinkError(f"{declared.module}#{declared.name}", "no such function")
    if known != declared.type:
        raise LinkError(f"{declared.module}#{declared.name}", "one of another type")


def _check_exports(exported: Mapping[str, CoreExternType]) -> None:
    start = exported.get("_start")
    if start is None or not isinstance(exported.get("memory"), CoreMemoryType):
        raise ComponentError(
            "the module is no command: it must export a function `_start` and a memory `memory`"
        )
    if start != CoreFuncType((), ()):
        raise ComponentError(
            "the module is no command: `_start` must be a function without parameters or results"
        )


async def run_command(
    command: Command,
    state: InstanceState,
    *,
    limits: Limits = DEFAULT,
    turn: Turn = _next_turn,
) -> int:
    """Run a command to its end; its exit status.

    Arguments, environment, standard streams and directories are the state's. `turn` waits for the
    next time slice when one is over. Raises `Trap`; cancelling stops the guest.
    """
    store = core.Store(command.module.engine, limits=limits)
    call: core.Call | None = None
    try:
        call = _start(store, command, state)
        await _finish(call, turn, limits.max_cpu_time)
    except GuestExit as exit_:
        return exit_.status
    except core.CoreTrap as error:
        raise Trap(error.message, error.frames) from error
    finally:
        if call is not None:
            call.cancel()
        store.close()
    return 0


def _start(store: core.Store, command: Command, state: InstanceState) -> core.Call:
    process: Process | None = None

    def running() -> Process:
        if process is None:
            raise Trap("the module calls the host before it has started")
        return process

    externs = _externs(store, {declared.name for declared in command.imports}, running)
    instance = store.instantiate(command.module, [externs[d.name] for d in command.imports])
    store.arm()
    memory, start = instance.export("memory"), instance.export("_start")
    assert memory is not None, "checked when the command was loaded"
    assert start is not None, "checked when the command was loaded"
    process = Process(state, GuestMemory(store.memory(memory)))
    return store.call(start, _START, ())


def _externs(
    store: core.Store, names: set[str], running: Callable[[], Process]
) -> dict[str, core.Extern]:
    """The functions that a module imports, in a store."""
    types = {n: core.CoreType(FUNCTIONS[n].params, FUNCTIONS[n].results) for n in names}
    waiting = [n for n in names if inspect.isgeneratorfunction(getattr(Process, n))]
    blocking = store.blocking_functions([(types[n], _waiting(n, running)) for n in waiting])
    externs = dict(zip(waiting, blocking, strict=True))
    for name in names.difference(waiting):
        externs[name] = store.host_function(types[name], _direct(name, running))
    return externs


def _direct(name: str, running: Callable[[], Process]) -> Callable[..., int | None]:
    """A core function that answers with an error number."""
    is_exit = name == "proc_exit"

    def call(*args: int) -> int | None:
        try:
            getattr(running(), name)(*args)
        except FAILURES as error:
            return number_of(error)
        return None if is_exit else SUCCESS

    return call


def _waiting(name: str, running: Callable[[], Process]) -> Callable[..., Generator[Any, Any, int]]:
    """The same for one that waits."""

    def call(*args: int) -> Generator[Any, Any, int]:
        try:
            yield from getattr(running(), name)(*args)
        except FAILURES as error:
            return number_of(error)
        return SUCCESS

    return call


async def _finish(call: core.Call, turn: Turn, max_cpu_time: float) -> None:
    """Poll a call to its end, waiting for what its functions wait for."""
    slices = 0
    while not call.poll():
        if not call.waiting:
            slices += 1
            if slices * TICK >= max_cpu_time:
                raise Trap(beyond("the guest computes for too long", "max_cpu_time", max_cpu_time))
            await turn()  # its time slice is over
            continue
        awaited = call.pending_yield
        while True:
            try:
                awaited = call.pending.send(await awaited)
            except StopIteration as stop:
                call.pending_result = stop.value
                break
        call.resume()
