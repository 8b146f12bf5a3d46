"""Buffers that streams and futures copy between: of guests in their memory, of the host in Python.

Spec: CanonicalABI.md#buffer-state.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from spindle.component.canon.codec import (
    Codec,
    load_list_from_valid_range,
    store_list_into_valid_range,
)
from spindle.component.trap import trap, trap_if

if TYPE_CHECKING:
    from spindle.component.canon.context import LiftLowerContext

MAX_LENGTH = 2**28 - 1


class GuestBuffer:
    """A guest's buffer of `length` elements at `ptr`."""

    __slots__ = ("codec", "cx", "length", "progress", "ptr")

    def __init__(self, codec: Codec | None, cx: LiftLowerContext, ptr: int, length: int) -> None:
        if length > MAX_LENGTH:
            trap("the guest gave a buffer longer than 2^28-1 elements")
        self.codec = codec
        if self.codec is not None and length > 0:
            memory = cx.opts.memory
            assert memory is not None
            trap_if(ptr % self.codec.alignment, "the guest gave a buffer that is not aligned")
            end = ptr + length * self.codec.size
            if end > len(memory.view):
                trap_if(end > len(memory.refresh()), "the guest gave a buffer out of bounds")
        self.cx = cx
        self.ptr = ptr
        self.progress = 0
        self.length = length

    def remain(self) -> int:
        """Elements still to be copied."""
        return self.length - self.progress

    def is_zero_length(self) -> bool:
        """Whether it never had room."""
        return self.length == 0


class ReadableGuestBuffer(GuestBuffer):
    """A guest's buffer that others read."""

    __slots__ = ()

    def read(self, n: int) -> Sequence[Any]:
        """Take the next `n` elements; bytes where the element type is `u8`."""
        self.progress += n
        if self.codec is None:
            return [None] * n
        values = load_list_from_valid_range(self.cx, self.ptr, n, self.codec)
        self.ptr += n * self.codec.size
        return values


class WritableGuestBuffer(GuestBuffer):
    """A guest's buffer that others fill."""

    __slots__ = ()

    def write(self, values: Sequence[Any]) -> None:
        """Put elements behind those already there."""
        n = len(values)
        if self.codec is not None:
            store_list_into_valid_range(self.cx, values, self.ptr, self.codec)
            self.ptr += n * self.codec.size
        self.progress += n


class HostReadBuffer:
    """A host's buffer that a stream or future fills."""

    __slots__ = ("capacity", "parts", "progress")

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.progress = 0
        self.parts: list[Sequence[Any]] = []

    def remain(self) -> int:
        """Elements there is still room for."""
        return self.capacity - self.progress

    def is_zero_length(self) -> bool:
        """Whether it never had room."""
        return self.capacity == 0

    def write(self, values: Sequence[Any]) -> None:
        """Take elements; bytes of a view are copied."""
        self.parts.append(values.tobytes() if isinstance(values, memoryview) else values)
        self.progress += len(values)

    def take(self) -> list[Sequence[Any]]:
        """What has arrived, in the pieces in which it came; the buffer is empty again."""
        parts, self.parts, self.progress = self.parts, [], 0
        return parts
