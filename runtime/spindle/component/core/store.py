"""Stores: the homes of core instances, in which they run."""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Callable, Generator, Sequence
from ctypes import c_size_t, c_void_p
from struct import Struct
from typing import TYPE_CHECKING, Any, NamedTuple

from spindle.component.core.c_api import (
    epoch_callback_set,
    func_call_unchecked,
    func_new,
    func_type,
    functype_delete,
    functype_params,
    functype_results,
    global_get,
    instance_new,
    linker_get,
    memory_size,
    set_epoch_deadline,
    store_context,
    store_delete,
    store_limiter,
    store_new,
    table_get,
    table_set,
    valtype_kind,
)
from spindle.component.core.callbacks import by_context, on_epoch_pointer, stores
from spindle.component.core.calls import Call, direct
from spindle.component.core.engine import Contents, Engine, Module
from spindle.component.core.errors import CoreTrap, Vec, check, trap_of
from spindle.component.core.externs import (
    EXTERN_SIZE,
    FUNC_HEAD,
    FUNC_TAIL,
    MEMORY,
    CoreInstance,
    Extern,
)
from spindle.component.core.generated import AdapterType
from spindle.component.core.memory import Memory
from spindle.component.core.signatures import VAL_OUT, VAL_SIZE, Signature, signature
from spindle.component.core.trampolines import next_target, owners, targets
from spindle.component.core.types import KINDS, CoreType
from spindle.limits import DEFAULT, UNLIMITED, Limits, beyond

if TYPE_CHECKING:
    from spindle.component.core.types import CoreValue, HostFunction


class Adapter(NamedTuple):
    """What one guest's call of another consists of, in the order of its parts."""

    enter: HostFunction
    """From the caller's core arguments to the callee's."""
    callee: Extern
    leave: HostFunction
    """From the callee's core results to the caller's."""
    cleanup: Extern | None
    """Called with the callee's core results once more."""
    done: HostFunction
    """Called after that."""


_OWN = 2
"""Tables a store has that are the host's."""


