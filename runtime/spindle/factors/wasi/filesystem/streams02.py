"""Files and directories as WASI 0.2 streams."""

from __future__ import annotations

from collections.abc import Sequence

from spindle.factors.wasi.filesystem.descriptor import OpenFile
from spindle.factors.wasi.filesystem.errors import FileError, code_of
from spindle.factors.wasi.io.streams import InputStream, IoError, OutputStream, StreamError


def _failed(error: OSError | FileError) -> StreamError:
    return StreamError(IoError(str(error), "filesystem", code_of(error)))


class FileInput(InputStream):
    """A file's bytes from an offset on."""

    def __init__(self, file: OpenFile, offset: int) -> None:
        self._file = file
        self._offset = offset

    def read_nowait(self, limit: int) -> bytes | None:
        """The next bytes; files never make anyone wait."""
        try:
            data = self._file.read(limit, self._offset)
        except (OSError, FileError) as error:
            raise _failed(error) from error
        self._offset += len(data)
        return data


class FileOutput(OutputStream):
    """Writes a file from an offset on; None is always its end."""

    def __init__(self, file: OpenFile, offset: int | None) -> None:
        super().__init__(self._write)
        self._file = file
        self._offset = offset

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            try:
                written = self._file.write(bytes(view), self._offset)
            except (OSError, FileError) as error:
                raise _failed(error) from error
            view = view[written:]
            if self._offset is not None:
                self._offset += written


class DirectoryEntryStream:
    """The resource `directory-entry-stream`."""

    __slots__ = ("_entries",)

    def __init__(self, entries: Sequence[tuple[str, str]]) -> None:
        self._entries = iter(entries)

    def take(self) -> tuple[str, str] | None:
        """The next entry; None at the end."""
        return next(self._entries, None)
