"""Files and directories as WASI 0.3 streams, each with a future that tells how it ended."""

from __future__ import annotations

from typing import Any

from spindle.component.ends import BytesSource, HostFuture, ItemsSource, Pump
from spindle.component.values import Err, Ok
from spindle.factors.wasi.filesystem.descriptor import Descriptor, OpenFile, entries
from spindle.factors.wasi.filesystem.errors import FileError, code_of

_FAILURES = (OSError, FileError, ValueError)


class _FileSource:
    """Reads a file on and says how that ended."""

    def __init__(self, file: OpenFile, offset: int, done: HostFuture) -> None:
        self._file = file
        self._offset = offset
        self._done = done

    def read_nowait(self, limit: int) -> bytes:
        try:
            data = self._file.read(limit, self._offset)
        except _FAILURES as error:
            self._done.resolve(Err(code_of(error)))
            return b""
        self._offset += len(data)
        if not data:
            self._done.resolve(Ok(None))
        return data

    def cancel(self) -> None:
        self._done.resolve(Ok(None))


def read_stream(task: Any, descriptor: Descriptor, offset: int) -> tuple[Any, HostFuture]:
    """`read-via-stream`."""
    task.inst.state.touched = True
    done = HostFuture()
    try:
        source = _FileSource(descriptor.file("read"), offset, done)
    except FileError as error:
        return ItemsSource(), HostFuture.of(Err(error.code))
    return BytesSource(source.read_nowait, lambda _wake: None, source.cancel), done


def write_stream(task: Any, descriptor: Descriptor, data: Any, offset: int | None) -> HostFuture:
    """`write-via-stream`, and `append-via-stream` where the offset is None."""
    task.inst.state.touched = True
    try:
        file = descriptor.file("write")
    except FileError as error:
        data.drop()
        return HostFuture.of(Err(error.code))
    done = HostFuture()
    position = offset
    pump: Pump | None = None

    def write(chunk: bytes) -> None:
        nonlocal position
        view = memoryview(chunk)
        try:
            while view:
                written = file.write(bytes(view), position)
                view = view[written:]
                position = None if position is None else position + written
        except _FAILURES as error:
            done.resolve(Err(code_of(error)))
            if pump is not None:
                pump.stop()

    pump = Pump(task.inst.store, data, write, lambda: done.resolve(Ok(None)))
    return done


def read_directory(task: Any, descriptor: Descriptor) -> tuple[ItemsSource, HostFuture]:
    """`read-directory`."""
    task.inst.state.touched = True
    try:
        found = entries(descriptor.directory())
    except _FAILURES as error:
        return ItemsSource(), HostFuture.of(Err(code_of(error)))
    items = [(("other", None) if kind == "unknown" else kind, name) for kind, name in found]
    return ItemsSource(items), HostFuture.of(Ok(None))
