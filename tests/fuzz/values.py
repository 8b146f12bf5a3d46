"""Any value of any type, through two guests in Spindle's hands and in wasmtime's."""

from __future__ import annotations

import struct
from random import Random
from typing import Any

import wasmtime
from tests.component.differential import Native, attempts, confused, echo, equal, is_native, ours
from tests.component.guest_memory import ENCODINGS
from tests.fuzz.abi import any_type

from spindle.component.canon.despecialize import cases, children
from spindle.component.canon.scalars import RANGES
from spindle.component.values import Err, Ok, Some, Variant, record_class
from spindle.wasm.types import (
    EnumType,
    FlagsType,
    ListType,
    MapType,
    OptionType,
    PrimValType,
    RecordType,
    ResultType,
    StreamType,
    TupleType,
    ValType,
    VariantType,
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


def any_value(random: Random, t: ValType) -> Any:
    """A value of a type, as lifting gives it."""

    def maybe(type: ValType | None) -> Any:
        return None if type is None else any_value(random, type)

    match t:
        case PrimValType():
            return any_primitive(random, t)
        case ListType(PrimValType.U8):
            return random.randbytes(random.choice((0, 1, 7, 300)))
        case ListType(element):
            return [any_value(random, element) for _ in range(random.choice((0, 1, 2, 9)))]
        case RecordType(fields):
            return record_class(t)(*(any_value(random, field.type) for field in fields))
        case TupleType(types):
            return tuple(any_value(random, item) for item in types)
        case FlagsType(labels):
            return frozenset(label for label in labels if random.random() < 0.5)
        case EnumType(labels):
            return random.choice(labels)
        case OptionType(inner):
            if random.random() < 0.4:
                return None
            some = any_value(random, inner)
            return Some(some) if isinstance(inner, OptionType) else some
        case ResultType(ok, error):
            return Ok(maybe(ok)) if random.random() < 0.5 else Err(maybe(error))
        case VariantType():
            case = random.choice(cases(t))
            return Variant(case.label, maybe(case.type))
        case _:
            raise AssertionError(f"{t} is not in both")


TEXTS = ("", "a", "é", "naïve", "€", "🐍", "\0", "x" * 300, "é" * 200 + "€", "\U0010ffff")


def any_primitive(random: Random, t: PrimValType) -> Any:
    """A value of a primitive type, often one at a limit."""
    match t:
        case PrimValType.BOOL:
            return random.random() < 0.5
        case PrimValType.F32:
            return struct.unpack("<f", struct.pack("<f", random.uniform(-1e38, 1e38)))[0]
        case PrimValType.F64:
            return random.choice((0.0, -1.5, float("inf"), random.uniform(-1e300, 1e300)))
        case PrimValType.CHAR:
            return random.choice("a\0é€🐍\ud7ff\ue000\U0010ffff")
        case PrimValType.STRING:
            return "".join(random.choices(TEXTS, k=random.choice((1, 1, 3))))
        case _:
            low, high = RANGES[t]
            return random.choice((low, high, random.randint(low, high), 1))
