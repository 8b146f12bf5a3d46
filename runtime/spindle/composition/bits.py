"""Integers, names, vectors and sections as bytes.

Spec: WebAssembly core specification, binary format, conventions and values.
"""

from __future__ import annotations

from collections.abc import Iterable


def unsigned(value: int) -> bytes:
    """An unsigned LEB128 integer."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def signed(value: int) -> bytes:
    """A signed LEB128 integer."""
    out = bytearray()
    while not -0x40 <= value < 0x40:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value & 0x7F])


def name(text: str) -> bytes:
    """A UTF-8 string with its length before it."""
    encoded = text.encode()
    return unsigned(len(encoded)) + encoded


def vector(items: Iterable[bytes]) -> bytes:
    """A length and that many items."""
    encoded = list(items)
    return unsigned(len(encoded)) + b"".join(encoded)


def section_head(code: int, size: int) -> bytes:
    """What stands before the bytes of a section."""
    return bytes([code]) + unsigned(size)
