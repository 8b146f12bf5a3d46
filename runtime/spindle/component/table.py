"""The table of an instance: what its handles, as small integers, stand for.

Spec: CanonicalABI.md#table-state.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from spindle.component.trap import Trap
from spindle.limits import DEFAULT, beyond

T = TypeVar("T")


class Table(Generic[T]):
    """Elements by index, from 1; the index freed last is used first."""

    __slots__ = ("array", "free", "limit")

    def __init__(self, limit: int = DEFAULT.max_handles) -> None:
        """`limit` is less than the specification allows: elements cost the host."""
        self.limit = limit
        self.array: list[T | None] = [None]
        self.free: list[int] = []

    def __iter__(self) -> Iterator[T]:
        return (element for element in self.array if element is not None)

    def get(self, i: int) -> T:
        """The element at an index the guest gave."""
        array = self.array
        if i >= len(array) or (element := array[i]) is None:
            raise Trap(f"the guest used an unknown handle index {i}")
        return element

    def add(self, element: T) -> int:
        """Put an element in; gives its index."""
        if self.free:
            i = self.free.pop()
            self.array[i] = element
            return i
        i = len(self.array)
        if i > self.limit:
            raise Trap(beyond("the guest has too many handles", "max_handles", self.limit))
        self.array.append(element)
        return i

    def remove(self, i: int) -> T:
        """Take the element at an index the guest gave out."""
        array = self.array
        if i >= len(array) or (element := array[i]) is None:
            raise Trap(f"the guest used an unknown handle index {i}")
        array[i] = None
        self.free.append(i)
        return element

    def clear(self) -> None:
        """Be as if nothing had ever been in it."""
        self.array[:] = (None,)
        self.free.clear()
