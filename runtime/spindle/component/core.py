"""WebAssembly's core, through wasmtime's C API: the one module that touches wasmtime.

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

import contextlib
import ctypes
import functools
import importlib.util
import platform
import re
import sys
from collections.abc import Callable, Generator, Sequence
from ctypes import c_bool, c_char_p, c_int64, c_size_t, c_uint8, c_uint64, c_void_p
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from typing import Any, NamedTuple

CoreValue = int | float
HostFunction = Callable[..., Any]
"""Takes core values and gives one core value, or None for no result."""

FUNC, GLOBAL, TABLE, MEMORY = 0, 1, 2, 3

_EXTERN_SIZE = 32
_FUNC_HEAD, _FUNC_TAIL = bytes(8), bytes(8)
"""What surrounds a function in an extern."""
_VAL_SIZE = 32
_KINDS = {"i32": 0, "i64": 1, "f32": 2, "f64": 3}


def _library_path() -> Path:
    spec = importlib.util.find_spec("wasmtime")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("the wasmtime package is not installed")
    machine = {"AMD64": "x86_64", "arm64": "aarch64", "ARM64": "aarch64"}.get(
        platform.machine(), platform.machine()
    )
    name = {"win32": "_wasmtime.dll", "darwin": "_libwasmtime.dylib"}.get(
        sys.platform, "_libwasmtime.so"
    )
    return Path(spec.submodule_search_locations[0]) / f"{sys.platform}-{machine}" / name


@functools.cache
def library_id() -> str:
    """Tells the engine library of this process from any other version or build of it."""
    status = _library_path().stat()
    return f"{status.st_size:x}{status.st_mtime_ns:x}"


_dll = ctypes.CDLL(str(_library_path()))
_quick = ctypes.PyDLL(str(_library_path()))
"""The same library without releasing the interpreter lock: for calls of a few nanoseconds."""


def _c(name: str, result: Any, *arguments: Any, lib: Any = None) -> Any:
    function = getattr(lib or _quick, name)
    function.restype = result
    function.argtypes = arguments
    return function


_P = c_void_p
_error_message = _c("wasmtime_error_message", None, _P, _P)
_error_delete = _c("wasmtime_error_delete", None, _P)
_error_new = _c("wasmtime_error_new", _P, c_char_p)
_trap_new = _c("wasmtime_trap_new", _P, c_char_p, c_size_t)
_trap_message = _c("wasm_trap_message", None, _P, _P)
_trap_code = _c("wasmtime_trap_code", c_bool, _P, _P)
_trap_trace = _c("wasm_trap_trace", None, _P, _P)
_trap_delete = _c("wasm_trap_delete", None, _P)
_frame_func_name = _c("wasmtime_frame_func_name", _P, _P)
_frame_module_name = _c("wasmtime_frame_module_name", _P, _P)
_frame_func_index = _c("wasm_frame_func_index", ctypes.c_uint32, _P)
_frame_module_offset = _c("wasm_frame_module_offset", c_size_t, _P)
_error_wasm_trace = _c("wasmtime_error_wasm_trace", None, _P, _P)
_frame_vec_delete = _c("wasm_frame_vec_delete", None, _P)
_byte_vec_delete = _c("wasm_byte_vec_delete", None, _P)
_config_new = _c("wasm_config_new", _P)
_engine_new = _c("wasm_engine_new_with_config", _P, _P)
_engine_delete = _c("wasm_engine_delete", None, _P)
_engine_tick = _c("wasmtime_engine_increment_epoch", None, _P)
_module_new = _c("wasmtime_module_new", _P, _P, _P, c_size_t, _P, lib=_dll)
_module_validate = _c("wasmtime_module_validate", _P, _P, _P, c_size_t, lib=_dll)
_module_delete = _c("wasmtime_module_delete", None, _P)
_module_serialize = _c("wasmtime_module_serialize", _P, _P, _P, lib=_dll)
_module_load = _c("wasmtime_module_deserialize_file", _P, _P, c_char_p, _P, lib=_dll)
_store_new = _c("wasmtime_store_new", _P, _P, _P, _P)
_store_context = _c("wasmtime_store_context", _P, _P)
_store_limiter = _c("wasmtime_store_limiter", None, _P, c_int64, c_int64, c_int64, c_int64, c_int64)
_store_delete = _c("wasmtime_store_delete", None, _P)
_set_epoch_deadline = _c("wasmtime_context_set_epoch_deadline", None, _P, c_uint64)
_instance_new = _c("wasmtime_instance_new", _P, _P, _P, _P, c_size_t, _P, _P, lib=_dll)
_export_get = _c("wasmtime_instance_export_get", c_bool, _P, _P, c_char_p, c_size_t, _P)
# Declaring no arguments halves the cost of a call that an instantiation makes by the thousand.
_export_get_bare = ctypes.PyDLL(str(_library_path())).wasmtime_instance_export_get
_export_get_bare.restype = c_bool
_size = functools.cache(c_size_t)
_func_new = _c("wasmtime_func_new_unchecked", None, _P, _P, _P, _P, _P, _P)
# These, too: every request makes some of them, and its pointers are converted once.
_func_call_unchecked = ctypes.CDLL(str(_library_path())).wasmtime_func_call_unchecked
_func_call_unchecked.restype = _P
_func_call_async = ctypes.PyDLL(str(_library_path())).wasmtime_func_call_async
_func_call_async.restype = _P
_future_poll = _c("wasmtime_call_future_poll", c_bool, _P, lib=_dll)
_future_delete = _c("wasmtime_call_future_delete", None, _P, lib=_dll)
_linker_new = _c("wasmtime_linker_new", _P, _P)
_linker_define_async = _c(
    "wasmtime_linker_define_async_func",
    _P, _P, c_char_p, c_size_t, c_char_p, c_size_t, _P, _P, _P, _P,
)  # fmt: skip
_linker_get = _c("wasmtime_linker_get", c_bool, _P, _P, c_char_p, c_size_t, c_char_p, c_size_t, _P)
_memory_data = _c("wasmtime_memory_data", _P, _P, _P)
_memory_size = _c("wasmtime_memory_data_size", c_size_t, _P, _P)
_table_set = _c("wasmtime_table_set", _P, _P, _P, c_uint64, _P)
_table_get = _c("wasmtime_table_get", c_bool, _P, _P, c_uint64, _P)
_table_size = _c("wasmtime_table_size", c_uint64, _P, _P)
_global_get = _c("wasmtime_global_get", None, _P, _P, _P)
_global_set = _c("wasmtime_global_set", _P, _P, _P, _P)
_functype_new = _c("wasm_functype_new", _P, _P, _P)
_functype_delete = _c("wasm_functype_delete", None, _P)
_functype_params = _c("wasm_functype_params", _P, _P)
_functype_results = _c("wasm_functype_results", _P, _P)
_func_type = _c("wasmtime_func_type", _P, _P, _P)
_valtype_kind = _c("wasm_valtype_kind", c_uint8, _P)
_valtype_new = _c("wasm_valtype_new", _P, c_uint8)
_valtype_vec_new = _c("wasm_valtype_vec_new", None, _P, c_size_t, _P)

_wat_to_wasm = _c("wasmtime_wat2wasm", _P, c_char_p, c_size_t, _P, lib=_dll)
_epoch_callback_set = _c("wasmtime_store_epoch_deadline_callback", None, _P, _P, _P, _P)
_caller_context = _c("wasmtime_caller_context", _P, _P)
_view_of = ctypes.pythonapi.PyMemoryView_FromMemory
_view_of.restype = ctypes.py_object
_view_of.argtypes = (c_void_p, ctypes.c_ssize_t, ctypes.c_int)
_libc = ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)
_strlen = ctypes.cast(_libc.strlen, c_void_p).value
"""A continuation that is done once its byte is not zero any more: it runs without Python."""


def _config_set(name: str, kind: Any) -> Any:
    return _c(f"wasmtime_config_{name}_set", None, _P, kind)


class CoreError(Exception):
    """The engine refuses a module, an instantiation or a call."""


@dataclass(frozen=True, slots=True)
class CoreFrame:
    """One frame of a guest's stack at a trap, innermost first."""

    module: str | None
    function: str | None
    index: int
    offset: int
    """Byte offset in the core module's binary."""


