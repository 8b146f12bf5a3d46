"""What wasmtime calls in a store: at a tick of the epoch, and to suspend a fiber."""

from __future__ import annotations

import ctypes
from ctypes import c_size_t, c_uint8, c_uint64, c_void_p
from types import FrameType
from typing import TYPE_CHECKING

from spindle.component.core.c_api import caller_context, error_new
from spindle.component.core.trampolines import make_trampoline

if TYPE_CHECKING:
    from spindle.component.core.store import Store


NESTED_TICKS = 20
"""Epoch ticks after which a call that cannot yield (`realloc`) is stopped: nobody else runs."""

_Epoch = ctypes.CFUNCTYPE(c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)
stores: dict[int, Store] = {}
by_context: dict[int, Store] = {}


def _on_epoch(_context: int, data: int, delta: int, kind: int) -> int | None:
    store = stores[data]
    store.engine.begin_slice()
    c_uint64.from_address(delta).value = 1
    if store.nesting or (store.starting is not None and store.polling is not store.starting):
        store.nested_ticks += 1
        if store.nested_ticks > NESTED_TICKS:
            return int(error_new(b"a call that cannot wait ran out of time"))
        c_uint8.from_address(kind).value = 0
    else:
        c_uint8.from_address(kind).value = 1
    return None


_on_epoch_callback = _Epoch(_on_epoch)
on_epoch_pointer = ctypes.cast(_on_epoch_callback, c_void_p)

_Async = ctypes.CFUNCTYPE(
    None, c_void_p, c_void_p, c_void_p, c_size_t, c_void_p, c_size_t, c_void_p, c_void_p
)


def _on_suspend(
    _env: int, caller: int, _a: int, _n: int, _r: int, _m: int, _trap: int, continuation: int
) -> None:
    call = by_context[caller_context(caller)].polling
    assert call is not None, "only a polled call can suspend"
    call.suspend(continuation)


_on_suspend_callback = _Async(_on_suspend)
suspend_pointer = ctypes.cast(_on_suspend_callback, c_void_p)

_OUR_OWN = frozenset({_on_epoch.__code__, _on_suspend.__code__})
_TRAMPOLINES = make_trampoline.__code__.co_filename


def in_callback(frame: FrameType | None) -> bool:
    """Whether the innermost frame is where the engine calls us: what it raises may get lost.

    That is a trampoline itself, for it keeps what the function raises that it leads to; and our
    own callbacks with all that these call.
    """
    if in_trampoline(frame):
        return True
    while frame is not None and frame.f_code not in _OUR_OWN:
        frame = frame.f_back
    return frame is not None


def in_trampoline(frame: FrameType | None) -> bool:
    """Whether a frame is where a guest's call of the host's begins."""
    return frame is not None and frame.f_code.co_filename == _TRAMPOLINES
