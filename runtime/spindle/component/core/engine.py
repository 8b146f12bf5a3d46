"""Compilers and compiled modules."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import c_bool, c_uint8, c_void_p
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple

from spindle.component.core.c_api import (
    config_new,
    config_set,
    engine_new,
    engine_tick,
    linker_define_async,
    linker_new,
    module_clone,
    module_delete,
    module_load,
    module_new,
    module_serialize,
    module_validate,
)
from spindle.component.core.callbacks import suspend_pointer
from spindle.component.core.errors import Vec, check, take_bytes
from spindle.component.core.generated import (
    AdapterType,
    adapter_binary,
    filler_binary,
    suspender_binary,
)
from spindle.component.core.signatures import signature
from spindle.component.core.types import CoreType


class Engine:
    """A compiler with its settings; modules and stores belong to one.

    `strategy` is `cranelift` (optimised) or `winch` (compiles several times faster).
    """

    def __init__(self, strategy: str = "cranelift", *, parallel: bool = True) -> None:
        self.strategy = strategy
        config = config_new()
        settings: tuple[tuple[str, Any, int], ...] = (
            ("epoch_interruption", c_bool, True),
            ("memory_may_move", c_bool, False),
            ("parallel_compilation", c_bool, parallel),
            ("strategy", c_uint8, {"cranelift": 1, "winch": 2}[strategy]),
            ("wasm_component_model", c_bool, False),
        )
        for name, kind, value in settings:
            config_set(name, kind)(config, value)
        self.handle = engine_new(config)
        self.suspend_linker = linker_new(self.handle)
        kind = signature(CoreType((), ())).type(self.handle)
        check(
            linker_define_async(
                self.suspend_linker, b"", 0, b"suspend", 7, kind, suspend_pointer, None, None
            )
        )

        self.ticks = 0
        """How often the epoch has advanced: two equal readings are within one time slice."""
        self.wanted = Event()
        """Set when a time slice begins; whoever ticks clears it, and ticks for a while."""
        self._filler: Module | None = None
        self.suspenders: dict[tuple[CoreType, ...], Module] = {}
        self._adapters: dict[tuple[AdapterType, ...], Module] = {}
        self.compile_generated: Callable[[bytes], Module] = self.compile
        """Compiles a module made here; a cache may take its place."""

    def tick(self) -> None:
        """Advance the epoch: running guests yield or meet their deadline."""
        self.ticks += 1
        engine_tick(self.handle)

    def begin_slice(self) -> None:
        """Have the epoch advance at least once from now on, for a guest is about to run."""
        if not self.wanted.is_set():  # which costs less than to set it
            self.wanted.set()

    def suspender(self, core_types: tuple[CoreType, ...]) -> Module:
        """The module that makes host functions of these types able to suspend their caller."""
        module = self.suspenders.get(core_types)
        if module is None:
            module = self.compile_generated(suspender_binary(core_types))
            self.suspenders[core_types] = module
        return module

    def adapter(self, kinds: tuple[AdapterType, ...]) -> Module:
        """The module that calls guests' functions on behalf of others."""
        module = self._adapters.get(kinds)
        if module is None:
            module = self._adapters[kinds] = self.compile_generated(adapter_binary(kinds))
        return module

    def filler(self) -> Module:
        """The module whose function allocates several blocks at once; see `FILLER_TYPE`."""
        if self._filler is None:
            self._filler = self.compile_generated(filler_binary())
        return self._filler

    def compile(self, wasm: bytes | memoryview) -> Module:
        """A compiled core module; raises `CoreError` with the engine's own words."""
        buffer = bytes(wasm)
        out = c_void_p()
        check(module_new(self.handle, buffer, len(buffer), ctypes.addressof(out)))
        return Module(self, out.value or 0)

    def validate(self, wasm: bytes | memoryview) -> None:
        """Raise `CoreError` unless the bytes are a valid core module."""
        buffer = bytes(wasm)
        check(module_validate(self.handle, buffer, len(buffer)))

    def load(self, path: Path) -> Module:
        """A module that `Module.serialize` wrote, mapped from its file."""
        out = c_void_p()
        check(module_load(self.handle, str(path).encode(), ctypes.addressof(out)))
        return Module(self, out.value or 0)


class Contents(NamedTuple):
    """What is written into a memory of each new instance."""

    memory: str
    """What the memory is exported as."""
    segments: tuple[tuple[int, bytes], ...]
    """Each with its address; within what the memory has at first."""


class Module:
    """A compiled core module."""

    __slots__ = ("__weakref__", "contents", "engine", "handle")

    def __init__(self, engine: Engine, handle: int, contents: Contents | None = None) -> None:
        self.engine = engine
        self.handle = handle
        self.contents = contents

    def filled(self, contents: Contents) -> Module:
        """The same code with other contents."""
        return Module(self.engine, module_clone(self.handle), contents)

    def __del__(self, delete: Callable[[int], None] = module_delete) -> None:
        delete(self.handle)  # an argument, for globals are gone when an interpreter ends

    def serialize(self) -> bytes:
        """The compiled code, for `Engine.load` by the same version on the same kind of machine."""
        vec = Vec()
        check(module_serialize(self.handle, ctypes.addressof(vec)))
        return take_bytes(vec)