class CoreTrap(Exception):
    """A guest trapped; `code` is wasmtime's trap code, None when the host raised it."""

    def __init__(self, message: str, code: int | None, frames: tuple[CoreFrame, ...]) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.frames = frames


class _Vec(ctypes.Structure):
    _fields_ = (("size", c_size_t), ("data", c_void_p))


def _take_bytes(vec: _Vec) -> bytes:
    data = ctypes.string_at(vec.data, vec.size) if vec.size else b""
    _byte_vec_delete(ctypes.addressof(vec))
    return data


def _take_error(error: int) -> str:
    vec = _Vec()
    _error_message(error, ctypes.addressof(vec))
    return _take_bytes(vec).decode("utf-8", "replace")


def _check(error: int | None) -> None:
    if error:
        message = _take_error(error)
        _error_delete(error)
        raise CoreError(message)


def _take_frames(vec: _Vec) -> tuple[CoreFrame, ...]:
    frames = []
    for i in range(vec.size):
        frame = c_void_p.from_address(vec.data + 8 * i).value
        frames.append(
            CoreFrame(
                _name_at(_frame_module_name(frame)),
                _name_at(_frame_func_name(frame)),
                _frame_func_index(frame),
                _frame_module_offset(frame),
            )
        )
    _frame_vec_delete(ctypes.addressof(vec))
    return tuple(frames)


def _name_at(name: int | None) -> str | None:
    if not name:
        return None
    vec = _Vec.from_address(name)
    return ctypes.string_at(vec.data, vec.size).decode("utf-8", "replace")


