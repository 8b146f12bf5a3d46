"""What a core module's memory holds at first, apart from the code that works on it.

A JavaScript guest is one large interpreter, and the person's sources are in its memory. So what is
compiled for one build serves the next, and other applications, too, if data segments are left out
of it: they are written into the memory of each new instance instead.

Spec: WebAssembly core specification, binary format, data section; execution, instantiation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from spindle.component.core import Contents
from spindle.component.plan_state import Cell, leb, read_leb, sections, sized

PAGE = 1 << 16
GAP = 256
"""Bytes between two segments that are sooner written, as zeros, than skipped."""
ACTIVE = 0
"""How a segment begins that is written into the first memory."""
I32_CONST, END = 0x41, 0x0B
_MEMORY, _DATA = 5, 11
_EMPTY = bytes((ACTIVE, I32_CONST, 0, END, 0))


class Emptied(NamedTuple):
    """A valid module whose segments hold nothing, and what they held."""

    wasm: bytes
    contents: Contents


def emptied(wasm: memoryview, memories: Sequence[Cell]) -> Emptied | None:
    """A module without its contents; `memories` are those that it defines.

    None if instances could tell the difference, or the module is not valid.
    """
    if [cell.number for cell in memories] != [0]:
        return None
    try:
        found = {code: (section, body, end) for code, section, body, end in sections(wasm)}
        room = _room(wasm[slice(*found[_MEMORY][1:])])
        section, body, end = found[_DATA]
        segments = list(_segments(wasm[body:end]))
    except (IndexError, KeyError, ValueError):
        return None
    if any(offset + len(data) > room for offset, data in segments):
        return None
    data = sized(leb(len(segments)) + _EMPTY * len(segments))
    whole = b"".join((wasm[:section], bytes([_DATA]), data, wasm[end:]))
    return Emptied(whole, Contents(memories[0].name, tuple(_joined(segments))))


def _room(memory: memoryview) -> int:
    """How many bytes the only memory has at first."""
    count, position = read_leb(memory, 0)
    if count != 1 or memory[position] > 1:
        raise ValueError("a memory with something particular")
    return read_leb(memory, position + 1)[0] * PAGE


def _segments(section: memoryview) -> Iterator[tuple[int, bytes]]:
    count, position = read_leb(section, 0)
    for _ in range(count):
        if section[position] != ACTIVE or section[position + 1] != I32_CONST:
            raise ValueError("a segment that is not simply written")
        offset, position = _signed(section, position + 2)
        if section[position] != END:
            raise ValueError("an offset that is computed")
        size, position = read_leb(section, position + 1)
        if position + size > len(section):
            raise ValueError("a segment that is cut short")
        yield offset, bytes(section[position : position + size])
        position += size
    if position != len(section):
        raise ValueError("something after the last segment")


def _joined(segments: Sequence[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """The same contents in fewer segments, if each lies behind the one before."""
    if any(one + len(data) > other for (one, data), (other, _) in pairwise(segments)):
        yield from segments
        return
    start, end, parts = 0, 0, list[bytes]()
    for offset, data in segments:
        if parts and offset - end <= GAP:
            parts.append(bytes(offset - end))
        else:
            if parts:
                yield start, b"".join(parts)
            start, parts = offset, []
        parts.append(data)
        end = offset + len(data)
    if parts:
        yield start, b"".join(parts)


def _signed(data: memoryview, position: int) -> tuple[int, int]:
    """An `i32` as the address it stands for, and what follows it."""
    value, after = read_leb(data, position)
    bits = 7 * (after - position)
    if value >> (bits - 1):
        value -= 1 << bits
    return value & 0xFFFFFFFF, after
