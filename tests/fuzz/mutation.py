"""Components changed at random: their sections and definitions moved about, and bytes in them.

Most changes keep the sizes and counts around them true, so that what is wrong is found deep inside.
A seeded generator decides everything: the same seed gives the same binary.
"""

from __future__ import annotations

from collections.abc import Callable, MutableSequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any

from tests.wasm.encode import PREAMBLE, unsigned

from spindle.errors import ComponentError
from spindle.wasm.decoder import ITEMS, MODULE, Kind, decode, kind_of, read_section
from spindle.wasm.reader import DecodeError, Reader
from spindle.wasm.validator import component_type

CUSTOM, CORE_MODULE, CORE_TYPE, COMPONENT = 0, 1, 3, 4
VECTORS = {CORE_TYPE, *ITEMS}
"""The sections of a component that hold any number of items."""
TRIES = 8
"""How many mutants are made of one before what nobody reads is taken."""
MAX_SIZE = 1 << 16
"""Mutants of mutants do not outgrow this."""


@dataclass(slots=True)
class Section:
    """A section: a vector's items, or else its only one."""

    code: int
    items: list[bytes]
    is_vector: bool

    def encode(self) -> bytes:
        """The section with its size."""
        count = unsigned(len(self.items)) if self.is_vector else b""
        body = count + b"".join(self.items)
        return bytes([self.code]) + unsigned(len(body)) + body


def sections_of(data: bytes) -> list[Section]:
    """The sections of a valid component or core module, of a component's vectors each item."""
    is_component = kind_of(data) is Kind.COMPONENT
    found: list[Section] = []
    reader = Reader(memoryview(data), 8)
    while not reader.at_end:
        code = reader.byte()
        body = reader.section()
        found.append(_section(code, body, is_component))
    return found


def _section(code: int, body: Reader, is_component: bool) -> Section:
    start, end, data = body.position, body.end, body.data
    if not is_component or code not in VECTORS:
        return Section(code, [bytes(data[start:end])], False)
    starts = sorted({offset for offset, _ in read_section(code, body, 0)})
    bounds = pairwise([*starts, end])
    return Section(code, [bytes(data[a:b]) for a, b in bounds], True)


def mutated(random: Random, seeds: list[bytes]) -> bytes:
    """One of the seeds, changed a few times."""
    data = random.choice(seeds)
    if random.random() < 0.15:
        return _mutated_bytes(random, data, random.randint(1, 4))
    return _mutated_binary(random, data, seeds, 0)


def sound_mutant(random: Random, seed: bytes) -> bytes:
    """A component changed, if it can be so that the reader takes it: most changes are fatal."""
    for _ in range(TRIES):
        changed = mutated(random, [seed])
        try:
            component_type(decode(changed), changed)
        except ComponentError:
            continue
        break
    return changed


def _mutated_binary(random: Random, data: bytes, seeds: list[bytes], depth: int) -> bytes:
    try:
        sections = sections_of(data)
    except DecodeError:  # a mutant itself
        return _mutated_bytes(random, data, 1)
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 5, 8))):
        _change_sections(random, sections, seeds, depth)
    return (data[:8] + b"".join(section.encode() for section in sections))[:MAX_SIZE]


def _change_sections(
    random: Random, sections: list[Section], seeds: list[bytes], depth: int
) -> None:
    if not sections or random.random() < 0.15:
        others = [Section(CUSTOM, [b"\1x"], False), *_sections_like(random.choice(seeds))]
        _rearrange(random, sections, others)
        return
    section = random.choice(sections)
    if not section.is_vector:
        [body] = section.items
        nested = section.code in (CORE_MODULE, COMPONENT) and body[:4] == PREAMBLE[:4] and depth < 3
        changed = _mutated_binary(random, body, seeds, depth + 1) if nested else None
        section.items = [_mutated_bytes(random, body, 1) if changed is None else changed]
    elif random.random() < 0.3 or not section.items:
        others_alike = [
            item
            for other in _sections_like(random.choice(seeds))
            if other.code == section.code and other.is_vector
            for item in other.items
        ]
        _rearrange(random, section.items, others_alike or [b"\0"])
    else:
        index = random.randrange(len(section.items))
        section.items[index] = _mutated_bytes(random, section.items[index], 1)


def _sections_like(seed: bytes) -> list[Section]:
    """A seed's sections, and the seed itself as a nested one."""
    code = CORE_MODULE if seed[4:8] == MODULE else COMPONENT
    whole = Section(code, [seed], False)
    try:
        return [whole, *(sections_of(seed) if code == COMPONENT else [])]
    except DecodeError:  # a mutant itself
        return [whole]


def _rearrange(random: Random, items: MutableSequence[Any], others: list[Any]) -> None:
    """Drop, repeat, move, exchange or bring in an item."""
    match random.randrange(6) if items else 5:
        case 0:
            del items[random.randrange(len(items))]
        case 1:
            items.insert(random.randint(0, len(items)), random.choice(items))
        case 2:
            items.insert(random.randint(0, len(items) - 1), items.pop(random.randrange(len(items))))
        case 3:
            one, other = random.randrange(len(items)), random.randrange(len(items))
            items[one], items[other] = items[other], items[one]
        case 4:
            index = random.randrange(len(items))
            item = items[index]
            size = len(item.encode() if isinstance(item, Section) else item)
            most = MAX_SIZE // max(size, 1)
            items[index:index] = [item] * min(random.choice((2, 10, 100, 1000)), most)
        case _:
            items.insert(random.randint(0, len(items)), random.choice(others))


INTERESTING = [
    b"\0", b"\1", b"\x7f", b"\x80", b"\xff", b"\x40", b"\x0f",
    unsigned(2**32 - 1), unsigned(2**31), unsigned(2**32), unsigned(2**64), unsigned(1000),
    unsigned(100_000), unsigned(5, pad=3), b"\xed\xa0\x80", b"\xc0\x80",
]  # fmt: skip
"""Numbers at limits, needlessly long ones, and what is no UTF-8."""


def _bump(random: Random, data: bytearray, at: int) -> None:
    data[at] = (data[at] + random.choice((-2, -1, 1, 2))) % 256


def _set(random: Random, data: bytearray, at: int) -> None:
    data[at] = random.randrange(256)


def _flip(random: Random, data: bytearray, at: int) -> None:
    data[at] ^= 1 << random.randrange(8)


def _replace(random: Random, data: bytearray, at: int) -> None:
    data[at : at + random.choice((0, 1, 1, 1, 2))] = random.choice(INTERESTING)


def _cut(random: Random, data: bytearray, at: int) -> None:
    del data[at : at + random.randint(1, 4)]


def _repeat(random: Random, data: bytearray, at: int) -> None:
    data[at:at] = data[at : at + random.randint(1, 16)] * random.choice((1, 1, 2, 50))


CHANGES: list[Callable[[Random, bytearray, int], None]] = [
    _bump, _bump, _set, _set, _flip, _replace, _cut, _repeat,
]  # fmt: skip


def _mutated_bytes(random: Random, data: bytes, times: int) -> bytes:
    changed = bytearray(data)
    for _ in range(times):
        if not changed:
            return random.choice(INTERESTING)
        random.choice(CHANGES)(random, changed, random.randrange(len(changed)))
    return bytes(changed)


def mutated_bytes(random: Random, seeds: list[bytes]) -> bytes:
    """One of the seeds, bytes that have no structure, changed a few times."""
    return _mutated_bytes(random, random.choice(seeds), random.choice((1, 1, 2, 4, 16)))