def _trap_of(trap: int | None, error: int | None) -> CoreTrap:
    """The exception for what a call left behind; frees it."""
    code = ctypes.c_int32(-1)
    vec = _Vec()
    if trap:
        message = _Vec()
        _trap_message(trap, ctypes.addressof(message))
        text = _take_bytes(message).rstrip(b"\0").decode("utf-8", "replace")
        _trap_code(trap, ctypes.addressof(code))
        _trap_trace(trap, ctypes.addressof(vec))
        frames = _take_frames(vec)  # frames borrow from the trap
        _trap_delete(trap)
    else:
        text = _take_error(error or 0)
        _error_wasm_trace(error, ctypes.addressof(vec))
        frames = _take_frames(vec)
        _error_delete(error)
    return CoreTrap(_reason(text), code.value if code.value >= 0 else None, frames)


def _reason(text: str) -> str:
    """The one line of wasmtime's message that says why: the last cause."""
    last = text.split("Caused by:")[-1].strip().splitlines() or [""]
    line = (last[-1] if "Caused by:" in text else last[0]).strip()
    return line.partition("wasm trap: ")[2] or re.sub(r"^\d+: ", "", line)


def wat_to_wasm(text: str) -> bytes:
    """The binary of a component or module in the text format; raises `CoreError`."""
    encoded, vec = text.encode(), _Vec()
    _check(_wat_to_wasm(encoded, len(encoded), ctypes.addressof(vec)))
    return _take_bytes(vec)


# Signatures and trampolines.


class CoreType(NamedTuple):
    """A core function type."""

    params: tuple[str, ...]
    results: tuple[str, ...]


_C_RESULT: dict[str, Any] = {
    "i32": ctypes.c_uint32,
    "i64": ctypes.c_uint64,
    "f32": ctypes.c_float,
    "f64": ctypes.c_double,
}
_RAW = {"i32": "I12x", "i64": "Q8x", "f32": "f12x", "f64": "d8x"}
_VAL = {"i32": "B7xI20x", "i64": "B7xQ16x", "f32": "B7xf20x", "f64": "B7xd16x"}
_VAL_OUT = {"i32": "8xI20x", "i64": "8xQ16x", "f32": "8xf20x", "f64": "8xd16x"}
_Trampoline = ctypes.CFUNCTYPE(c_void_p, c_void_p, c_void_p, c_void_p)
"""Without the C callback's last parameter, a count we know; a callee may leave one unread."""

_targets: dict[int, HostFunction] = {}
_owners: dict[int, Store] = {}
_next_target = iter(range(1, 1 << 62)).__next__


class Signature:
    """All that is derived from a core function type once: its C type, codecs and trampoline."""

    __slots__ = (
        "_core_type", "_pack", "_types", "_values", "frames", "param_count", "raw_in", "raw_out",
        "raw_slots", "result_count", "results_at", "tail_at", "trampoline", "unpack",
    )  # fmt: skip

    def __init__(self, core_type: CoreType) -> None:
        params, results = core_type.params, core_type.results
        self._core_type = core_type
        self._types: dict[int, int] = {}
        self._pack = Struct("<" + "".join(_VAL[p] for p in params)).pack_into
        self._values: list[Any] = [kind for p in params for kind in (_KINDS[p], None)]
        self.unpack = Struct("<" + "".join(_VAL_OUT[r] for r in results)).unpack_from
        self.param_count = len(params)
        self.result_count = len(results)
        self.results_at = len(params) * _VAL_SIZE
        self.tail_at = self.results_at + len(results) * _VAL_SIZE
        self.frames: list[_Frame] = []
        """Those of calls that have ended, to be used again."""
        self.raw_slots = max(len(params), len(results))
        self.raw_in = Struct("<" + "".join(_RAW[p] for p in params))
        self.raw_out = Struct("<" + "".join(_RAW[r] for r in results))
        self.trampoline = _make_trampoline(params, results)

    def frame(self, args: Sequence[CoreValue]) -> _Frame:
        """A frame with arguments, as the C API's values."""
        frame = self.frames.pop() if self.frames else _Frame(self)
        self._values[1::2] = args
        self._pack(frame.view, 0, *self._values)
        return frame

    def type(self, engine: int) -> int:
        """The C type; an engine takes only types that no other has seen."""
        found = self._types.get(engine)
        if found is None:
            found = self._types[engine] = _c_type(self._core_type.params, self._core_type.results)
        return found


class _Frame:
    """What a call needs: arguments, results, trap and error, and the continuation's byte."""

    __slots__ = ("_buffer", "continuation", "flag", "pointers", "view")

    def __init__(self, kind: Signature) -> None:
        self._buffer = ctypes.create_string_buffer(kind.tail_at + 16 + 16)
        self.view = memoryview(self._buffer).cast("B")
        base = ctypes.addressof(self._buffer)
        tail = base + kind.tail_at
        self.pointers = (
            c_void_p(base), c_size_t(kind.param_count), c_void_p(base + kind.results_at),
            c_size_t(kind.result_count), c_void_p(tail), c_void_p(tail + 8),
        )  # fmt: skip
        self.flag = tail + 16
        self.continuation = _POINTERS.pack(_strlen, self.flag, 0)


