"""WebAssembly's core, through wasmtime's C API: the one package that touches wasmtime.

Lean `ctypes` on the library PyPI's `wasmtime` ships; the package's own classes are never imported
(they cost 70 ms at start and microseconds a call). Everything above speaks of engines, modules,
stores, externs and calls, and nothing of pointers.

Theory of operation
-------------------
*Guest stacks are fibers.* `Store.call` starts an export on a fiber of wasmtime's; `Call.poll` runs
it until it returns, traps, or waits. All fibers are polled from one thread, so a suspended guest
costs a stack and no thread, and nothing here locks.

*Waiting.* A host function is a plain synchronous trampoline. One that may block is entered through
a few generated core instructions (`suspender_binary`): they call the trampoline and, when it
answers that it must wait, call the one asynchronous host function there is, which suspends the
fiber until the host says `Call.resume`; then a second trampoline fetches the result. So the only
frames on a suspended fiber are wasmtime's and the guest's: a Python frame is never suspended. The
asynchronous host function is reached through a table filled after instantiation, because a store
that has seen one refuses the synchronous instantiation we use.

*Fairness.* An engine's epoch ticks every few milliseconds. A guest that is still running at a tick
yields: `poll` answers False with `Call.waiting` False, and the scheduler lets others run first. A
nested call (`nested`: `realloc` and its like, under a Python frame) never yields; it may only
run on or be interrupted by the deadline.

*Safety.* Misuse of the C API aborts the process, so externs carry their store and are checked when
an instance is made; callbacks catch everything, keep the exception on the store and trap.
"""

from __future__ import annotations

from spindle.component.core.c_api import engine_identity
from spindle.component.core.callbacks import in_callback, in_trampoline
from spindle.component.core.calls import Call
from spindle.component.core.engine import Contents, Engine, Module
from spindle.component.core.errors import CoreError, CoreFrame, CoreTrap, wat_to_wasm
from spindle.component.core.externs import FUNC, GLOBAL, MEMORY, TABLE, CoreInstance, Extern, Slots
from spindle.component.core.generated import FILLER_TYPE, AdapterType
from spindle.component.core.memory import Memory
from spindle.component.core.signatures import Signature, signature
from spindle.component.core.store import Adapter, Store
from spindle.component.core.types import CoreType, CoreValue, HostFunction

__all__ = [
    "FILLER_TYPE",
    "FUNC",
    "GLOBAL",
    "MEMORY",
    "TABLE",
    "Adapter",
    "AdapterType",
    "Call",
    "Contents",
    "CoreError",
    "CoreFrame",
    "CoreInstance",
    "CoreTrap",
    "CoreType",
    "CoreValue",
    "Engine",
    "Extern",
    "HostFunction",
    "Memory",
    "Module",
    "Signature",
    "Slots",
    "Store",
    "engine_identity",
    "in_callback",
    "in_trampoline",
    "signature",
    "wat_to_wasm",
]
