"""Core modules that the host generates: what only core code can do, or does sooner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

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
    exports = [_name("fill") + b"\0\1"]
    return _module((1, types), (2, imports), (3, [b"\1"]), (7, exports), (10, [_sized(code)]))


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
        code += b"\x10" + _leb(2 * number) + b"\x04" + _signed(plain + 3)
        code += b"\x1a" * len(results) + b"\x41\0\x11\0\0\x10" + _leb(2 * number + 1)
        if results:
            code += b"\x05"
        bodies.append(_sized(code + b"\x0b\x0b"))
    exports.append(_name("t") + b"\x01\0")
    table = b"\x70\0\x01"
    return _module(
        (1, types), (2, imports), (3, functions), (4, [table]), (7, exports), (10, bodies)
    )


class AdapterType(NamedTuple):
    """A core function that calls another, of another type, and has it cleaned up after perhaps."""

    outer: CoreType
    inner: CoreType
    cleans: bool


def adapter_binary(kinds: Sequence[AdapterType]) -> bytes:
    """The core module whose n-th export calls the function in slot 2n of its table `t`.

    In text, with `enter`, `leave` and `done` being trampolines, and slot 2n+1 taking the results
    once more where the callee is cleaned up after:
    `(enter args…) (call_indirect t 2n) (tee r) (leave) [(get r) (call_indirect t 2n+1) (done)]`.
    """
    types: list[bytes] = []
    imports: list[bytes] = []
    functions, bodies = [], []
    for number, (outer, inner, cleans) in enumerate(kinds):
        plain = len(types)
        types += [
            _type_bytes(outer),
            _type_bytes(CoreType(outer.params, inner.params)),
            _type_bytes(inner),
            _type_bytes(CoreType(inner.results, outer.results)),
            _type_bytes(CoreType(inner.results, ())),
            _type_bytes(CoreType((), ())),
        ]
        first = len(imports)
        for name, kind in (("e", plain + 1), ("l", plain + 3), ("d", plain + 5))[: 2 + cleans]:
            imports.append(_name(name) + _name(str(number)) + b"\0" + _leb(kind))
        functions.append(_leb(plain))
        kept = len(outer.params)  # the local after the parameters
        code = _leb(len(inner.results)) + b"".join(
            b"\1" + bytes([_TYPE_CODES[result]]) for result in inner.results
        )
        code += b"".join(b"\x20" + _leb(i) for i in range(kept)) + b"\x10" + _leb(first)
        code += b"\x41" + _signed(2 * number) + b"\x11" + _leb(plain + 2) + b"\0"
        again = b""
        if inner.results:
            code += b"\x22" + _leb(kept)
            again = b"\x20" + _leb(kept)
        code += b"\x10" + _leb(first + 1)
        if cleans:
            code += again + b"\x41" + _signed(2 * number + 1) + b"\x11" + _leb(plain + 4) + b"\0"
            code += b"\x10" + _leb(first + 2)
        bodies.append(_sized(code + b"\x0b"))
    exports = [
        _name(str(number)) + b"\0" + _leb(len(imports) + number) for number in range(len(kinds))
    ]
    exports.append(_name("t") + b"\x01\0")
    table = b"\x70\0" + _leb(2 * len(kinds))
    return _module(
        (1, types), (2, imports), (3, functions), (4, [table]), (7, exports), (10, bodies)
    )


def _module(*sections: tuple[int, Sequence[bytes]]) -> bytes:
    """A core module of sections that are vectors."""
    return b"\0asm\x01\0\0\0" + b"".join(
        bytes([number]) + _sized(_leb(len(items)) + b"".join(items)) for number, items in sections
    )


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


def _signed(value: int) -> bytes:
    """A number, such as a block's type index, where a signed one is read: its sign bit is clear."""
    encoded = _leb(value)
    last = encoded[-1]
    return encoded if last < 0x40 else encoded[:-1] + bytes((last | 0x80, 0))


def _sized(data: bytes) -> bytes:
    return _leb(len(data)) + data


def _name(text: str) -> bytes:
    return _sized(text.encode())
