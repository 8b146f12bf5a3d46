"""The C callbacks through which guests call the host, one for each signature."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from ctypes import c_void_p
from struct import Struct
from typing import TYPE_CHECKING, Any

from spindle.component.core.c_api import trap_new, view_of

if TYPE_CHECKING:
    from spindle.component.core.store import Store
    from spindle.component.core.types import HostFunction


RAW = {"i32": "I12x", "i64": "Q8x", "f32": "f12x", "f64": "d8x"}
"""How an argument or result of a host function lies in memory."""

_Trampoline = ctypes.CFUNCTYPE(c_void_p, c_void_p, c_void_p, c_void_p)
"""Without the C callback's last parameter, a count we know; a callee may leave one unread."""

targets: dict[int, HostFunction] = {}
owners: dict[int, Store] = {}
next_target = iter(range(1, 1 << 62)).__next__

_PAGE = 4096
_ADDRESS_SPACE = view_of(_PAGE, 1 << 62, 0x200)
"""All of this process's memory from its second page on: `struct` reads C's arguments in place."""


def make_trampoline(params: Sequence[str], results: Sequence[str]) -> Any:
    """The C callback of a signature: unpacks, calls the target its environment names, packs."""
    unpack = Struct("<" + "".join(RAW[p] for p in params)).unpack_from
    pack = Struct("<" + "".join(RAW[r] for r in results)).pack_into
    memory = _ADDRESS_SPACE

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
    owners[env].failure = error
    return int(trap_new(b"host", 4))
