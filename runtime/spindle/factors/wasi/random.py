"""`wasi:random`, the same functions in 0.2 and 0.3 but for one name."""

from __future__ import annotations

from typing import Any

from spindle.component.host import HostInterface
from spindle.component.trap import trap_if

LIMIT = 128 * 1024 * 1024
"""Bytes one call gives at most."""
CHUNK_0_3 = 64 * 1024
"""Bytes a 0.3 guest gets at most from one call; it asks again for more."""


def _read(task: Any, size: int) -> bytes:
    trap_if(size > LIMIT, "the guest asked for more than 128 MiB of random bytes")
    state = task.inst.state
    state.touched = True
    data: bytes = state.entropy.read(size)
    return data


def _u64(task: Any) -> int:
    return int.from_bytes(_read(task, 8), "little")


def _seed(task: Any) -> tuple[int, int]:
    return _u64(task), _u64(task)


def _at_most(task: Any, size: int) -> bytes:
    return _read(task, min(size, CHUNK_0_3))


def _interfaces(read: Any, seed: str) -> dict[str, HostInterface]:
    functions: dict[str, dict[str, Any]] = {
        "random": {"get-random-bytes": read, "get-random-u64": _u64},
        "insecure": {"get-insecure-random-bytes": read, "get-insecure-random-u64": _u64},
        "insecure-seed": {seed: _seed},
    }
    return {name: HostInterface(functions=f) for name, f in functions.items()}


INTERFACES_0_2 = _interfaces(_read, "insecure-seed")
INTERFACES_0_3 = _interfaces(_at_most, "get-insecure-seed")
