"""Pages of this process's memory: which it has written to, and forgetting what is in them.

Which were written is what Linux tells since 6.7.
Linear memories are private mappings, of a file with their initial contents or of nothing. A page
that was never written is the file's or not there; one that was is the process's own from then on.
So this finds pages that were written at any time: no tracking has to be switched on, no write
costs a fault, and a page counts again each time.

Source: Documentation/admin-guide/mm/pagemap.rst of Linux, `PAGEMAP_SCAN`.
"""

from __future__ import annotations

import ctypes
import functools
import mmap
import os
import sys
from struct import Struct

if sys.platform == "linux":
    import fcntl

    _libc = ctypes.CDLL(None)
    _libc.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)

_PAGEMAP_SCAN = 0xC0606610
_FILE, _PRESENT, _SWAPPED, _ZERO = 1 << 2, 1 << 3, 1 << 4, 1 << 5
_ARGUMENT = Struct("<12Q")
_REGION = Struct("<3Q")
_MOST_REGIONS = 1024

_regions = ctypes.create_string_buffer(_REGION.size * _MOST_REGIONS)
_regions_at = ctypes.addressof(_regions)
_regions_view = memoryview(_regions).cast("B")


def dirty_pages(start: int, end: int) -> list[tuple[int, int]] | None:
    """The address ranges in `start` to `end` that were written to.

    None if they are too many to tell, or the system does not tell.
    """
    pagemap = _pagemap()
    if pagemap is None:
        return None
    # Asked for: own pages, that is neither a file's nor the one zero page, here or swapped out.
    inverted, required, any_of = _FILE | _ZERO, _FILE | _ZERO, _PRESENT | _SWAPPED
    argument = bytearray(
        _ARGUMENT.pack(
            _ARGUMENT.size, 0, start, end, 0, _regions_at, _MOST_REGIONS, 0,
            inverted, required, any_of, _PRESENT,
        )
    )  # fmt: skip
    try:
        found = fcntl.ioctl(pagemap, _PAGEMAP_SCAN, argument, True)
    except OSError:
        return None
    if found == _MOST_REGIONS:
        return None
    regions = _REGION.iter_unpack(_regions_view[: found * _REGION.size])
    return [(first, last) for first, last, _categories in regions]


def forget(start: int, end: int) -> bool:
    """Empty pages that map no file, and give them back to the system; whether that worked."""
    status: int = _libc.madvise(start, end - start, mmap.MADV_DONTNEED)
    return status == 0


@functools.cache
def tells_dirty_pages() -> bool:
    """Whether this system can say which pages were written to."""
    if _pagemap() is None:
        return False
    probe = mmap.mmap(-1, 4 * mmap.PAGESIZE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    at = ctypes.addressof(ctypes.c_char.from_buffer(probe))
    probe[2 * mmap.PAGESIZE] = 1
    page = at + 2 * mmap.PAGESIZE
    return dirty_pages(at, at + len(probe)) == [(page, page + mmap.PAGESIZE)]


@functools.cache
def _pagemap() -> int | None:
    if sys.platform != "linux":
        return None
    try:
        return os.open("/proc/self/pagemap", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