@functools.cache
def signature(core_type: CoreType) -> Signature:
    """The signature of a core function type."""
    return Signature(core_type)


def _c_type(params: Sequence[str], results: Sequence[str]) -> int:
    def vec(types: Sequence[str]) -> _Vec:
        array = (c_void_p * max(1, len(types)))(*(_valtype_new(_KINDS[t]) for t in types))
        out = _Vec()
        _valtype_vec_new(ctypes.addressof(out), len(types), ctypes.addressof(array))
        return out

    ins, outs = vec(params), vec(results)
    return int(_functype_new(ctypes.addressof(ins), ctypes.addressof(outs)))


_PAGE = 4096
_ADDRESS_SPACE = _view_of(_PAGE, 1 << 62, 0x200)
"""All of this process's memory from its second page on: `struct` reads C's arguments in place."""


def _make_trampoline(params: Sequence[str], results: Sequence[str]) -> Any:
    """The C callback of a signature: unpacks, calls the target its environment names, packs."""
    unpack = Struct("<" + "".join(_RAW[p] for p in params)).unpack_from
    pack = Struct("<" + "".join(_RAW[r] for r in results)).pack_into
    targets, memory = _targets, _ADDRESS_SPACE

    def give_several(env: int, _caller: int, raw: int) -> int | None:
        try:
            pack(memory, raw - _PAGE, *targets[env](*unpack(memory, raw - _PAGE)))
        except BaseException as error:  # C has no exceptions
            return _fail(env, error)
        return None

    def give_one(env: int, _caller: int, raw: int) -> int | None:
        try:
            pack(memory, raw - _PAGE, targets[env](*unpack(memory, raw - _PAGE)))
        except BaseException as error:  # C has no exceptions
            return _fail(env, error)
        return None

    def give_nothing(env: int, _caller: int, raw: int) -> int | None:
        try:
            targets[env](*unpack(memory, raw - _PAGE))
        except BaseException as error:  # C has no exceptions
            return _fail(env, error)
        return None

    def take_nothing(env: int, _caller: int, raw: int) -> int | None:
        try:
            pack(memory, raw - _PAGE, targets[env]())
        except BaseException as error:  # C has no exceptions
            return _fail(env, error)
        return None

    if not params and len(results) == 1:
        return _Trampoline(take_nothing)
    return _Trampoline((give_nothing, give_one, give_several)[min(len(results), 2)])


def _fail(env: int, error: BaseException) -> int:
    """Keep the exception on its store and make the trap that unwinds the guest."""
    _owners[env].failure = error
    return int(_trap_new(b"host", 4))


# Engines and modules.


class Engine:
    """A compiler with its settings; modules and stores belong to one.

    `strategy` is `cranelift` (optimised) or `winch` (compiles several times faster).
    """

    def __init__(self, strategy: str = "cranelift", *, parallel: bool = True) -> None:
        self.strategy = strategy
        config = _config_new()
        settings: tuple[tuple[str, Any, int], ...] = (
            ("epoch_interruption", c_bool, True),
            ("memory_may_move", c_bool, False),
            ("parallel_compilation", c_bool, parallel),
            ("strategy", c_uint8, {"cranelift": 1, "winch": 2}[strategy]),
            ("wasm_component_model", c_bool, False),
        )
        for name, kind, value in settings:
            _config_set(name, kind)(config, value)
        self.handle = _engine_new(config)
        self._suspend_linker = _linker_new(self.handle)
        kind = signature(CoreType((), ())).type(self.handle)
        _check(
            _linker_define_async(
                self._suspend_linker, b"", 0, b"suspend", 7, kind, _suspend_pointer, None, None
            )
        )

        self.ticks = 0
        """How often the epoch has advanced: two equal readings are within one time slice."""
        self._filler: Module | None = None
        self.suspenders: dict[tuple[CoreType, ...], Module] = {}
        self.compile_generated: Callable[[bytes], Module] = self.compile
        """Compiles a module made here; a cache may take its place."""

    def tick(self) -> None:
        """Advance the epoch: running guests yield or meet their deadline."""
        self.ticks += 1
        _engine_tick(self.handle)

    def suspender(self, core_types: tuple[CoreType, ...]) -> Module:
        """The module that makes host functions of these types able to suspend their caller."""
        module = self.suspenders.get(core_types)
        if module is None:
            module = self.compile_generated(suspender_binary(core_types))
            self.suspenders[core_types] = module
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
        _check(_module_new(self.handle, buffer, len(buffer), ctypes.addressof(out)))
        return Module(self, out.value or 0)

    def validate(self, wasm: bytes | memoryview) -> None:
        """Raise `CoreError` unless the bytes are a valid core module."""
        buffer = bytes(wasm)
        _check(_module_validate(self.handle, buffer, len(buffer)))

    def load(self, path: Path) -> Module:
        """A module that `Module.serialize` wrote, mapped from its file."""
        out = c_void_p()
        _check(_module_load(self.handle, str(path).encode(), ctypes.addressof(out)))
        return Module(self, out.value or 0)