class Store:
    """The home of one group of core instances; nothing moves between stores."""

    __slots__ = (
        "_adapter_table",
        "_func_address",
        "_ids",
        "_suspend",
        "_suspend_table",
        "_views",
        "armed",
        "calls",
        "context",
        "counted",
        "engine",
        "extern_buffer",
        "failure",
        "handle",
        "limits",
        "nested_ticks",
        "nesting",
        "number",
        "pointer",
        "polling",
        "starting",
    )  # fmt: skip

    def __init__(self, engine: Engine, *, limits: Limits = DEFAULT) -> None:
        self.engine = engine
        self.limits = limits
        self.handle = store_new(engine.handle, None, None)
        self.context: int = store_context(self.handle)
        self.pointer = c_void_p(self.context)
        self.number = next_target()
        self.failure: BaseException | None = None
        """The exception a host function raised, until the call that led to it has ended."""
        self.nesting = 0
        self.nested_ticks = 0
        self.polling: Call | None = None
        self.starting: Call | None = None
        """A start function's; what it calls cannot wait, for nothing can be suspended yet."""
        self.armed = False
        self._ids: list[int] = []
        self._views: list[Memory] = []
        self.counted: list[Memory] = []
        """The memories of an instance that has several: the engine limits each by itself."""
        self.extern_buffer = ctypes.create_string_buffer(EXTERN_SIZE)
        self._func_address = ctypes.addressof(self.extern_buffer) + 8
        self._suspend: Extern | None = None
        self._suspend_table: Extern | None = None
        self._adapter_table: Extern | None = None
        self.calls: set[Call] = set()
        """The calls that have not ended; those not polled just now are suspended."""
        stores[self.number] = self
        by_context[self.context] = self
        store_limiter(
            self.handle,
            limits.max_instance_memory,
            limits.max_table_elements,
            UNLIMITED,  # core instances are counted before there are any
            min(limits.max_tables, UNLIMITED - _OWN) + _OWN,
            limits.max_memories,
        )
        epoch_callback_set(self.handle, on_epoch_pointer, self.number, None)

    def close(self) -> None:
        """Free everything in the store; its calls must have ended or been cancelled."""
        if self.handle is None:
            return
        for memory in self._views:
            memory.release()
        for target in self._ids:
            del targets[target], owners[target]
        del stores[self.number], by_context[self.context]
        store_delete(self.handle)
        self.handle = None

    def host_function(self, core_type: CoreType, function: HostFunction) -> Extern:
        """A core function that calls `function` with its arguments."""
        return Extern(self, self._define(signature(core_type), next_target(), function))

    def late_function(self, kind: Signature, make: Callable[[], HostFunction]) -> Extern:
        """A core function that calls what `make` gives, which is asked at the first call."""
        target = next_target()

        def first(*args: CoreValue) -> Any:
            function = targets[target] = make()
            return function(*args)

        return Extern(self, self._define(kind, target, first))

    def _define(self, kind: Signature, target: int, function: HostFunction) -> bytes:
        targets[target] = function
        owners[target] = self
        self._ids.append(target)
        raw = self.extern_buffer
        func_new(
            self.context,
            kind.type(self.engine.handle),
            kind.trampoline,
            target,
            None,
            self._func_address,
        )
        return FUNC_HEAD + raw.raw[8:24] + FUNC_TAIL

    def blocking_functions(
        self, functions: Sequence[tuple[CoreType, Callable[..., Generator[Any, Any, Any]]]]
    ) -> list[Extern]:
        """Core functions that run generator functions, suspending their caller until one ends.

        At most once a store, before anything else is instantiated; `arm` makes them usable.
        """
        if not functions:
            return []
        module = self.engine.suspender(tuple(core_type for core_type, _ in functions))
        imports = []
        for core_type, function in functions:
            started = CoreType(core_type.params, (*core_type.results, "i32"))
            imports.append(self.host_function(started, self._starter(core_type, function)))
            finished = CoreType((), core_type.results)
            imports.append(self.host_function(finished, self._finish))
        instance = self.instantiate(module, imports)
        self._suspend_table = instance.export("t")
        exports = [instance.export(str(i)) for i in range(len(functions))]
        return [extern for extern in exports if extern is not None]

    def adapters(
        self, kinds: Sequence[AdapterType], make: Callable[[int], Adapter]
    ) -> list[Extern]:
        """Core functions that call others between two functions of ours.

        What the n-th calls, `make` is asked for at its first call. At most once a store, before
        anything but `blocking_functions`.
        """
        if not kinds:
            return []
        imports: list[Extern] = []
        for number, (outer, inner, cleans) in enumerate(kinds):
            numbers = [next_target() for _ in range(2 + cleans)]
            types = [CoreType(outer.params, inner.params), CoreType(inner.results, outer.results)]
            first = self._first_entry(number, numbers, make)
            for target, core_type in zip(numbers, (*types, CoreType((), ())), strict=False):
                imports.append(Extern(self, self._define(signature(core_type), target, first)))
        instance = self.instantiate(self.engine.adapter(tuple(kinds)), imports)
        self._adapter_table = instance.export("t")
        exports = [instance.export(str(number)) for number in range(len(kinds))]
        return [extern for extern in exports if extern is not None]

    def _first_entry(
        self, number: int, numbers: Sequence[int], make: Callable[[int], Adapter]
    ) -> HostFunction:
        """What is entered first, once: it puts everything else in place."""

        def first(*args: CoreValue) -> Any:
            adapter = make(number)
            functions = (adapter.enter, adapter.leave, adapter.done)
            for target, function in zip(numbers, functions, strict=False):
                targets[target] = function
            table = self._adapter_table
            assert table is not None
            self.table_set(table, 2 * number, adapter.callee)
            if adapter.cleanup is not None:
                self.table_set(table, 2 * number + 1, adapter.cleanup)
            return adapter.enter(*args)

        return first

    def arm(self) -> None:
        """Let blocking functions suspend, once everything is instantiated."""
        self.armed = True
        if self._suspend_table is not None:
            self.table_set(self._suspend_table, 0, self.suspend_function())

    def _starter(
        self, core_type: CoreType, function: Callable[..., Generator[Any, Any, Any]]
    ) -> HostFunction:
        zero = tuple(0.0 if result[0] == "f" else 0 for result in core_type.results)

        def start(*args: CoreValue) -> Any:
            generator = function(*args)
            try:
                first = generator.send(None)
            except StopIteration as stop:
                return (stop.value, 0) if zero else 0
            if self.nesting or not self.armed:
                raise CoreTrap("a function that must not wait calls one that does", None, ())
            call = self.polling
            assert call is not None
            call.pending, call.pending_yield = generator, first
            return (*zero, 1) if zero else 1

        return start

    def _finish(self) -> Any:
        call = self.polling
        assert call is not None
        return call.pending_result

    def suspend_function(self) -> Extern:
        """The one asynchronous host function: it suspends its fiber until `Call.resume`.

        From its first use on, this store refuses `instantiate`.
        """
        if self._suspend is None:
            address = ctypes.addressof(self.extern_buffer)
            linker = self.engine.suspend_linker
            assert linker_get(linker, self.context, b"", 0, b"suspend", 7, address)
            self._suspend = Extern(self, self.extern_buffer.raw)
        return self._suspend

    def instantiate(self, module: Module, imports: Sequence[Extern]) -> CoreInstance:
        """An instance of a module, its imports in the module's order.

        Raises `CoreError` when an import does not fit and `CoreTrap` when starting traps.
        """
        assert all(extern.store is self for extern in imports), "an extern of another store"
        packed = b"".join([extern.raw for extern in imports])
        return CoreInstance(self, self.instantiate_packed(module, packed))

    def instantiate_packed(self, module: Module, packed: bytes) -> Any:
        """`instantiate` with externs as the engine takes them, giving what it calls an instance."""
        out = ctypes.create_string_buffer(16)
        trap = c_void_p()
        self.failure = None
        self.nesting += 1
        self.nested_ticks = 0
        set_epoch_deadline(self.context, 1)  # before the tick that is asked for
        self.engine.begin_slice()
        try:
            error = instance_new(
                self.context, module.handle, packed, len(packed) // EXTERN_SIZE,
                ctypes.addressof(out), ctypes.addressof(trap),
            )  # fmt: skip
        finally:
            self.nesting -= 1
        if trap.value:
            raise self.failed(trap.value, None)
        if error and self.failure is not None:
            raise self.failed(None, error)
        check(error)
        if module.contents is not None:
            self._fill(CoreInstance(self, out), module.contents)
        return out

    def _fill(self, instance: CoreInstance, contents: Contents) -> None:
        extern = instance.export(contents.memory)
        assert extern is not None, "what is filled is exported"
        memory = Memory(self, extern)
        for offset, data in contents.segments:
            memory.view[offset : offset + len(data)] = data
        memory.release()

    def begin_start(self, function: Extern) -> Call:
        """Start a call of a start function; `starting` is to be reset when it has ended."""
        self.starting = self.call(function, CoreType((), ()), ())
        return self.starting

    def call(self, function: Extern, core_type: CoreType, args: Sequence[CoreValue]) -> Call:
        """Start a call on a fiber of its own; nothing runs until `Call.poll`."""
        return Call(self, function, signature(core_type), args)

    def direct(
        self, function: Extern, core_type: CoreType, on_slice: Callable[[int], object]
    ) -> Callable[..., tuple[CoreValue, ...]]:
        """See `direct`."""
        return direct(self, function, signature(core_type), on_slice)

    def nested(self, function: Extern, core_type: CoreType) -> Callable[..., tuple[CoreValue, ...]]:
        """A guest's function as one that is called at once, on the stack that is there.

        The callee must not block, nor come back to this same function: nothing could suspend the
        stack. Whoever lets it reach host functions must refuse it there (the specification's
        `may_leave`). Calls raise as `Call.poll` does.
        """
        kind = signature(core_type)
        buffer = ctypes.create_string_buffer(kind.raw_slots * 16 + 16)
        raw = memoryview(buffer).cast("B")  # `struct` is twice as fast on this
        trap = (c_void_p * 1)()
        arguments = (
            c_void_p(self.context), function.raw[8:24], buffer, c_size_t(kind.raw_slots), trap,
        )  # fmt: skip
        pack, unpack = kind.raw_in.pack_into, kind.raw_out.unpack_from

        def call(*args: CoreValue) -> tuple[CoreValue, ...]:
            pack(raw, 0, *args)
            if not self.nesting:
                self.nested_ticks = 0
            self.nesting += 1
            error = func_call_unchecked(*arguments)
            self.nesting -= 1
            if error or trap[0]:
                failed, trap[0] = trap[0], None
                raise self.failed(failed, error)
            return unpack(raw)

        return call

    def memory(self, extern: Extern, *, count: bool = False) -> Memory:
        """A view of a linear memory; `count` if it is one of several, to be counted together.

        Raises `CoreTrap` if they are too large.
        """
        assert extern.kind == MEMORY
        memory = Memory(self, extern)
        self._views.append(memory)
        if count:
            self.counted.append(memory)
            self.check_memory()
        return memory

    @property
    def memory_size(self) -> int:
        """Bytes of its linear memories, as far as they are known."""
        if self.counted:
            return sum(memory.size for memory in self.counted)
        return max((memory.size for memory in self._views), default=0)

    def check_memory(self) -> None:
        """Raise `CoreTrap` if several memories are larger together than an instance's may be."""
        limit, context, total = self.limits.max_instance_memory, self.context, 0
        for memory in self.counted:  # after every turn of a guest: without `Memory.size`
            total += memory_size(context, memory.raw)
        if total > limit:
            text = beyond("the guest has too much memory", "max_instance_memory", limit)
            raise CoreTrap(text, None, ())

    def table_set(self, table: Extern, index: int, function: Extern) -> None:
        """Put a function into a table."""
        value = bytes([5]) + bytes(7) + function.raw[8:24] + bytes(8)
        check(table_set(self.context, table.raw[8:], index, value))

    def table_get(self, table: Extern, index: int) -> Extern | None:
        """The function in a table's slot; None when the slot is empty or out of bounds."""
        out = ctypes.create_string_buffer(VAL_SIZE)
        found = table_get(self.context, table.raw[8:], index, ctypes.addressof(out))
        if not found or out.raw[0] != 5 or out.raw[8:16] == bytes(8):
            return None
        return Extern(self, bytes(8) + out.raw[8:24] + bytes(8))

    def global_get(self, extern: Extern) -> CoreValue:
        """The value of a numeric global."""
        out = ctypes.create_string_buffer(VAL_SIZE)
        global_get(self.context, extern.raw[8:], ctypes.addressof(out))
        kind = {v: k for k, v in KINDS.items()}[out.raw[0]]
        value: CoreValue = Struct("<" + VAL_OUT[kind]).unpack(out.raw)[0]
        return value

    def func_type(self, function: Extern) -> CoreType:
        """The type of a core function; types no component can name come out as `?`."""
        kind = func_type(self.context, function.raw[8:24])
        params, results = functype_params(kind), functype_results(kind)
        core_type = CoreType(_kinds_of(params), _kinds_of(results))
        functype_delete(kind)
        return core_type

    def failed(self, trap: int | None, error: int | None) -> BaseException:
        """The exception of a failed call: the host function's own if one raised."""
        core = trap_of(trap, error)
        failure, self.failure = self.failure, None
        if failure is None:
            return core
        if not getattr(failure, "core_frames", ()):
            with contextlib.suppress(AttributeError):
                failure.core_frames = core.frames  # type: ignore[attr-defined]  # what led here
        return failure


def _kinds_of(vec: int) -> tuple[str, ...]:
    names = {number: name for name, number in KINDS.items()}
    types = Vec.from_address(vec)
    kinds = (c_void_p.from_address(types.data + 8 * i).value for i in range(types.size))
    return tuple(names.get(valtype_kind(kind), "?") for kind in kinds)
