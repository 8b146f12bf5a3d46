"""Numbers that types of equal structure share.

Comparing or hashing a type walks all that it is made of, again and again where a part occurs in
many; numbering looks at each object once.
"""

from __future__ import annotations

from collections.abc import Hashable

from spindle.wasm.substitution import children


class Numbering:
    """Numbers for types, and for parts of types, that hold no instance or component types."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._memo: dict[int, tuple[object, int]] = {}
        """By id; the object is kept beside it, so that no other takes the id."""

    def __call__(self, part: object) -> int:
        """The number of a type."""
        known = self._memo.get(id(part))
        if known is None:
            parts = children(part)
            key: Hashable = part
            if parts:
                key = (part.__class__, *(self._key(child) for child in parts))
            number = self._numbers.setdefault(key, len(self._numbers))
            known = self._memo[id(part)] = (part, number)
        return known[1]

    def _key(self, part: object) -> Hashable:
        return self(part) if children(part) else (part.__class__, part)
