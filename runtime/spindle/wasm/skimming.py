"""What an outline needs of a file, without the rest: most of a binary is code nobody looks into.

A file that is mapped and then cut short kills the process that looks into it. So the few parts that
are needed are read into memory, at their places; what is left out reads as zeros there. A file that
changes meanwhile gives nonsense, which the outline's reader refuses, or takes for what it is.
"""

from __future__ import annotations

import mmap
from typing import BinaryIO

from spindle.wasm.decoder import COMPONENT, Buffer
from spindle.wasm.deftypes import MAX_NESTING

_PREAMBLE = 8
_HEADER = 11
"""A section's id and the longest spelling of its size."""
_HEAD = 16
"""What is read of sections of which only the number of items is asked."""
_CUSTOM_OF_MODULE = 1 << 12
"""What is read of custom sections: what made a module and its own name come first."""
_CUSTOM_OF_COMPONENT = 1 << 22
"""What is read of custom sections, of which one names all parts."""
_AT_ONCE = 1 << 12
"""Bytes read at once."""
_NESTING = (1, 4)
_WHOLE_OF_COMPONENT = (10, 11)
"""Imports and exports."""
_WHOLE_OF_MODULE = (7,)
"""Exports."""


def skimmed(file: BinaryIO, size: int) -> Buffer:
    """A file of a size, best unbuffered, with zeros for what an outline doesn't need."""
    if size < _PREAMBLE:
        return file.read(_PREAMBLE)
    kept = mmap.mmap(-1, size)
    _Skimmer(file, kept).skim(0, size, 0)
    return kept


class _Skimmer:
    def __init__(self, file: BinaryIO, kept: mmap.mmap) -> None:
        self.file = file
        self.kept = kept
        self.read_from = self.read_to = 0
        """What was read last."""

    def skim(self, start: int, end: int, depth: int) -> None:
        """Keep what is needed of a module or component between two offsets."""
        is_component = self._keep(start, min(start + _PREAMBLE, end))[4:] == COMPONENT
        at = start + _PREAMBLE
        while at < end:
            header = self._keep(at, min(at + _HEADER, end))
            length, size = _unsigned(header[1:])
            if not length:
                return
            body = at + 1 + length
            at = body + size
            if at > end:
                return
            if is_component and header[0] in _NESTING and depth < MAX_NESTING:
                self.skim(body, at, depth + 1)
            else:
                self._keep(body, min(at, body + _needed(header[0], size, is_component)))

    def _keep(self, start: int, end: int) -> bytes:
        """What is between two offsets, from now on also in memory."""
        if not self.read_from <= start <= end <= self.read_to:
            size = min(max(end - start, _AT_ONCE), len(self.kept) - start)
            self.file.seek(start)
            data = self.file.read(size)
            self.kept[start : start + len(data)] = data
            self.read_from, self.read_to = start, start + size
        return self.kept[start:end]


def _needed(section: int, size: int, is_component: bool) -> int:
    if section in (_WHOLE_OF_COMPONENT if is_component else _WHOLE_OF_MODULE):
        return size
    if section == 0:
        return _CUSTOM_OF_COMPONENT if is_component else _CUSTOM_OF_MODULE
    return _HEAD


def _unsigned(data: bytes) -> tuple[int, int]:
    """How long an unsigned LEB128 integer of up to 32 bits is, and its value; 0 if it is none."""
    value = 0
    for i, byte in enumerate(data[:5]):
        value |= (byte & 0x7F) << (7 * i)
        if byte < 0x80:
            return i + 1, value
    return 0, 0