class Module:
    """A compiled core module."""

    __slots__ = ("__weakref__", "engine", "handle")

    def __init__(self, engine: Engine, handle: int) -> None:
        self.engine = engine
        self.handle = handle

    def __del__(self) -> None:
        _module_delete(self.handle)

    def serialize(self) -> bytes:
        """The compiled code, for `Engine.load` by the same version on the same kind of machine."""
        vec = _Vec()
        _check(_module_serialize(self.handle, ctypes.addressof(vec)))
        return _take_bytes(vec)


# Stores and what lives in them.


class Extern:
    """A core function, memory, table or global of one store."""

    __slots__ = ("kind", "raw", "store")

    def __init__(self, store: Store, raw: bytes) -> None:
        self.store = store
        self.raw = raw
        self.kind = raw[0]


_Epoch = ctypes.CFUNCTYPE(c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)
_stores: dict[int, Store] = {}
_by_context: dict[int, Store] = {}

TABLE_LIMIT = 1_000_000
"""Elements one table may grow to: a guest's tables are memory too."""

NESTED_TICKS = 20
"""Epoch ticks after which a call that cannot yield (`realloc`) is stopped: nobody else runs."""

START_TICKS = 200
"""The same for instantiating, for start functions may have much to do."""


def _on_epoch(_context: int, data: int, delta: int, kind: int) -> int | None:
    store = _stores[data]
    c_uint64.from_address(delta).value = 1
    if store.nesting:
        store.nested_ticks += 1
        if store.nested_ticks > store.nested_limit:
            return int(_error_new(b"a call that cannot wait ran out of time"))
        c_uint8.from_address(kind).value = 0
    else:
        c_uint8.from_address(kind).value = 1
    return None


_on_epoch_callback = _Epoch(_on_epoch)
_on_epoch_pointer = ctypes.cast(_on_epoch_callback, c_void_p)

_Async = ctypes.CFUNCTYPE(
    None, c_void_p, c_void_p, c_void_p, c_size_t, c_void_p, c_size_t, c_void_p, c_void_p
)


def _on_suspend(
    _env: int, caller: int, _a: int, _n: int, _r: int, _m: int, _trap: int, continuation: int
) -> None:
    call = _by_context[_caller_context(caller)].polling
    assert call is not None, "only a polled call can suspend"
    call.suspend(continuation)


_on_suspend_callback = _Async(_on_suspend)
_suspend_pointer = ctypes.cast(_on_suspend_callback, c_void_p)


