"""Strings in a guest's memory, in its encoding.

How often and with what sizes a guest's `realloc` is called depends on the encoding a string comes
from; so a string lifted from UTF-16 or Latin-1 is a `GuestString` that remembers it. All others
count as UTF-8.

Spec: CanonicalABI.md#loading (`load_string`), CanonicalABI.md#storing (`store_string`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindle.component.trap import Trap
from spindle.component.values import ValueTypeError

if TYPE_CHECKING:
    from spindle.component.canon.context import LiftLowerContext

MAX_STRING_BYTE_LENGTH = (1 << 28) - 1
UNCHARGED = 256
"""Bytes of a string or a `list<u8>` that what is charged for the list around it covers."""

_WHAT = "a string"


class GuestString(str):
    """A string whose source is not UTF-8; a string like any other to everyone else."""

    __slots__ = ("code_units", "encoding")

    encoding: str
    """`utf16`, or `latin1` or `tagged-utf16` for the two forms of `latin1+utf16`."""
    code_units: int


def utf16_tag(ptr_type: str) -> int:
    """The bit of a `latin1+utf16` length that says UTF-16."""
    return 1 << 31 if ptr_type == "i32" else 1 << 63


# Lifting.


def load_string_from_range(cx: LiftLowerContext, ptr: int, tagged_code_units: int) -> str:
    """The string at a pointer and length the guest gave."""
    opts = cx.opts
    if opts.string_encoding != "utf8":
        return _load_other(cx, ptr, tagged_code_units)
    view = opts.memory.view  # type: ignore[union-attr]  # validated
    end = ptr + tagged_code_units
    if end > len(view) or tagged_code_units > MAX_STRING_BYTE_LENGTH:
        _check_string(cx, ptr, 1, tagged_code_units)
        view = cx.view
    if tagged_code_units > UNCHARGED and cx.room is not None:
        cx.charge(tagged_code_units)
    try:
        return view[ptr:end].tobytes().decode()
    except UnicodeDecodeError as error:
        raise _not_encoded(error) from None


def _load_other(cx: LiftLowerContext, ptr: int, tagged_code_units: int) -> str:
    encoding, code_units = _source(cx, tagged_code_units)
    byte_length = code_units if encoding == "latin1" else 2 * code_units
    _check_string(cx, ptr, 2, byte_length)
    if cx.room is not None:
        cx.charge(byte_length)
    data = cx.view[ptr : ptr + byte_length]
    try:
        value = GuestString(data, "latin-1" if encoding == "latin1" else "utf-16-le")
    except UnicodeDecodeError as error:
        raise _not_encoded(error) from None
    value.encoding = encoding
    value.code_units = code_units
    return value


def _source(cx: LiftLowerContext, tagged_code_units: int) -> tuple[str, int]:
    """The encoding of a string that is not UTF-8, and its length without the tag."""
    if cx.opts.string_encoding == "utf16":
        return "utf16", tagged_code_units
    tag = utf16_tag(cx.opts.ptr_type)
    if tagged_code_units & tag:
        return "tagged-utf16", tagged_code_units ^ tag
    return "latin1", tagged_code_units


def _check_string(cx: LiftLowerContext, ptr: int, alignment: int, byte_length: int) -> None:
    if byte_length > MAX_STRING_BYTE_LENGTH:
        raise Trap(f"the guest gave a string of {byte_length} bytes, more than a string may have")
    cx.check(ptr, alignment, byte_length, _WHAT)


def _not_encoded(error: UnicodeDecodeError) -> Trap:
    encoding = {"utf-8": "UTF-8"}.get(error.encoding, "UTF-16")
    return Trap(f"the guest gave a string that is not {encoding}, at byte {error.start}")


# Lowering.


def store_string_into_range(cx: LiftLowerContext, value: str) -> tuple[int, int]:
    """Write a string into memory the guest allocates; gives pointer and (tagged) length."""
    opts = cx.opts
    if opts.string_encoding == "utf8" and value.__class__ is not GuestString:
        data = value.encode()
        size = len(data)
        if size > MAX_STRING_BYTE_LENGTH:
            raise _too_long(size)
        ptr = cx.allocate(1, size)
        opts.memory.view[ptr : ptr + size] = data  # type: ignore[union-attr]  # validated
        return ptr, size
    return _store_other(cx, value)


def store_string(cx: LiftLowerContext, value: str, ptr: int) -> None:
    """Write a string, and its pointer and length to a pointer the guest gave."""
    pointer = 4 if cx.opts.ptr_type == "i32" else 8
    cx.check(ptr, pointer, 2 * pointer, "a pointer to a string")
    begin, length = store_string_into_range(cx, value)
    cx.view[ptr : ptr + 2 * pointer] = begin.to_bytes(pointer, "little") + length.to_bytes(
        pointer, "little"
    )


def _store_other(cx: LiftLowerContext, value: str) -> tuple[int, int]:
    if value.__class__ is GuestString:
        source, code_units = value.encoding, value.code_units
    else:
        source, code_units = "utf8", len(value.encode())
    if code_units > MAX_STRING_BYTE_LENGTH:
        raise _too_long(code_units)
    match cx.opts.string_encoding, source:
        case "utf8", _:
            worst_case_size = code_units * (2 if source == "latin1" else 3)
            return _store_string_to_utf8(cx, value, code_units, worst_case_size)
        case "utf16", "utf8":
            return _store_utf8_to_utf16(cx, value, code_units)
        case "utf16", _:
            return _store_copy(cx, value.encode("utf-16-le"), code_units)
        case _, "latin1":
            return _store_copy(cx, value.encode("latin-1"), code_units)
        case _, "tagged-utf16":
            return _store_probably_utf16_to_latin1_or_utf16(cx, value, code_units)
        case _:
            return _store_string_to_latin1_or_utf16(cx, value, code_units)


def _store_copy(cx: LiftLowerContext, encoded: bytes, code_units: int) -> tuple[int, int]:
    ptr = cx.allocate(2, len(encoded))
    _write(cx, ptr, encoded)
    return ptr, code_units


def _store_string_to_utf8(
    cx: LiftLowerContext, value: str, code_units: int, worst_case_size: int
) -> tuple[int, int]:
    """Hope for ASCII; else grow to the worst case, then shrink to fit."""
    ptr = cx.allocate(1, code_units)
    encoded = value.encode()
    ascii_length = _prefix_below(value, 1 << 7)
    _write(cx, ptr, encoded[:ascii_length])
    if ascii_length == len(value):
        return ptr, code_units
    ptr = cx.reallocate(ptr, code_units, 1, worst_case_size)
    _write(cx, ptr + ascii_length, encoded[ascii_length:])
    if worst_case_size > len(encoded):
        ptr = cx.reallocate(ptr, worst_case_size, 1, len(encoded))
    return ptr, len(encoded)


def _store_utf8_to_utf16(cx: LiftLowerContext, value: str, code_units: int) -> tuple[int, int]:
    """Allocate for the worst case, then shrink to fit."""
    worst_case_size = 2 * code_units
    ptr = cx.allocate(2, worst_case_size)
    encoded = value.encode("utf-16-le")
    _write(cx, ptr, encoded)
    if len(encoded) < worst_case_size:
        ptr = cx.reallocate(ptr, worst_case_size, 2, len(encoded))
    return ptr, len(encoded) // 2


def _store_string_to_latin1_or_utf16(
    cx: LiftLowerContext, value: str, code_units: int
) -> tuple[int, int]:
    """Hope for Latin-1; else grow, widen what is there, and go on in UTF-16."""
    ptr = cx.allocate(2, code_units)
    latin1_length = _prefix_below(value, 1 << 8)
    _write(cx, ptr, value[:latin1_length].encode("latin-1"))
    if latin1_length == len(value):
        if latin1_length < code_units:
            ptr = cx.reallocate(ptr, code_units, 2, latin1_length)
        return ptr, latin1_length
    worst_case_size = 2 * code_units
    ptr = cx.reallocate(ptr, code_units, 2, worst_case_size)
    widened = bytearray(2 * latin1_length)
    widened[::2] = cx.view[ptr : ptr + latin1_length]
    _write(cx, ptr, widened)
    encoded = value.encode("utf-16-le")
    _write(cx, ptr + len(widened), encoded[len(widened) :])
    if worst_case_size > len(encoded):
        ptr = cx.reallocate(ptr, worst_case_size, 2, len(encoded))
    return ptr, len(encoded) // 2 | utf16_tag(cx.opts.ptr_type)


def _store_probably_utf16_to_latin1_or_utf16(
    cx: LiftLowerContext, value: str, code_units: int
) -> tuple[int, int]:
    """Copy UTF-16; should it all be Latin-1, narrow it and shrink to fit."""
    encoded = value.encode("utf-16-le")
    ptr = cx.allocate(2, len(encoded))
    _write(cx, ptr, encoded)
    if _prefix_below(value, 1 << 8) < len(value):
        return ptr, code_units | utf16_tag(cx.opts.ptr_type)
    _write(cx, ptr, encoded[::2])
    ptr = cx.reallocate(ptr, len(encoded), 1, code_units)
    return ptr, code_units


def _write(cx: LiftLowerContext, ptr: int, data: bytes | bytearray) -> None:
    cx.view[ptr : ptr + len(data)] = data


def _prefix_below(value: str, limit: int) -> int:
    """How many leading characters are below a code point."""
    return next((i for i, c in enumerate(value) if ord(c) >= limit), len(value))


def _too_long(size: int) -> ValueTypeError:
    return ValueTypeError(
        f"expected string, got one of {size} bytes, more than the {MAX_STRING_BYTE_LENGTH} allowed"
    )
