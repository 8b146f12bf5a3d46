"""The streams and futures in a function's type, in the order bindings generators number them."""

from __future__ import annotations

from collections.abc import Iterator

from spindle.wasm.substitution import children
from spindle.wasm.types import FuncType, FutureType, StreamType


def payloads_of(type: FuncType) -> list[StreamType | FutureType]:
    """Those of the parameters, then those of the result; what one carries comes before it."""
    whole = (*(param.type for param in type.params), type.result)
    return [found for part in whole for found in _within(part)]


def _within(part: object) -> Iterator[StreamType | FutureType]:
    for child in children(part):
        yield from _within(child)
    if isinstance(part, StreamType | FutureType):
        yield part
