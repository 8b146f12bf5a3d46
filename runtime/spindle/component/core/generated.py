"""Core modules that the host generates: what only core code can do, or does sooner."""

from __future__ import annotations

from collections.abc import Sequence

from spindle.component.core.types import CoreType

FILLER_TYPE = CoreType(("i32", "i32", "i32"), ())
"""at, count, alignment: a block for each of the pairs (pointer, length) in memory."""


def filler_binary() -> bytes:
    """The core module whose `fill` calls the imported `realloc` for each of several pairs.

    In text: `(loop (if count (store at (realloc 0 0 alignment (load offset=4 at)))
    (set at (add at 8)) (set count (sub count 1)) (br loop)))`.
    """
    types = [_type_bytes(CoreType(("i32",) * 4, ("i32",))), _type_bytes(FILLER_TYPE)]
    imports = [_name("") + _name("realloc") + b"\0\0", _name("") + _name("memory") + b"\2\0\0"]
    code = (
        b"\0\x03\x40\x20\1\x04\x40"  # no locals, loop, get count, if
        b"\x20\0\x41\0\x41\0\x20\2\x20\0\x28\2\4\x10\0\x36\2\0"  # store
        b"\x20\0\x41\x08\x6a\x21\0\x20\1\x41\1\x6b\x21\1\x0c\1\x0b\x0b\x0b"
    )
    return b"\0asm\x01\0\0\0" + b"".join(
        bytes([number]) + _sized(_leb(len(items)) + b"".join(items))
        for number, items in (
            (1, types), (2, imports), (3, [b"\1"]), (7, [_name("fill") + b"\0\1"]),
            (10, [_sized(code)]),
        )
    )  # fmt: skip


def suspender_binary(core_types: Sequence[CoreType]) -> bytes:
    """The core module whose n-th export wraps a host function that may block.

    In text, with `start` and `finish` being trampolines and slot 0 of the table `t` the suspending
    function: `(start args…) if (drop) (call_indirect t 0) (finish) end`.
    """
    types: list[bytes] = [_type_bytes(CoreType((), ()))]
    imports, functions, exports, bodies = [], [], [], []
    for number, core_type in enumerate(core_types):
        plain, results = len(types), core_type.results
        types += [
            _type_bytes(core_type),
            _type_bytes(CoreType(core_type.params, (*results, "i32"))),
            _type_bytes(CoreType((), results)),
            _type_bytes(CoreType(results, results)),
        ]
        for name, kind in (("s", plain + 1), ("f", plain + 2)):
            imports.append(_name(name) + _name(str(number)) + b"\0" + _leb(kind))
        functions.append(_leb(plain))
        exports.append(_name(str(number)) + b"\0" + _leb(2 * len(core_types) + number))
        code = b"\0" + b"".join(b"\x20" + _leb(i) for i in range(len(core_type.params)))
        code += b"\x10" + _leb(2 * number) + b"\x04" + _block_type(plain + 3)
        code += b"\x1a" * len(results) + b"\x41\0\x11\0\0\x10" + _leb(2 * number + 1)
        if results:
            code += b"\x05"
        bodies.append(_sized(code + b"\x0b\x0b"))
    exports.append(_name("t") + b"\x01\0")
    return b"\0asm\x01\0\0\0" + b"".join(
        bytes([number]) + _sized(_leb(len(items)) + b"".join(items))
        for number, items in (
            (1, types), (2, imports), (3, functions), (4, [b"\x70\0\x01"]), (7, exports),
            (10, bodies),
        )
    )  # fmt: skip


_TYPE_CODES = {"i32": 0x7F, "i64": 0x7E, "f32": 0x7D, "f64": 0x7C}


def _type_bytes(core_type: CoreType) -> bytes:
    params, results = (
        _leb(len(types)) + bytes(_TYPE_CODES[t] for t in types)
        for types in (core_type.params, core_type.results)
    )
    return b"\x60" + params + results


def _leb(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def _block_type(index: int) -> bytes:
    """A type index where a signed number is read: its sign bit must stay clear."""
    encoded = _leb(index)
    last = encoded[-1]
    return encoded if last < 0x40 else encoded[:-1] + bytes((last | 0x80, 0))


def _sized(data: bytes) -> bytes:
    return _leb(len(data)) + data


def _name(text: str) -> bytes:
    return _sized(text.encode())
