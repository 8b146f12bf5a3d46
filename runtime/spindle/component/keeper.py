"""A generated core module that remembers tables and globals of other modules and restores them.

It is instantiated behind all others, with their state as its imports. One call saves, one restores,
whatever there is to restore: host calls that read or write one global each would take as long as
making a new instance.

In text, for a global `$g` and a table `$t`, with `$g'` and `$t'` its own:

    (func (export "save")
      (global.set $g' (global.get $g))
      (drop (table.grow $t' (ref.null func) (table.size $t)))
      (table.copy $t' $t (i32.const 0) (i32.const 0) (table.size $t)))
    (func (export "restore") (result i32)
      (if (i32.ne (table.size $t) (table.size $t')) (then (return (i32.const 0))))
      (global.set $g (global.get $g'))
      (table.copy $t $t' (i32.const 0) (i32.const 0) (table.size $t))
      (i32.const 1))
"""

from __future__ import annotations

from collections.abc import Sequence

from spindle.component.plan_state import GLOBAL, NUMBERS, TABLE, leb, sized

_FUNCREF, _MUTABLE = b"\x70", b"\x01"
_ANY_SIZE = b"\x00\x00"
_ZEROS = {
    "i32": b"\x41\x00\x0b",
    "i64": b"\x42\x00\x0b",
    "f32": b"\x43" + bytes(4) + b"\x0b",
    "f64": b"\x44" + bytes(8) + b"\x0b",
    "v128": b"\xfd\x0c" + bytes(16) + b"\x0b",
}
_FROM_START = b"\x41\x00\x41\x00"


def keeper_binary(globals: Sequence[str], tables: int) -> bytes:
    """The module that imports mutable globals of these types, then so many tables of functions."""
    types = [bytes([NUMBERS[kind]]) + _MUTABLE for kind in globals]
    imports = [b"\0\0" + bytes([GLOBAL]) + kind for kind in types]
    imports += [b"\0\0" + bytes([TABLE]) + _FUNCREF + _ANY_SIZE] * tables
    own_globals = [kind + _ZEROS[name] for kind, name in zip(types, globals, strict=True)]
    sections = (
        (1, [b"\x60\0\0", b"\x60\0\x01\x7f"]),
        (2, imports),
        (3, [b"\0", b"\x01"]),
        (4, [_FUNCREF + _ANY_SIZE] * tables),
        (6, own_globals),
        (7, [b"\x04save\0\0", b"\x07restore\0\x01"]),
        (10, [_save(len(globals), tables), _restore(len(globals), tables)]),
    )
    return b"\0asm\x01\0\0\0" + b"".join(
        bytes([code]) + sized(leb(len(items)) + b"".join(items)) for code, items in sections
    )


def _save(globals: int, tables: int) -> bytes:
    code = b"".join(_move(i, globals + i) for i in range(globals))
    for i in range(tables):
        code += b"\xd0\x70" + _size(i) + b"\xfc\x0f" + leb(tables + i) + b"\x1a"
        code += _copy(i, tables + i)
    return sized(b"\0" + code + b"\x0b")


def _restore(globals: int, tables: int) -> bytes:
    code = b""
    for i in range(tables):
        code += _size(i) + _size(tables + i) + b"\x47\x04\x40\x41\x00\x0f\x0b"
    code += b"".join(_move(globals + i, i) for i in range(globals))
    code += b"".join(_copy(tables + i, i) for i in range(tables))
    return sized(b"\0" + code + b"\x41\x01\x0b")


def _move(source: int, target: int) -> bytes:
    return b"\x23" + leb(source) + b"\x24" + leb(target)


def _size(table: int) -> bytes:
    return b"\xfc\x10" + leb(table)


def _copy(source: int, target: int) -> bytes:
    return _FROM_START + _size(source) + b"\xfc\x0e" + leb(target) + leb(source)
