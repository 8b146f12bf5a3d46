"""What a command's file descriptors stand for, and the table of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from spindle.factors.wasi.filesystem.descriptor import (
    Descriptor,
    DirectoryDescriptor,
    entries,
)
from spindle.factors.wasi.filesystem.paths import Directory
from spindle.factors.wasi.preview1.errnos import APPEND, BADF, INVAL, SPIPE, Errno


class Handle:
    """An open descriptor; what it cannot do raises `Errno`."""

    kind = "unknown"
    flags = 0
    preopen: str | None = None
    """The guest path of a directory the command starts with."""

    def read(self, size: int) -> bytes:
        """The next bytes; `b""` at the end."""
        raise Errno(BADF)

    def write(self, data: bytes) -> int:
        """Write on; how many bytes were taken."""
        raise Errno(BADF)

    def seek(self, offset: int, whence: int) -> int:
        """Move from the start (0), here (1) or the end (2); the new position."""
        raise Errno(SPIPE)

    @property
    def descriptor(self) -> Descriptor:
        """The open file or directory."""
        raise Errno(BADF)


class Input(Handle):
    """Standard input: bytes that are all there."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)

    def read(self, size: int) -> bytes:
        """The next bytes."""
        chunk, self._data = self._data[:size], self._data[size:]
        return bytes(chunk)


class Output(Handle):
    """Standard output or error."""

    def __init__(self, sink: Callable[[bytes], None]) -> None:
        self._sink = sink

    def write(self, data: bytes) -> int:
        """Pass the bytes on."""
        self._sink(data)
        return len(data)


class File(Handle):
    """An open regular file and where it is read or written next."""

    kind = "regular-file"

    def __init__(self, descriptor: Descriptor, flags: int) -> None:
        self._descriptor = descriptor
        self._position = 0
        self.flags = flags

    @property
    def descriptor(self) -> Descriptor:
        """The open file."""
        return self._descriptor

    def read(self, size: int) -> bytes:
        """The next bytes."""
        data = self._descriptor.file("read").read(size, self._position)
        self._position += len(data)
        return data

    def write(self, data: bytes) -> int:
        """Write here, or at the end of a file opened for that."""
        at = None if self.flags & APPEND else self._position
        written = self._descriptor.file("write").write(data, at)
        self._position += written
        return written

    def seek(self, offset: int, whence: int) -> int:
        """Move."""
        found = self._descriptor.stat()
        assert found is not None
        if whence > 2:
            raise Errno(INVAL)
        position = offset + (0, self._position, found.st_size)[whence]
        if position < 0:
            raise Errno(INVAL)
        self._position = position
        return position


class Folder(Handle):
    """An open directory."""

    kind = "directory"

    def __init__(self, descriptor: DirectoryDescriptor, preopen: str | None = None) -> None:
        self._descriptor = descriptor
        self.preopen = preopen
        self._entries: list[tuple[str, str]] | None = None

    @property
    def descriptor(self) -> Descriptor:
        """The open directory."""
        return self._descriptor

    def listing(self, *, afresh: bool) -> list[tuple[str, str]]:
        """Kind and name of everything in it, as of when listing began."""
        if afresh or self._entries is None:
            dots = [("directory", "."), ("directory", "..")]
            self._entries = dots + entries(self._descriptor.directory())
        return self._entries


class Handles:
    """The table of open descriptors."""

    def __init__(self, state: Any) -> None:
        folders = (
            Folder(DirectoryDescriptor(Directory.at(node), state.open_files), path)
            for path, node in state.preopens
        )
        standard: Iterable[Handle] = (
            Input(state.stdin),
            Output(state.stdout),
            Output(state.stderr),
        )
        self._open: dict[int, Handle] = dict(enumerate((*standard, *folders)))

    def get(self, fd: int) -> Handle:
        """The handle of a descriptor."""
        handle = self._open.get(fd)
        if handle is None:
            raise Errno(BADF)
        return handle

    def add(self, handle: Handle) -> int:
        """The lowest free descriptor, now standing for a handle."""
        fd = next(n for n in range(len(self._open) + 1) if n not in self._open)
        self._open[fd] = handle
        return fd

    def close(self, fd: int) -> None:
        """Free a descriptor."""
        self.get(fd)
        del self._open[fd]

    def renumber(self, fd: int, target: int) -> None:
        """Let another descriptor stand for a handle."""
        handle = self.get(fd)
        self.get(target)
        del self._open[fd]
        self._open[target] = handle


def open_handle(descriptor: Descriptor, flags: int) -> Handle:
    """The handle of something that was just opened."""
    if isinstance(descriptor, DirectoryDescriptor):
        return Folder(descriptor)
    return File(descriptor, flags)
