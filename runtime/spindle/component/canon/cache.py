"""What is computed from types, found again by the type object at hand.

Equal types share codecs, but to find that out costs a hash of the whole type: 20 µs for a WASI
function. The same object is met again on each call, and is found in a fraction of one.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

MAX_SIZE = 1024
"""Of each cache. Types of another build of a component are other types wherever resources are in
them, so that what is kept of builds that were replaced is not met again."""


def cached_by_type(function: Callable[..., T]) -> Callable[..., T]:
    """Cache a function of a type and further arguments: by identity, then by equality."""
    by_equality = functools.lru_cache(maxsize=MAX_SIZE)(function)
    # An entry keeps its type alive, so no other object can get that type's id.
    by_identity: dict[tuple[Any, ...], tuple[Any, T]] = {}

    @functools.wraps(function)
    def cached(t: Any, *arguments: Any) -> T:
        key = (id(t), *arguments)
        found = by_identity.get(key)
        if found is not None:
            return found[1]
        if len(by_identity) >= MAX_SIZE:
            by_identity.clear()
        value = by_equality(t, *arguments)
        by_identity[key] = (t, value)
        return value

    return cached
