"""A command's linear memory as its functions read and write it; every access is checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from struct import Struct, pack

from spindle.component.core import Memory
from spindle.factors.wasi.preview1.errnos import FAULT, Errno

_IOVEC = Struct("<II")


class GuestMemory:
    """Checked access to one memory."""

    __slots__ = ("_memory",)

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def view(self, ptr: int, size: int) -> memoryview:
        """A range of the memory; raises `Errno` if it is not there."""
        view = self._memory.view
        if ptr + size > len(view):
            view = self._memory.refresh()
            if ptr + size > len(view):
                raise Errno(FAULT)
        return view[ptr : ptr + size]

    def read(self, ptr: int, size: int) -> bytes:
        """A copy of a range."""
        return bytes(self.view(ptr, size))

    def text(self, ptr: int, size: int) -> str:
        """A range that holds UTF-8; raises `UnicodeDecodeError`, which is a `ValueError`."""
        return self.read(ptr, size).decode()

    def write(self, ptr: int, data: bytes) -> None:
        """Put bytes somewhere."""
        self.view(ptr, len(data))[:] = data

    def pack(self, ptr: int, layout: str, *values: int) -> None:
        """Put a little-endian structure somewhere."""
        self.write(ptr, pack("<" + layout, *values))

    def buffers(self, ptr: int, count: int) -> Iterator[memoryview]:
        """The ranges an array of `iovec` names."""
        for start, size in _IOVEC.iter_unpack(self.view(ptr, 8 * count)):
            yield self.view(start, size)

    def write_strings(self, pointers: int, data: int, strings: Iterable[bytes]) -> None:
        """An array of pointers and the zero-terminated strings they point to."""
        for number, string in enumerate(strings):
            self.pack(pointers + 4 * number, "I", data)
            self.write(data, string + b"\0")
            data += len(string) + 1
