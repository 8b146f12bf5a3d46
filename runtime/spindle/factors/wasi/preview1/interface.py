"""Preview 1 for core modules that were made components: `spindle:wasi/preview1`.

Each instance of such a module is a `Process` of its own, over the memory it calls with.
"""

from __future__ import annotations

import inspect
from collections.abc import Generator
from typing import Any

from spindle.component.core import Memory
from spindle.component.host import HostFunc, HostInterface, Later, may_block, over_memory
from spindle.component.trap import Trap
from spindle.factors.wasi.preview1.errnos import FAILURES, SUCCESS, number_of
from spindle.factors.wasi.preview1.functions import Process
from spindle.factors.wasi.preview1.memory import GuestMemory
from spindle.wasm.preview1 import FUNCTIONS, INTERFACE, component_name

_FACTOR = "preview1"


def _process(task: Any, memory: Memory | None) -> Process:
    """The process of the caller; its memory is one process's alone."""
    if memory is None:
        raise Trap("the module calls the host before it has started")
    state = task.inst.state
    processes = state.factors.setdefault(_FACTOR, {})
    found: Process | None = processes.get(id(memory))
    if found is None:
        found = processes[id(memory)] = Process(state, GuestMemory(memory))
    return found


def _direct(name: str) -> HostFunc:
    """A function that answers with an error number at once."""
    ends = not FUNCTIONS[name].results

    @over_memory
    def call(task: Any, memory: Memory | None, *args: int) -> int | None:
        try:
            getattr(_process(task, memory), name)(*args)
        except FAILURES as error:
            return number_of(error)
        return None if ends else SUCCESS

    return call


def _waiting(name: str) -> HostFunc:
    """The same for one that waits."""

    @may_block
    @over_memory
    def call(task: Any, memory: Memory | None, *args: int) -> Later:
        return Later(_finish(getattr(_process(task, memory), name)(*args)))

    return call


async def _finish(steps: Generator[Any, Any, None]) -> int:
    try:
        awaited = next(steps)
        while True:
            awaited = steps.send(await awaited)
    except StopIteration:
        return SUCCESS
    except FAILURES as error:
        return number_of(error)


def _function(name: str) -> HostFunc:
    waits = inspect.isgeneratorfunction(getattr(Process, name))
    return _waiting(name) if waits else _direct(name)


INTERFACES = {
    INTERFACE: HostInterface({component_name(name): _function(name) for name in FUNCTIONS})
}
