"""Encoders for the tests: text to binary, and integers and names by hand."""

from functools import cache

from wasmtime import wat2wasm


@cache
def encode(wat: str) -> bytes:
    """A component or core module in text form as a binary."""
    return bytes(wat2wasm(wat))


def unsigned(value: int, pad: int = 0) -> bytes:
    """Unsigned LEB128, with `pad` needless bytes."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    if not pad:
        return bytes([*out, value])
    return bytes([*out, value | 0x80, *[0x80] * (pad - 1), 0])


def signed(value: int) -> bytes:
    """Signed LEB128."""
    out = bytearray()
    while not -64 <= value < 64:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value & 0x7F])


PREAMBLE = b"\0asm\x0d\0\x01\0"


def component(*sections: tuple[int, bytes]) -> bytes:
    """A component of the given sections."""
    return PREAMBLE + b"".join(
        bytes([code]) + unsigned(len(body)) + body for code, body in sections
    )
