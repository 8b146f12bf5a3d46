"""wasmtime's library and the functions of its C API, with their types."""

from __future__ import annotations

import ctypes
import functools
import importlib.util
import platform
import sys
from ctypes import c_bool, c_char_p, c_int64, c_size_t, c_uint8, c_uint64, c_void_p
from pathlib import Path
from typing import Any


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
def engine_identity() -> str:
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
error_message = _c("wasmtime_error_message", None, _P, _P)
error_delete = _c("wasmtime_error_delete", None, _P)
error_new = _c("wasmtime_error_new", _P, c_char_p)
trap_new = _c("wasmtime_trap_new", _P, c_char_p, c_size_t)
trap_message = _c("wasm_trap_message", None, _P, _P)
trap_code = _c("wasmtime_trap_code", c_bool, _P, _P)
trap_trace = _c("wasm_trap_trace", None, _P, _P)
trap_delete = _c("wasm_trap_delete", None, _P)
frame_func_name = _c("wasmtime_frame_func_name", _P, _P)
frame_module_name = _c("wasmtime_frame_module_name", _P, _P)
frame_func_index = _c("wasm_frame_func_index", ctypes.c_uint32, _P)
frame_module_offset = _c("wasm_frame_module_offset", c_size_t, _P)
error_wasm_trace = _c("wasmtime_error_wasm_trace", None, _P, _P)
frame_vec_delete = _c("wasm_frame_vec_delete", None, _P)
byte_vec_delete = _c("wasm_byte_vec_delete", None, _P)
config_new = _c("wasm_config_new", _P)
engine_new = _c("wasm_engine_new_with_config", _P, _P)
engine_delete = _c("wasm_engine_delete", None, _P)
engine_tick = _c("wasmtime_engine_increment_epoch", None, _P)
module_new = _c("wasmtime_module_new", _P, _P, _P, c_size_t, _P, lib=_dll)
module_validate = _c("wasmtime_module_validate", _P, _P, _P, c_size_t, lib=_dll)
module_clone = _c("wasmtime_module_clone", _P, _P)
module_delete = _c("wasmtime_module_delete", None, _P)
module_serialize = _c("wasmtime_module_serialize", _P, _P, _P, lib=_dll)
module_load = _c("wasmtime_module_deserialize_file", _P, _P, c_char_p, _P, lib=_dll)
store_new = _c("wasmtime_store_new", _P, _P, _P, _P)
store_context = _c("wasmtime_store_context", _P, _P)
store_limiter = _c("wasmtime_store_limiter", None, _P, c_int64, c_int64, c_int64, c_int64, c_int64)
store_delete = _c("wasmtime_store_delete", None, _P)
set_epoch_deadline = _c("wasmtime_context_set_epoch_deadline", None, _P, c_uint64)
instance_new = _c("wasmtime_instance_new", _P, _P, _P, _P, c_size_t, _P, _P, lib=_dll)
export_get = _c("wasmtime_instance_export_get", c_bool, _P, _P, c_char_p, c_size_t, _P)
# Declaring no arguments halves the cost of a call that an instantiation makes by the thousand.
export_get_bare = ctypes.PyDLL(str(_library_path())).wasmtime_instance_export_get
export_get_bare.restype = c_bool
as_size = functools.cache(c_size_t)
func_new = _c("wasmtime_func_new_unchecked", None, _P, _P, _P, _P, _P, _P)
# These, too: every request makes some of them, and its pointers are converted once.
func_call_unchecked = ctypes.CDLL(str(_library_path())).wasmtime_func_call_unchecked
func_call_unchecked.restype = _P
func_call_async = ctypes.PyDLL(str(_library_path())).wasmtime_func_call_async
func_call_async.restype = _P
future_poll = _c("wasmtime_call_future_poll", c_bool, _P, lib=_dll)
future_delete = _c("wasmtime_call_future_delete", None, _P, lib=_dll)
linker_new = _c("wasmtime_linker_new", _P, _P)
linker_define_async = _c(
    "wasmtime_linker_define_async_func",
    _P, _P, c_char_p, c_size_t, c_char_p, c_size_t, _P, _P, _P, _P,
)  # fmt: skip
linker_get = _c("wasmtime_linker_get", c_bool, _P, _P, c_char_p, c_size_t, c_char_p, c_size_t, _P)
memory_data = _c("wasmtime_memory_data", _P, _P, _P)
memory_size = _c("wasmtime_memory_data_size", c_size_t, _P, _P)
table_set = _c("wasmtime_table_set", _P, _P, _P, c_uint64, _P)
table_get = _c("wasmtime_table_get", c_bool, _P, _P, c_uint64, _P)
table_size = _c("wasmtime_table_size", c_uint64, _P, _P)
global_get = _c("wasmtime_global_get", None, _P, _P, _P)
global_set = _c("wasmtime_global_set", _P, _P, _P, _P)
functype_new = _c("wasm_functype_new", _P, _P, _P)
functype_delete = _c("wasm_functype_delete", None, _P)
functype_params = _c("wasm_functype_params", _P, _P)
functype_results = _c("wasm_functype_results", _P, _P)
func_type = _c("wasmtime_func_type", _P, _P, _P)
valtype_kind = _c("wasm_valtype_kind", c_uint8, _P)
valtype_new = _c("wasm_valtype_new", _P, c_uint8)
valtype_vec_new = _c("wasm_valtype_vec_new", None, _P, c_size_t, _P)

wat2wasm = _c("wasmtime_wat2wasm", _P, c_char_p, c_size_t, _P, lib=_dll)
epoch_callback_set = _c("wasmtime_store_epoch_deadline_callback", None, _P, _P, _P, _P)
caller_context = _c("wasmtime_caller_context", _P, _P)
view_of = ctypes.pythonapi.PyMemoryView_FromMemory
view_of.restype = ctypes.py_object
view_of.argtypes = (c_void_p, ctypes.c_ssize_t, ctypes.c_int)
_libc = ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)
STRLEN = ctypes.cast(_libc.strlen, c_void_p).value
"""A continuation that is done once its byte is not zero any more: it runs without Python."""


def config_set(name: str, kind: Any) -> Any:
    """The function that sets one of an engine's settings."""
    return _c(f"wasmtime_config_{name}_set", None, _P, kind)