class Store:
    """The home of one group of core instances; nothing moves between stores."""

    __slots__ = (
        "_extern_buffer", "_func_address", "_ids", "_suspend", "_suspend_table", "_views", "calls",
        "context", "engine", "failure", "handle", "nested_limit", "nested_ticks", "nesting",
        "number", "pointer", "polling",
    )  # fmt: skip

    def __init__(self, engine: Engine, *, memory_limit: int = -1) -> None:
        self.engine = engine
        self.handle = _store_new(engine.handle, None, None)
        self.context: int = _store_context(self.handle)
        self.pointer = c_void_p(self.context)
        self.number = _next_target()
        self.failure: BaseException | None = None
        """The exception a host function raised, until the call that led to it has ended."""
        self.nesting = 0
        self.nested_ticks = 0
        self.nested_limit = NESTED_TICKS
        self.polling: Call | None = None
        self._ids: list[int] = []
        self._views: list[Memory] = []
        self._extern_buffer = ctypes.create_string_buffer(_EXTERN_SIZE)
        self._func_address = ctypes.addressof(self._extern_buffer) + 8
        self._suspend: Extern | None = None
        self._suspend_table: Extern | None = None
        self.calls: set[Call] = set()
        """The calls that have not ended; those not polled just now are suspended."""
        _stores[self.number] = self
        _by_context[self.context] = self
        _store_limiter(self.handle, memory_limit, TABLE_LIMIT, -1, -1, -1)
        _epoch_callback_set(self.handle, _on_epoch_pointer, self.number, None)

    def close(self) -> None:
        """Free everything in the store; its calls must have ended or been cancelled."""
        if self.handle is None:
            return
        for memory in self._views:
            memory.release()
        for target in self._ids:
            del _targets[target], _owners[target]
        del _stores[self.number], _by_context[self.context]
        _store_delete(self.handle)
        self.handle = None

    def host_function(self, core_type: CoreType, function: HostFunction) -> Extern:
        """A core function that calls `function` with its arguments."""
        return Extern(self, self._define(signature(core_type), _next_target(), function))

    def late_function(self, kind: Signature, make: Callable[[], HostFunction]) -> Extern:
        """A core function that calls what `make` gives, which is asked at the first call."""
        target = _next_target()

        def first(*args: CoreValue) -> Any:
            function = _targets[target] = make()
            return function(*args)

        return Extern(self, self._define(kind, target, first))

    def _define(self, kind: Signature, target: int, function: HostFunction) -> bytes:
        _targets[target] = function
        _owners[target] = self
        self._ids.append(target)
        raw = self._extern_buffer
        _func_new(
            self.context,
            kind.type(self.engine.handle),
            kind.trampoline,
            target,
            None,
            self._func_address,
        )
        return _FUNC_HEAD + raw.raw[8:24] + _FUNC_TAIL

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

    def arm(self) -> None:
        """Let blocking functions suspend, once everything is instantiated."""
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
            if self.nesting:
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
            address = ctypes.addressof(self._extern_buffer)
            linker = self.engine._suspend_linker
            assert _linker_get(linker, self.context, b"", 0, b"suspend", 7, address)
            self._suspend = Extern(self, self._extern_buffer.raw)
        return self._suspend

    def instantiate(self, module: Module, imports: Sequence[Extern]) -> CoreInstance:
        """An instance of a module, its imports in the module's order.

        Raises `CoreError` when an import does not fit and `CoreTrap` when starting traps.
        """
        assert all(extern.store is self for extern in imports), "an extern of another store"
        packed = b"".join([extern.raw for extern in imports])
        return CoreInstance(self, self._instantiate(module, packed))

    def _instantiate(self, module: Module, packed: bytes) -> Any:
        out = ctypes.create_string_buffer(16)
        trap = c_void_p()
        self.failure = None
        self.nesting += 1
        self.nested_ticks = 0
        self.nested_limit = START_TICKS
        _set_epoch_deadline(self.context, 1)
        try:
            error = _instance_new(
                self.context, module.handle, packed, len(packed) // _EXTERN_SIZE,
                ctypes.addressof(out), ctypes.addressof(trap),
            )  # fmt: skip
        finally:
            self.nesting -= 1
            self.nested_limit = NESTED_TICKS
        if trap.value:
            raise self._failed(trap.value, None)
        if error and self.failure is not None:
            raise self._failed(None, error)
        _check(error)
        return out

    def call(self, function: Extern, core_type: CoreType, args: Sequence[CoreValue]) -> Call:
        """Start a call on a fiber of its own; nothing runs until `Call.poll`."""
        return Call(self, function, signature(core_type), args)

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
            error = _func_call_unchecked(*arguments)
            self.nesting -= 1
            if error or trap[0]:
                failed, trap[0] = trap[0], None
                raise self._failed(failed, error)
            return unpack(raw)

        return call

    def memory(self, extern: Extern) -> Memory:
        """A view of a linear memory."""
        assert extern.kind == MEMORY
        memory = Memory(self, extern)
        self._views.append(memory)
        return memory

    def table_set(self, table: Extern, index: int, function: Extern) -> None:
        """Put a function into a table."""
        value = bytes([5]) + bytes(7) + function.raw[8:24] + bytes(8)
        _check(_table_set(self.context, table.raw[8:], index, value))

    def table_get(self, table: Extern, index: int) -> Extern | None:
        """The function in a table's slot; None when the slot is empty or out of bounds."""
        out = ctypes.create_string_buffer(_VAL_SIZE)
        found = _table_get(self.context, table.raw[8:], index, ctypes.addressof(out))
        if not found or out.raw[0] != 5 or out.raw[8:16] == bytes(8):
            return None
        return Extern(self, bytes(8) + out.raw[8:24] + bytes(8))

    def global_get(self, extern: Extern) -> CoreValue:
        """The value of a numeric global."""
        out = ctypes.create_string_buffer(_VAL_SIZE)
        _global_get(self.context, extern.raw[8:], ctypes.addressof(out))
        kind = {v: k for k, v in _KINDS.items()}[out.raw[0]]
        value: CoreValue = Struct("<" + _VAL_OUT[kind]).unpack(out.raw)[0]
        return value

    def func_type(self, function: Extern) -> CoreType:
        """The type of a core function; types no component can name come out as `?`."""
        kind = _func_type(self.context, function.raw[8:24])
        params, results = _functype_params(kind), _functype_results(kind)
        core_type = CoreType(_kinds_of(params), _kinds_of(results))
        _functype_delete(kind)
        return core_type

    def _failed(self, trap: int | None, error: int | None) -> BaseException:
        """The exception of a failed call: the host function's own if one raised."""
        core = _trap_of(trap, error)
        failure, self.failure = self.failure, None
        if failure is None:
            return core
        if not getattr(failure, "core_frames", ()):
            with contextlib.suppress(AttributeError):
                failure.core_frames = core.frames  # type: ignore[attr-defined]  # what led here
        return failure


def _kinds_of(vec: int) -> tuple[str, ...]:
    names = {number: name for name, number in _KINDS.items()}
    types = _Vec.from_address(vec)
    kinds = (c_void_p.from_address(types.data + 8 * i).value for i in range(types.size))
    return tuple(names.get(_valtype_kind(kind), "?") for kind in kinds)


