"""Core function types, and what passes through such functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

CoreValue = int | float
HostFunction = Callable[..., Any]
"""Takes core values and gives one core value, or None for no result."""

KINDS = {"i32": 0, "i64": 1, "f32": 2, "f64": 3}
"""The C API's numbers of the types."""


class CoreType(NamedTuple):
    """A core function type."""

    params: tuple[str, ...]
    results: tuple[str, ...]
