"""JSON that servers answer, read strictly: each function raises `ValueError` for what is wrong."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

MOST_COUNT = (1 << 32) - 1


def field(value: Any, name: str, read: Callable[[Any], T]) -> T:
    """A member of an object."""
    if not isinstance(value, dict):
        raise ValueError("expected an object")
    if name not in value:
        raise ValueError(f"missing field `{name}`")
    try:
        return read(value[name])
    except ValueError as error:
        raise ValueError(f"`{name}`: {error}") from None


def anything(value: Any) -> Any:
    """A value of any kind."""
    return value


def text(value: Any) -> str:
    """A string; what is no text in UTF-8 can't be one for guests."""
    if not isinstance(value, str):
        raise ValueError("expected a string")
    return value.encode("utf-8", "replace").decode()


def count(value: Any) -> int:
    """A `u32`."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_COUNT:
        raise ValueError("expected a count")
    return value


def items(value: Any) -> list[Any]:
    """An array."""
    if not isinstance(value, list):
        raise ValueError("expected an array")
    return value


def vector(value: Any) -> list[float]:
    """An array of `f32`s."""
    return [_number(each) for each in items(value)]


def shortest(number: float) -> float | None:
    """An `f32` with as few digits as tell it apart; None if JSON has no word for it."""
    try:
        kept = struct.pack("f", number)
    except OverflowError:
        return None
    if number != number or number in (float("inf"), float("-inf")):
        return None
    texts = (f"{number:.{digits}g}" for digits in range(6, 10))
    return float(next(text for text in texts if struct.pack("f", float(text)) == kept))


def _number(value: Any) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise ValueError("expected a number")
    try:
        return float(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