class Slots:
    """Core externs of one store by number, kept as the engine takes them.

    For instantiating many modules that import from one another: nothing is looked up twice and
    no object is made for an extern that is only passed on.
    """

    __slots__ = ("raw", "store")

    def __init__(self, store: Store, count: int) -> None:
        self.store = store
        self.raw = [b""] * count
        """Empty until filled."""

    def __getitem__(self, slot: int) -> Extern:
        raw = self.raw[slot]
        assert raw, "the slot is not filled yet"
        return Extern(self.store, raw)

    def __setitem__(self, slot: int, extern: Extern) -> None:
        assert extern.store is self.store, "an extern of another store"
        self.raw[slot] = extern.raw

    def instantiate(
        self, module: Module, imports: Sequence[int], exports: Sequence[tuple[bytes, int]]
    ) -> None:
        """Instantiate a module with slots, in its order, and fill slots from its exports.

        Raises like `Store.instantiate`.
        """
        raw, store = self.raw, self.store
        packed = b"".join([raw[slot] for slot in imports])
        assert len(packed) == len(imports) * _EXTERN_SIZE, "a slot is not filled yet"
        instance = c_void_p(ctypes.addressof(out := store._instantiate(module, packed)))
        context, buffer = c_void_p(store.context), store._extern_buffer
        for name, slot in exports:
            if not _export_get_bare(context, instance, name, _size(len(name)), buffer):
                raise CoreError(f"there is no export `{name.decode()}`")
            raw[slot] = buffer.raw
        del out  # the instance must live until here


class CoreInstance:
    """An instance of a core module."""

    __slots__ = ("_raw", "store")

    def __init__(self, store: Store, raw: Any) -> None:
        self.store = store
        self._raw = raw

    def export(self, name: str) -> Extern | None:
        """An export by name."""
        out = self.store._extern_buffer
        encoded = name.encode()
        address = ctypes.addressof(out)
        if not _export_get(self.store.context, self._raw, encoded, len(encoded), address):
            return None
        return Extern(self.store, out.raw)


class Memory:
    """A linear memory as the host reads and writes it.

    `view` covers the memory as it was when last looked at. Memories never shrink and never move
    (the engine's `memory_may_move` is off), so an old view is short, not wrong; `refresh` takes
    a new one, and it is released with the store.
    """

    __slots__ = ("_raw", "_store", "view")

    def __init__(self, store: Store, extern: Extern) -> None:
        self._store = store
        self._raw = extern.raw[8:]
        self.view = memoryview(b"")
        self.refresh()

    def refresh(self) -> memoryview:
        """A view of the whole memory as it is now."""
        size = _memory_size(self._store.context, self._raw)
        if size != len(self.view):
            base = _memory_data(self._store.context, self._raw)
            self.view = _view_of(base, size, 0x200)
        return self.view

    @property
    def base(self) -> int:
        """The address of its first byte in this process."""
        address: int = _memory_data(self._store.context, self._raw)
        return address

    def release(self) -> None:
        """Make every later access fail instead of reading freed memory."""
        self.view.release()


class Call:
    """One call of a guest on a fiber of its own."""

    __slots__ = (
        "_frame", "_function", "_future", "_kind", "done", "pending", "pending_result",
        "pending_yield", "results", "store", "waiting",
    )  # fmt: skip
    pending: Generator[Any, Any, Any]
    """The generator whose end the suspended guest waits for, and what it yielded last."""
    pending_yield: Any
    pending_result: Any
    """What the generator returned; set before `resume`."""

    def __init__(
        self, store: Store, function: Extern, kind: Signature, args: Sequence[CoreValue]
    ) -> None:
        self.store = store
        self._kind = kind
        self._frame = frame = kind.frame(args)
        self.done = False
        self.waiting = False
        """The fiber is suspended in a host function and needs `resume` before it can go on."""
        self.results: tuple[CoreValue, ...] = ()
        store.calls.add(self)
        self._function = function.raw[8:24]  # borrowed until the call has ended
        self._future = _func_call_async(store.pointer, self._function, *frame.pointers)

    def suspend(self, continuation: int) -> None:
        """Note that the fiber waits, and give it a continuation that `resume` ends."""
        self.waiting = True
        c_uint8.from_address(self._frame.flag).value = 0
        ctypes.memmove(continuation, self._frame.continuation, 24)

    def poll(self) -> bool:
        """Run until the call returns (True), waits (`waiting`) or its time slice ends.

        Raises `CoreTrap`, or the exception a host function raised.
        """
        store = self.store
        outer = store.polling
        store.polling = self
        _set_epoch_deadline(store.context, 1)
        try:
            done = _future_poll(self._future)
        finally:
            store.polling = outer
        if not done:
            return False
        self.done = True
        store.calls.discard(self)
        _future_delete(self._future)
        kind, frame = self._kind, self._frame
        trap, error = _TWO_POINTERS.unpack_from(frame.view, kind.tail_at)
        if trap or error:
            raise store._failed(trap, error)
        self.results = kind.unpack(frame.view, kind.results_at)
        kind.frames.append(frame)
        return True

    def resume(self) -> None:
        """Let the next `poll` go on behind the host function it waited in."""
        assert self.waiting
        self.waiting = False
        c_uint8.from_address(self._frame.flag).value = 1

    def cancel(self) -> None:
        """Unwind the guest's stack; its store can only be closed after that."""
        if not self.done:
            self.done = True
            self.store.calls.discard(self)
            outer, self.store.polling = self.store.polling, self
            self.store.nesting += 1
            try:
                _future_delete(self._future)
            finally:
                self.store.nesting -= 1
                self.store.polling = outer


