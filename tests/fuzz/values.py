"""Any value of any type, through two guests in Spindle's hands and in wasmtime's."""

from __future__ import annotations

from random import Random
from typing import Any

import wasmtime
from tests.component.differential import Native, attempts, confused, echo, equal, is_native, ours
from tests.component.guest_memory import ENCODINGS
from tests.fuzz.abi import any_type
from tests.fuzz.any_values import any_value

from spindle.component.canon.despecialize import children
from spindle.wasm.types import (
    MapType,
    PrimValType,
    StreamType,
    ValType,
)


def values_input(random: Random) -> bytes:
    """A seed."""
    return random.randbytes(8)


def check_values(data: bytes) -> str:
    """Echo a value, and read a memory of any content, with the same outcome in both."""
    random = Random(data)
    t = any_type(random, 3)
    while not (in_both(t) and is_native(t)):
        t = any_type(random, 3)
    if random.random() < 0.3:
        return _check_confused(random, t)
    value = any_value(random, t)
    binary = bytes(wasmtime.wat2wasm(echo(t, random.choice(ENCODINGS), random.choice(ENCODINGS))))
    seen: list[Any] = []

    def host(received: Any) -> tuple[Any]:
        seen.append(received)
        return (received,)

    results = [
        Native(binary, t, {"echo": host}).call("run", value),
        ours(binary, "run", value, echo=host),
    ]
    assert all(equal(found, value) for found in (*results, *seen)), (value, results, seen)
    return f"{type(t).__name__} echoed"


def _check_confused(random: Random, t: ValType) -> str:
    memory = b"".join(
        random.choice((0, 1, 2, 4, random.randrange(256))).to_bytes(random.choice((1, 4)), "little")
        for _ in range(32)
    )
    numbers = [random.choice((random.randrange(4), random.getrandbits(64))) for _ in range(16)]
    binary = bytes(wasmtime.wat2wasm(confused(t, memory, numbers, random.choice(ENCODINGS))))
    outcomes = [attempts(binary, t, name) for name in ("give", "take")]
    for theirs, our_own in outcomes:
        assert equal(theirs, our_own), (theirs, our_own)
    return "both trapped" if outcomes == [(None, None)] * 2 else "read alike"


def in_both(t: ValType) -> bool:
    """Whether a type, all through, is one that wasmtime's Python API has values of."""
    if t is PrimValType.ERROR_CONTEXT or isinstance(t, MapType | StreamType):
        return False
    return getattr(t, "length", None) is None and all(map(in_both, children(t)))
