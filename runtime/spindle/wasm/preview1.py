"""WASI preview 1 as an interface of components.

Its functions take numbers alone, and pointers into the memory of who calls them. Lowered, they are
the very functions that core modules import; whoever hosts this interface is given the memory with
each call. No other host has it: it is how Spindle runs modules without an adapter inside them.

Spec: WASI/legacy/preview1/docs.md.
"""

from __future__ import annotations

from spindle.wasm.types import CoreFuncType, FieldType, FuncType, PrimValType

INTERFACE = "spindle:wasi/preview1"
MODULES = frozenset({"wasi_snapshot_preview1", "wasi_unstable"})
"""What core modules call it."""

_PARAMS = {
    "args_get": "ii",
    "args_sizes_get": "ii",
    "clock_res_get": "ii",
    "clock_time_get": "iIi",
    "environ_get": "ii",
    "environ_sizes_get": "ii",
    "fd_advise": "iIIi",
    "fd_allocate": "iII",
    "fd_close": "i",
    "fd_datasync": "i",
    "fd_fdstat_get": "ii",
    "fd_fdstat_set_flags": "ii",
    "fd_fdstat_set_rights": "iII",
    "fd_filestat_get": "ii",
    "fd_filestat_set_size": "iI",
    "fd_filestat_set_times": "iIIi",
    "fd_pread": "iiiIi",
    "fd_prestat_dir_name": "iii",
    "fd_prestat_get": "ii",
    "fd_pwrite": "iiiIi",
    "fd_read": "iiii",
    "fd_readdir": "iiiIi",
    "fd_renumber": "ii",
    "fd_seek": "iIii",
    "fd_sync": "i",
    "fd_tell": "ii",
    "fd_write": "iiii",
    "path_create_directory": "iii",
    "path_filestat_get": "iiiii",
    "path_filestat_set_times": "iiiiIIi",
    "path_link": "iiiiiii",
    "path_open": "iiiiiIIii",
    "path_readlink": "iiiiii",
    "path_remove_directory": "iii",
    "path_rename": "iiiiii",
    "path_symlink": "iiiii",
    "path_unlink_file": "iii",
    "poll_oneoff": "iiii",
    "proc_exit": "i",
    "proc_raise": "i",
    "random_get": "ii",
    "sched_yield": "",
    "sock_accept": "iii",
    "sock_recv": "iiiiii",
    "sock_send": "iiiii",
    "sock_shutdown": "ii",
}
"""The parameters of each function, `i` for 32 bits and `I` for 64; all but one give an errno."""


def _core_type(name: str, params: str) -> CoreFuncType:
    types = tuple("i32" if param == "i" else "i64" for param in params)
    return CoreFuncType(types, () if name == "proc_exit" else ("i32",))


FUNCTIONS = {name: _core_type(name, params) for name, params in _PARAMS.items()}
"""Every function of preview 1 by its name, with the type it has for core modules."""

_NUMBERS = {"i32": PrimValType.U32, "i64": PrimValType.U64}


def component_name(name: str) -> str:
    """What a function is called in the interface."""
    return name.replace("_", "-")


def component_type(core: CoreFuncType) -> FuncType:
    """The type of a function in the interface."""
    params = tuple(FieldType(f"p{n}", _NUMBERS[of]) for n, of in enumerate(core.params))
    return FuncType(params, _NUMBERS[core.results[0]] if core.results else None)
