"""Booleans, integers, floats, characters and flags: conversions and checks.

Each `to_…` function is the careful way for values that are not plainly right; it raises TypeError
or ValueError, which `mismatch` turns into a sentence.

Spec: CanonicalABI.md#loading, CanonicalABI.md#storing, CanonicalABI.md#flat-lifting.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Iterable
from struct import Struct
from typing import Any, NoReturn

from spindle.component.trap import Trap
from spindle.wasm.types import PrimValType

NAN = float("nan")
"""Python's own NaN is the canonical one in both widths."""

F32_LIMIT = float.fromhex("0x1.ffffffp+127")
"""The least magnitude that rounds to an infinite `f32`."""

RANGES = {
    PrimValType.S8: (-(1 << 7), (1 << 7) - 1),
    PrimValType.U8: (0, (1 << 8) - 1),
    PrimValType.S16: (-(1 << 15), (1 << 15) - 1),
    PrimValType.U16: (0, (1 << 16) - 1),
    PrimValType.S32: (-(1 << 31), (1 << 31) - 1),
    PrimValType.U32: (0, (1 << 32) - 1),
    PrimValType.S64: (-(1 << 63), (1 << 63) - 1),
    PrimValType.U64: (0, (1 << 64) - 1),
}
"""The least and the greatest value of each integer type."""

_F32, _F64, _I32, _I64 = Struct("<f"), Struct("<d"), Struct("<I"), Struct("<Q")


def to_bool(value: Any) -> bool:
    """A bool and nothing else: `"no"` must not become true."""
    if value is True or value is False:
        return bool(value)
    raise TypeError("not a bool")


def to_int(value: Any, low: int, high: int) -> int:
    """An integer in a range."""
    number = operator.index(value)
    if not low <= number <= high:
        raise ValueError("integer out of range")
    return number


def to_f64(value: Any) -> float:
    """A float, or an integer as one."""
    if not isinstance(value, float | int):
        raise TypeError("not a number")
    return float(value)


def to_f32(value: Any) -> float:
    """A float that fits an `f32`; it is rounded when it is packed."""
    number = to_f64(value)
    if abs(number) >= F32_LIMIT and math.isfinite(number):
        raise ValueError("float out of range")
    return number


def char_to_i32(value: Any) -> int:
    """The scalar value of a one-character string."""
    if not isinstance(value, str):
        raise TypeError("not a character")
    i = ord(value)
    if 0xD800 <= i <= 0xDFFF:
        raise ValueError("not a Unicode scalar value")
    return i


def convert_i32_to_char(i: int) -> str:
    """The character of a scalar value a guest gave."""
    if i >= 0x110000 or 0xD800 <= i <= 0xDFFF:
        raise Trap(f"the guest gave a `char` that is no Unicode scalar value: {i:#x}")
    return chr(i)


def decode_i32_as_float(i: int) -> float:
    """The `f32` with these bits, NaN being canonical."""
    value: float = _F32.unpack(_I32.pack(i))[0]
    return value if value == value else NAN


def decode_i64_as_float(i: int) -> float:
    """The `f64` with these bits, NaN being canonical."""
    value: float = _F64.unpack(_I64.pack(i))[0]
    return value if value == value else NAN


def encode_float_as_i32(value: float) -> int:
    """The bits of an `f32`."""
    bits: int = _I32.unpack(_F32.pack(value))[0]
    return bits


def encode_float_as_i64(value: float) -> int:
    """The bits of an `f64`."""
    bits: int = _I64.unpack(_F64.pack(value))[0]
    return bits


def invalid_discriminant(i: int) -> NoReturn:
    """Trap: a variant's discriminant names no case."""
    raise Trap(f"the guest gave an unexpected discriminant: {i}")


def flags_unpacker(labels: tuple[str, ...]) -> Callable[[Any, int], frozenset[str]]:
    """Bits to labels; bits beyond the labels mean nothing."""

    @functools.lru_cache(maxsize=256)
    def labels_of(i: int) -> frozenset[str]:
        return frozenset(label for n, label in enumerate(labels) if i >> n & 1)

    def unpack_flags(cx: Any, i: int) -> frozenset[str]:
        return labels_of(i)

    return unpack_flags


def flags_packer(labels: tuple[str, ...]) -> Callable[[Any, Iterable[str]], int]:
    """Labels to bits; KeyError for a label that is none."""
    bits = {label: 1 << n for n, label in enumerate(labels)}

    def pack_flags(cx: Any, value: Iterable[str]) -> int:
        if isinstance(value, str):
            raise TypeError("one string is not a set of labels")
        i = 0
        for label in value:
            i |= bits[label]
        return i

    return pack_flags
