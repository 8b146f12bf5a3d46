"""The functions of `wasi_snapshot_preview1`, over a command's memory and descriptors.

Each is a method of `Process` with the function's name; it raises `Errno`, or what the file system
raises, instead of answering with a number.

Spec: WASI/legacy/preview1/docs.md.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from struct import Struct
from typing import Any

from spindle.component.values import Variant
from spindle.factors.wasi.cli import GuestExit
from spindle.factors.wasi.filesystem import changes
from spindle.factors.wasi.filesystem.descriptor import identity, open_at, stat_at, stat_record
from spindle.factors.wasi.filesystem.interface import read_link
from spindle.factors.wasi.io.poll import Pollable, always_ready, deadline, wait_any
from spindle.factors.wasi.preview1.errnos import (
    ALL_RIGHTS,
    BADF,
    FILE_TYPES,
    INVAL,
    LOOKUP_FLAGS,
    NOTDIR,
    NOTSOCK,
    NOTSUP,
    OPEN_FLAGS,
    RIGHT_READ,
    RIGHT_WRITE,
    Errno,
    labels,
)
from spindle.factors.wasi.preview1.handles import File, Folder, Handles, open_handle
from spindle.factors.wasi.preview1.memory import GuestMemory

WRITE_LIMIT = 1024 * 1024
"""Bytes one write takes at most: buffers may overlap, and name more than there is memory."""

_BILLION = 1_000_000_000
_SUBSCRIPTION = Struct("<QB7xI4xQQH6x")
_EVENT = "QHB5xQH6x"
_DIRENT = Struct("<QQIB3x")
_FILESTAT = "QQB7xQQQQQ"
_REALTIME, _MONOTONIC = 0, 1


class Process:
    """One run of a command."""

    def __init__(self, state: Any, memory: GuestMemory) -> None:
        self.state = state
        self.memory = memory
        self.handles = Handles(state)
        self._arguments = [argument.encode() for argument in state.arguments]
        self._environment = [f"{name}={value}".encode() for name, value in state.environment]

    # Arguments, environment, clocks, random numbers, exit.

    def args_get(self, pointers: int, data: int) -> None:
        self.memory.write_strings(pointers, data, self._arguments)

    def args_sizes_get(self, count: int, size: int) -> None:
        self._sizes(count, size, self._arguments)

    def environ_get(self, pointers: int, data: int) -> None:
        self.memory.write_strings(pointers, data, self._environment)

    def environ_sizes_get(self, count: int, size: int) -> None:
        self._sizes(count, size, self._environment)

    def _sizes(self, count: int, size: int, strings: list[bytes]) -> None:
        self.memory.pack(count, "I", len(strings))
        self.memory.pack(size, "I", sum(len(string) + 1 for string in strings))

    def _now(self, clock: int) -> int:
        if clock == _REALTIME:
            return int(self.state.clock.wall())
        if clock == _MONOTONIC:
            return int(self.state.clock.monotonic())
        raise Errno(NOTSUP)

    def clock_res_get(self, clock: int, out: int) -> None:
        self._now(clock)
        self.memory.pack(out, "Q", 1)

    def clock_time_get(self, clock: int, _precision: int, out: int) -> None:
        self.memory.pack(out, "Q", self._now(clock))

    def random_get(self, ptr: int, size: int) -> None:
        self.memory.view(ptr, size)
        self.memory.write(ptr, self.state.entropy.read(size))

    def proc_exit(self, status: int) -> None:
        raise GuestExit(status)

    def proc_raise(self, _signal: int) -> None:
        raise Errno(NOTSUP)

    def sched_yield(self) -> None:
        """A time slice ends by itself."""

    # Descriptors.

    def fd_close(self, fd: int) -> None:
        self.handles.close(fd)

    def fd_renumber(self, fd: int, to: int) -> None:
        self.handles.renumber(fd, to)

    def fd_advise(self, fd: int, _offset: int, _size: int, _advice: int) -> None:
        self.handles.get(fd)

    def fd_allocate(self, _fd: int, _offset: int, _size: int) -> None:
        raise Errno(NOTSUP)

    def fd_datasync(self, fd: int) -> None:
        self.fd_sync(fd)

    def fd_sync(self, fd: int) -> None:
        handle = self.handles.get(fd)
        if isinstance(handle, File) and "write" in handle.descriptor.flags():
            os.fsync(handle.descriptor.file("write").fd)

    def fd_fdstat_get(self, fd: int, out: int) -> None:
        handle = self.handles.get(fd)
        kind = FILE_TYPES[handle.kind]
        self.memory.pack(out, "BxH4xQQ", kind, handle.flags, ALL_RIGHTS, ALL_RIGHTS)

    def fd_fdstat_set_flags(self, fd: int, flags: int) -> None:
        self.handles.get(fd).flags = flags

    def fd_fdstat_set_rights(self, fd: int, _base: int, _inheriting: int) -> None:
        self.handles.get(fd)

    def fd_filestat_get(self, fd: int, out: int) -> None:
        handle = self.handles.get(fd)
        if handle.kind == "unknown":
            self.memory.pack(out, _FILESTAT, 0, 0, 0, 1, 0, 0, 0, 0)
        else:
            self._write_stat(out, handle.descriptor.stat())

    def fd_filestat_set_size(self, fd: int, size: int) -> None:
        changes.set_size(self.handles.get(fd).descriptor, size)

    def fd_filestat_set_times(self, fd: int, access: int, modification: int, flags: int) -> None:
        times = _new_times(access, modification, flags)
        changes.set_times(self.handles.get(fd).descriptor, *times, self.state.clock.wall())

    def fd_prestat_get(self, fd: int, out: int) -> None:
        path = self.handles.get(fd).preopen
        if path is None:
            raise Errno(BADF)
        self.memory.pack(out, "B3xI", 0, len(path.encode()))

    def fd_prestat_dir_name(self, fd: int, ptr: int, size: int) -> None:
        path = self.handles.get(fd).preopen
        if path is None:
            raise Errno(NOTDIR)
        self.memory.write(ptr, path.encode()[:size])

    def fd_read(self, fd: int, iovs: int, count: int, out: int) -> None:
        handle = self.handles.get(fd)
        self.memory.pack(out, "I", self._fill(iovs, count, handle.read))

    def fd_pread(self, fd: int, iovs: int, count: int, offset: int, out: int) -> None:
        file = self.handles.get(fd).descriptor.file("read")
        position = offset

        def read(size: int) -> bytes:
            nonlocal position
            data = file.read(size, position)
            position += len(data)
            return data

        self.memory.pack(out, "I", self._fill(iovs, count, read))

    def _fill(self, iovs: int, count: int, read: Any) -> int:
        total = 0
        for buffer in self.memory.buffers(iovs, count):
            if len(buffer) == 0:
                continue
            data = read(len(buffer))
            buffer[: len(data)] = data
            total += len(data)
            if len(data) < len(buffer):
                break
        return total

    def fd_write(self, fd: int, iovs: int, count: int, out: int) -> None:
        handle = self.handles.get(fd)
        self.memory.pack(out, "I", handle.write(self._gather(iovs, count)))

    def fd_pwrite(self, fd: int, iovs: int, count: int, offset: int, out: int) -> None:
        file = self.handles.get(fd).descriptor.file("write")
        self.memory.pack(out, "I", file.write(self._gather(iovs, count), offset))

    def _gather(self, iovs: int, count: int) -> bytes:
        """What buffers hold, no more than is written at once."""
        data = bytearray()
        for buffer in self.memory.buffers(iovs, count):
            data += buffer[: WRITE_LIMIT - len(data)]
            if len(data) == WRITE_LIMIT:
                break
        return bytes(data)

    def fd_seek(self, fd: int, offset: int, whence: int, out: int) -> None:
        signed = offset - (1 << 64) if offset >> 63 else offset
        self.memory.pack(out, "Q", self.handles.get(fd).seek(signed, whence))

    def fd_tell(self, fd: int, out: int) -> None:
        self.memory.pack(out, "Q", self.handles.get(fd).seek(0, 1))

    def fd_readdir(self, fd: int, ptr: int, size: int, cookie: int, out: int) -> None:
        handle = self.handles.get(fd)
        if not isinstance(handle, Folder):
            raise Errno(NOTDIR)
        listing = handle.listing(afresh=cookie == 0)
        data = bytearray()
        for number in range(cookie, len(listing)):
            kind, name = listing[number]
            raw = name.encode("utf-8", "surrogateescape")
            data += _DIRENT.pack(number + 1, 0, len(raw), FILE_TYPES.get(kind, 0)) + raw
            if len(data) >= size:
                break
        data = data[:size]
        self.memory.write(ptr, bytes(data))
        self.memory.pack(out, "I", len(data))

    # Paths.

    def _at(self, fd: int, ptr: int, size: int) -> tuple[Any, str]:
        return self.handles.get(fd).descriptor, self.memory.text(ptr, size)

    def path_open(
        self,
        fd: int,
        lookup: int,
        ptr: int,
        size: int,
        open_flags: int,
        rights: int,
        _inheriting: int,
        flags: int,
        out: int,
    ) -> None:
        base, path = self._at(fd, ptr, size)
        wanted = labels(open_flags, OPEN_FLAGS)
        access = {"read"} if rights & RIGHT_READ else set()
        if rights & RIGHT_WRITE and "directory" not in wanted:
            access.add("write")
        opened = open_at(base, labels(lookup, LOOKUP_FLAGS), path, wanted, access)
        self.memory.pack(out, "I", self.handles.add(open_handle(opened, flags)))

    def path_filestat_get(self, fd: int, lookup: int, ptr: int, size: int, out: int) -> None:
        base, path = self._at(fd, ptr, size)
        self._write_stat(out, stat_at(base, labels(lookup, LOOKUP_FLAGS), path))

    def _write_stat(self, out: int, found: Any) -> None:
        kind, links, size, *times = stat_record(found)
        stamps = [seconds * _BILLION + nanoseconds for seconds, nanoseconds in times]
        device, inode = identity(found)
        mask = (1 << 64) - 1
        self.memory.pack(
            out, _FILESTAT, device & mask, inode & mask, FILE_TYPES.get(kind, 0), links, size,
            *stamps,
        )  # fmt: skip

    def path_filestat_set_times(
        self, fd: int, lookup: int, ptr: int, size: int, access: int, modification: int, flags: int
    ) -> None:
        base, path = self._at(fd, ptr, size)
        times = _new_times(access, modification, flags)
        follow = labels(lookup, LOOKUP_FLAGS)
        changes.set_times_at(base, follow, path, *times, self.state.clock.wall())

    def path_readlink(self, fd: int, ptr: int, size: int, to: int, room: int, out: int) -> None:
        target = read_link(*self._at(fd, ptr, size)).encode("utf-8", "surrogateescape")[:room]
        self.memory.write(to, target)
        self.memory.pack(out, "I", len(target))

    def path_create_directory(self, fd: int, ptr: int, size: int) -> None:
        changes.create_directory_at(*self._at(fd, ptr, size))

    def path_remove_directory(self, fd: int, ptr: int, size: int) -> None:
        changes.remove_directory_at(*self._at(fd, ptr, size))

    def path_unlink_file(self, fd: int, ptr: int, size: int) -> None:
        changes.unlink_file_at(*self._at(fd, ptr, size))

    def path_symlink(self, old: int, old_size: int, fd: int, ptr: int, size: int) -> None:
        base, path = self._at(fd, ptr, size)
        changes.symlink_at(base, self.memory.text(old, old_size), path)

    def path_link(
        self, fd: int, lookup: int, ptr: int, size: int, to: int, new: int, new_size: int
    ) -> None:
        base, path = self._at(fd, ptr, size)
        other, new_path = self._at(to, new, new_size)
        changes.link_at(base, labels(lookup, LOOKUP_FLAGS), path, other, new_path)

    def path_rename(self, fd: int, ptr: int, size: int, to: int, new: int, new_size: int) -> None:
        changes.rename_at(*self._at(fd, ptr, size), *self._at(to, new, new_size))

    # Sockets: none are ever open.

    def sock_accept(self, _fd: int, _flags: int, _out: int) -> None:
        raise Errno(NOTSOCK)

    def sock_recv(self, _fd: int, _iovs: int, _n: int, _flags: int, _out: int, _seen: int) -> None:
        raise Errno(NOTSOCK)

    def sock_send(self, _fd: int, _iovs: int, _n: int, _flags: int, _out: int) -> None:
        raise Errno(NOTSOCK)

    def sock_shutdown(self, _fd: int, _how: int) -> None:
        raise Errno(NOTSOCK)

    # Waiting.

    def poll_oneoff(
        self, subscriptions: int, events: int, count: int, out: int
    ) -> Generator[Any, Any, None]:
        if count == 0:
            raise Errno(INVAL)
        data = self.memory.read(subscriptions, count * _SUBSCRIPTION.size)
        asked = list(_SUBSCRIPTION.iter_unpack(data))
        ready: list[int] = yield wait_any([self._pollable(*fields[1:]) for fields in asked])
        for number, index in enumerate(ready):
            event = (asked[index][0], 0, asked[index][1], 1, 0)
            self.memory.pack(events + 32 * number, _EVENT, *event)
        self.memory.pack(out, "I", len(ready))

    def _pollable(self, tag: int, which: int, when: int, _precision: int, flags: int) -> Pollable:
        if tag != 0:
            self.handles.get(which)
            return always_ready()
        clock = self.state.clock
        absolute = flags & 1
        wait = when - self._now(which) if absolute else when
        return deadline(clock, clock.instant() + max(0, wait))


def _new_times(access: int, modification: int, flags: int) -> tuple[Variant, Variant]:
    def of(value: int, given: int, now: int) -> Variant:
        if given and now:
            raise Errno(INVAL)
        if now:
            return Variant("now")
        return Variant("timestamp", divmod(value, _BILLION)) if given else Variant("no-change")

    return of(access, flags & 1, flags & 2), of(modification, flags & 4, flags & 8)
