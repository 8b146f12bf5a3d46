"""The row of a DWARF line program that an address belongs to.

A line program may have a million rows, of which a stack needs ten: nothing is kept of the others.

Spec: DWARF 5, 6.2 Line number information.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

EXTENDED, COPY, ADVANCE_PC, ADVANCE_LINE, SET_FILE, SET_COLUMN = 0, 1, 2, 3, 4, 5
CONST_ADD_PC, FIXED_ADVANCE_PC = 8, 9
END_SEQUENCE, SET_ADDRESS = 1, 2

CHECK_EVERY = 4096
"""Instructions between two looks at the clock."""


class Row(NamedTuple):
    """A place in a source: a number in the program's files, a line and a column or 0."""

    file: int
    line: int
    column: int


class Header(NamedTuple):
    """What a line program's instructions mean."""

    min_inst_length: int
    line_base: int
    line_range: int
    opcode_base: int
    operand_counts: Sequence[int]
    """Of the standard opcodes, from 1 on."""

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> Header:
        """The header as `elftools` reads it."""
        return cls(
            fields["minimum_instruction_length"],
            fields["line_base"],
            max(1, fields["line_range"]),
            fields["opcode_base"],
            fields["standard_opcode_lengths"],
        )


def find_rows(
    program: bytes, header: Header, addresses: Sequence[int], check: Callable[[], None]
) -> dict[int, Row]:
    """The rows of those addresses that have one; `check` is called now and then and may raise."""
    wanted = sorted(set(addresses))
    found: dict[int, Row] = {}
    begun = (0, 0, 0, 0)
    for row in _rows(program, header, check):
        if begun[0]:  # what begins at 0 was dropped by a linker
            index = bisect_left(wanted, begun[0])
            while index < len(wanted) and wanted[index] < row[0]:
                found.setdefault(wanted[index], Row(*begun[1:]))
                index += 1
        begun = row if row[1] >= 0 else (0, 0, 0, 0)
    return found


def _rows(
    program: bytes, header: Header, check: Callable[[], None]
) -> Iterator[tuple[int, int, int, int]]:
    """Each address with the file, line and column that begin there; file -1 ends a sequence."""
    position, end, steps = 0, len(program), 0
    address, file, line, column = 0, 1, 1, 0
    opcode_base, line_range = header.opcode_base, header.line_range
    while position < end:
        steps += 1
        if not steps % CHECK_EVERY:
            check()
        opcode = program[position]
        position += 1
        if opcode >= opcode_base:
            opcode -= opcode_base
            address += opcode // line_range * header.min_inst_length
            line += header.line_base + opcode % line_range
            yield address, file, line, column
        elif opcode == EXTENDED:
            size, position = _uleb(program, position)
            body, position = program[position : position + size], position + size
            if body[:1] == bytes([END_SEQUENCE]):
                yield address, -1, 0, 0
                address, file, line, column = 0, 1, 1, 0
            elif body[:1] == bytes([SET_ADDRESS]):
                address = int.from_bytes(body[1:], "little")
        elif opcode == COPY:
            yield address, file, line, column
        elif opcode == ADVANCE_PC:
            advance, position = _uleb(program, position)
            address += advance * header.min_inst_length
        elif opcode == ADVANCE_LINE:
            advance, position = _sleb(program, position)
            line += advance
        elif opcode == SET_FILE:
            file, position = _uleb(program, position)
        elif opcode == SET_COLUMN:
            column, position = _uleb(program, position)
        elif opcode == CONST_ADD_PC:
            address += (255 - opcode_base) // line_range * header.min_inst_length
        elif opcode == FIXED_ADVANCE_PC:
            address += int.from_bytes(program[position : position + 2], "little")
            position += 2
        else:
            for _ in range(header.operand_counts[opcode - 1]):
                _, position = _uleb(program, position)


def _uleb(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 64:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, position
    raise ValueError("an integer is too long")


def _sleb(data: bytes, position: int) -> tuple[int, int]:
    value, after = _uleb(data, position)
    bits = 7 * (after - position)
    return (value - (1 << bits) if value >> (bits - 1) else value), after