FILLER_TYPE = CoreType(("i32", "i32", "i32"), ())
"""at, count, alignment: a block for each of the pairs (pointer, length) in memory."""


def filler_binary() -> bytes:
    """The core module whose `fill` calls the imported `realloc` for each of several pairs.

    In text: `(loop (if count (store at (realloc 0 0 alignment (load offset=4 at)))
    (set at (add at 8)) (set count (sub count 1)) (br loop)))`.
    """
    types = [_type_bytes(CoreType(("i32",) * 4, ("i32",))), _type_bytes(FILLER_TYPE)]
    imports = [_name("") + _name("realloc") + b"\0\0", _name("") + _name("memory") + b"\2\0\0"]
    code = (
        b"\0\x03\x40\x20\1\x04\x40"  # no locals, loop, get count, if
        b"\x20\0\x41\0\x41\0\x20\2\x20\0\x28\2\4\x10\0\x36\2\0"  # store
        b"\x20\0\x41\x08\x6a\x21\0\x20\1\x41\1\x6b\x21\1\x0c\1\x0b\x0b\x0b"
    )
    return b"\0asm\x01\0\0\0" + b"".join(
        bytes([number]) + _sized(_leb(len(items)) + b"".join(items))
        for number, items in (
            (1, types), (2, imports), (3, [b"\1"]), (7, [_name("fill") + b"\0\1"]),
            (10, [_sized(code)]),
        )
    )  # fmt: skip


def suspender_binary(core_types: Sequence[CoreType]) -> bytes:
    """The core module whose n-th export wraps a host function that may block.

    In text, with `start` and `finish` being trampolines and slot 0 of the table `t` the suspending
    function: `(start args…) if (drop) (call_indirect t 0) (finish) end`.
    """
    types: list[bytes] = [_type_bytes(CoreType((), ()))]
    imports, functions, exports, bodies = [], [], [], []
    for number, core_type in enumerate(core_types):
        plain, results = len(types), core_type.results
        types += [
            _type_bytes(core_type),
            _type_bytes(CoreType(core_type.params, (*results, "i32"))),
            _type_bytes(CoreType((), results)),
            _type_bytes(CoreType(results, results)),
        ]
        for name, kind in (("s", plain + 1), ("f", plain + 2)):
            imports.append(_name(name) + _name(str(number)) + b"\0" + _leb(kind))
        functions.append(_leb(plain))
        exports.append(_name(str(number)) + b"\0" + _leb(2 * len(core_types) + number))
        code = b"\0" + b"".join(b"\x20" + _leb(i) for i in range(len(core_type.params)))
        code += b"\x10" + _leb(2 * number) + b"\x04" + _block_type(plain + 3)
        code += b"\x1a" * len(results) + b"\x41\0\x11\0\0\x10" + _leb(2 * number + 1)
        if results:
            code += b"\x05"
        bodies.append(_sized(code + b"\x0b\x0b"))
    exports.append(_name("t") + b"\x01\0")
    return b"\0asm\x01\0\0\0" + b"".join(
        bytes([number]) + _sized(_leb(len(items)) + b"".join(items))
        for number, items in (
            (1, types), (2, imports), (3, functions), (4, [b"\x70\0\x01"]), (7, exports),
            (10, bodies),
        )
    )  # fmt: skip


_TYPE_CODES = {"i32": 0x7F, "i64": 0x7E, "f32": 0x7D, "f64": 0x7C}


def _type_bytes(core_type: CoreType) -> bytes:
    params, results = (
        _leb(len(types)) + bytes(_TYPE_CODES[t] for t in types)
        for types in (core_type.params, core_type.results)
    )
    return b"\x60" + params + results


def _leb(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def _block_type(index: int) -> bytes:
    """A type index where a signed number is read: its sign bit must stay clear."""
    encoded = _leb(index)
    last = encoded[-1]
    return encoded if last < 0x40 else encoded[:-1] + bytes((last | 0x80, 0))


def _sized(data: bytes) -> bytes:
    return _leb(len(data)) + data


def _name(text: str) -> bytes:
    return _sized(text.encode())


_POINTERS = Struct("<QQQ")
_TWO_POINTERS = Struct("<QQ")
