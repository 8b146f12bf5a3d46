"""`wasi:filesystem/types` and `preopens`, 0.2 and 0.3, over the same descriptors.

The versions differ in how bytes stream, in `unknown` file types, and in what only one of them has.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from spindle.component.host import HostFunc, HostInterface
from spindle.component.trap import Trap
from spindle.factors.wasi.filesystem import changes
from spindle.factors.wasi.filesystem.descriptor import (
    Descriptor,
    DirectoryDescriptor,
    entries,
    identity,
    kind_of,
    metadata_hash,
    open_at,
    stat_at,
    stat_record,
)
from spindle.factors.wasi.filesystem.errors import FileError, answered
from spindle.factors.wasi.filesystem.paths import Directory, walk
from spindle.factors.wasi.filesystem.streams02 import (
    DirectoryEntryStream,
    FileInput,
    FileOutput,
)
from spindle.factors.wasi.filesystem.streams03 import read_directory, read_stream, write_stream
from spindle.factors.wasi.io.streams import IoError

Kind = Callable[[str], Any]


def _kind_0_2(kind: str) -> Any:
    return kind


def _kind_0_3(kind: str) -> Any:
    return ("other", None) if kind == "unknown" else kind


def _directories(task: Any) -> list[tuple[Descriptor, str]]:
    state = task.inst.state
    state.touched = True
    try:
        return [
            (DirectoryDescriptor(Directory.at(node), state.open_files), path)
            for path, node in state.preopens
        ]
    except OSError as error:
        raise Trap(f"the guest's directories cannot be opened: {error.strerror}") from None


def read_link(base: Descriptor, path: str) -> str:
    """Where the link at a path points."""
    place = walk(base.directory(), path, follow=False)
    target = place.directory.link_target(place.name)
    if target is None:
        raise FileError("invalid")
    if target.startswith("/"):
        raise FileError("not-permitted")
    return target


def _type(descriptor: Descriptor) -> str:
    found = descriptor.stat()
    return "directory" if found is None else kind_of(found.st_mode)


def _sync(descriptor: Descriptor) -> None:
    if "write" in descriptor.flags():
        os.fsync(descriptor.file("write").fd)


def _same(_task: Any, one: Descriptor, other: Descriptor) -> bool:
    return one is other or identity(one.stat()) == identity(other.stat()) != (0, 0)


def _timed(function: Callable[..., None]) -> HostFunc:
    """Give the present moment to a function that sets times."""

    def with_now(task: Any, *args: Any) -> Any:
        return answered(function)(task, *args, task.inst.state.clock.wall())

    return with_now


def _common(kind: Kind) -> Mapping[str, HostFunc]:
    def record(found: os.stat_result | None) -> tuple[Any, ...]:
        first, *rest = stat_record(found)
        return (kind(first), *rest)

    return {
        "advise": answered(lambda _d, _offset, _length, _advice: None),
        "sync-data": answered(_sync),
        "sync": answered(_sync),
        "get-flags": answered(lambda d: d.flags()),
        "get-type": answered(lambda d: kind(_type(d))),
        "set-size": answered(changes.set_size),
        "set-times": _timed(changes.set_times),
        "set-times-at": _timed(changes.set_times_at),
        "create-directory-at": answered(changes.create_directory_at),
        "remove-directory-at": answered(changes.remove_directory_at),
        "unlink-file-at": answered(changes.unlink_file_at),
        "symlink-at": answered(changes.symlink_at),
        "rename-at": answered(changes.rename_at),
        "link-at": answered(changes.link_at),
        "readlink-at": answered(read_link),
        "stat": answered(lambda d: record(d.stat())),
        "stat-at": answered(lambda d, flags, path: record(stat_at(d, flags, path))),
        "open-at": answered(open_at),
        "is-same-object": _same,
        "metadata-hash": answered(lambda d: metadata_hash(d.stat())),
        "metadata-hash-at": answered(lambda d, flags, path: metadata_hash(stat_at(d, flags, path))),
    }


def _read(descriptor: Descriptor, length: int, offset: int) -> tuple[bytes, bool]:
    data = descriptor.file("read").read(length, offset)
    return data, length > 0 and not data


def _methods(functions: Mapping[str, HostFunc]) -> dict[str, HostFunc]:
    return {f"[method]descriptor.{name}": function for name, function in functions.items()}


def _filesystem_error_code(_task: Any, error: IoError) -> Any:
    return error.code if error.kind == "filesystem" else None


_PREOPENS = HostInterface({"get-directories": _directories})

INTERFACES_0_2 = {
    "types": HostInterface(
        functions={
            **_methods(_common(_kind_0_2)),
            **_methods(
                {
                    "read": answered(_read),
                    "write": answered(lambda d, data, at: d.file("write").write(data, at)),
                    "read-via-stream": answered(lambda d, at: FileInput(d.file("read"), at)),
                    "write-via-stream": answered(lambda d, at: FileOutput(d.file("write"), at)),
                    "append-via-stream": answered(lambda d: FileOutput(d.file("write"), None)),
                    "read-directory": answered(
                        lambda d: DirectoryEntryStream(entries(d.directory()))
                    ),
                }
            ),
            "[method]directory-entry-stream.read-directory-entry": answered(
                lambda stream: stream.take()
            ),
            "filesystem-error-code": _filesystem_error_code,
        },
        resources={"descriptor": None, "directory-entry-stream": None},
    ),
    "preopens": _PREOPENS,
}

INTERFACES_0_3 = {
    "types": HostInterface(
        functions={
            **_methods(_common(_kind_0_3)),
            **_methods(
                {
                    "read-via-stream": read_stream,
                    "write-via-stream": lambda task, d, data, at: write_stream(task, d, data, at),
                    "append-via-stream": lambda task, d, data: write_stream(task, d, data, None),
                    "read-directory": read_directory,
                }
            ),
        },
        resources={"descriptor": None},
    ),
    "preopens": _PREOPENS,
}
