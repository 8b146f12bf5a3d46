"""Any value of a type."""

from __future__ import annotations

import struct
from random import Random
from typing import Any

from spindle.component.canon.despecialize import cases
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
    TupleType,
    ValType,
    VariantType,
)

MOST = 10_000
"""How long a list is made at the most, whatever its type says."""


class NoValue(Exception):
    """A host has no value of a type by itself: it is a handle."""


def any_value(random: Random, t: ValType) -> Any:
    """A value of a type, as lifting gives it."""

    def maybe(type: ValType | None) -> Any:
        return None if type is None else any_value(random, type)

    match t:
        case PrimValType():
            return any_primitive(random, t)
        case ListType(PrimValType.U8, length):
            return random.randbytes(_length(length, random.choice((0, 1, 7, 300))))
        case ListType(element, length):
            count = _length(length, random.choice((0, 1, 2, 9)))
            return [any_value(random, element) for _ in range(count)]
        case MapType(key, value):
            return {any_value(random, key): any_value(random, value) for _ in range(3)}
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
            raise NoValue


def _length(fixed: int | None, chosen: int) -> int:
    return chosen if fixed is None else min(fixed, MOST)


TEXTS = ("", "a", "é", "naïve", "€", "🐍", "\0", "x" * 300, "é" * 200 + "€", "\U0010ffff")


def any_primitive(random: Random, t: PrimValType) -> Any:
    """A value of a primitive type, often one at a limit."""
    match t:
        case PrimValType.BOOL:
            return random.random() < 0.5
        case PrimValType.ERROR_CONTEXT:
            raise NoValue
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
