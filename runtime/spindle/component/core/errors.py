"""Why the engine refused or a guest trapped: wasmtime's errors and traps as exceptions."""

from __future__ import annotations

import ctypes
import re
from ctypes import c_size_t, c_void_p
from dataclasses import dataclass

from spindle.component.core.c_api import (
    byte_vec_delete,
    error_delete,
    error_message,
    error_wasm_trace,
    frame_func_index,
    frame_func_name,
    frame_module_name,
    frame_module_offset,
    frame_vec_delete,
    trap_code,
    trap_delete,
    trap_message,
    trap_trace,
    wat2wasm,
)


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


class Vec(ctypes.Structure):
    """wasmtime's vectors of anything: how many, and where."""

    _fields_ = (("size", c_size_t), ("data", c_void_p))


def take_bytes(vec: Vec) -> bytes:
    """The bytes of a vector, which is freed."""
    data = ctypes.string_at(vec.data, vec.size) if vec.size else b""
    byte_vec_delete(ctypes.addressof(vec))
    return data


def __take_error(error: int) -> str:
    vec = Vec()
    error_message(error, ctypes.addressof(vec))
    return take_bytes(vec).decode("utf-8", "replace")


def check(error: int | None) -> None:
    """Raise `CoreError` if there is an error, and free it."""
    if error:
        message = __take_error(error)
        error_delete(error)
        raise CoreError(message)


def _take_frames(vec: Vec) -> tuple[CoreFrame, ...]:
    frames = []
    for i in range(vec.size):
        frame = c_void_p.from_address(vec.data + 8 * i).value
        frames.append(
            CoreFrame(
                _name_at(frame_module_name(frame)),
                _name_at(frame_func_name(frame)),
                frame_func_index(frame),
                frame_module_offset(frame),
            )
        )
    frame_vec_delete(ctypes.addressof(vec))
    return tuple(frames)


def _name_at(name: int | None) -> str | None:
    if not name:
        return None
    vec = Vec.from_address(name)
    return ctypes.string_at(vec.data, vec.size).decode("utf-8", "replace")


def trap_of(trap: int | None, error: int | None) -> CoreTrap:
    """The exception for what a call left behind; frees it."""
    code = ctypes.c_int32(-1)
    vec = Vec()
    if trap:
        message = Vec()
        trap_message(trap, ctypes.addressof(message))
        text = take_bytes(message).rstrip(b"\0").decode("utf-8", "replace")
        trap_code(trap, ctypes.addressof(code))
        trap_trace(trap, ctypes.addressof(vec))
        frames = _take_frames(vec)  # frames borrow from the trap
        trap_delete(trap)
    else:
        text = __take_error(error or 0)
        error_wasm_trace(error, ctypes.addressof(vec))
        frames = _take_frames(vec)
        error_delete(error)
    return CoreTrap(_reason(text), code.value if code.value >= 0 else None, frames)


def _reason(text: str) -> str:
    """The one line of wasmtime's message that says why: the last cause, with what is known."""
    last = text.split("Caused by:")[-1].strip().splitlines() or [""]
    line = (last[-1] if "Caused by:" in text else last[0]).strip()
    reason = line.partition("wasm trap: ")[2] or re.sub(r"^\d+: ", "", line)
    if fault := _FAULT.search(text):
        return f"{reason} (address {fault[1]}, memory of {int(fault[2], 16)} bytes)"
    return f"{reason}{_IN_OTHER_WORDS.get(reason, '')}"


_FAULT = re.compile(r"memory fault at wasm address (0x[0-9a-f]+) in linear memory of size (\S+)")
_IN_OTHER_WORDS = {"call stack exhausted": " (stack overflow)"}


def wat_to_wasm(text: str) -> bytes:
    """The binary of a component or module in the text format; raises `CoreError`."""
    encoded, vec = text.encode(), Vec()
    check(wat2wasm(encoded, len(encoded), ctypes.addressof(vec)))
    return take_bytes(vec)
