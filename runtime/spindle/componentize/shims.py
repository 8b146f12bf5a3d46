"""Two small core modules, by which a module is given functions that need its memory.

Functions that use a module's memory cannot be made before the module is there, and it cannot be
made without its imports. So it imports functions of a first module, the *shim*, which call through
a table; once the module is there, a second module fills that table, and calls the function that
the module wants to be initialized by.

Spec: WebAssembly core specification, binary format, modules.
"""

from __future__ import annotations

from collections.abc import Sequence

from spindle.composition.bits import name, section_head, signed, unsigned, vector
from spindle.wasm.types import CoreFuncType

TABLE = "$imports"
START = "$start"
_MODULE = b"\0asm\x01\0\0\0"
_VALTYPES = {"i32": b"\x7f", "i64": b"\x7e", "f32": b"\x7d", "f64": b"\x7c"}
_FUNC, _TABLE = b"\x00", b"\x01"
_END = b"\x0b"


def shim(types: Sequence[CoreFuncType]) -> bytes:
    """Exports a function for each type, by its number, and the table they call through."""
    exports = [name(str(n)) + _FUNC + unsigned(n) for n in range(len(types))]
    return _module(
        (1, vector(map(_functype, types))),
        (3, vector(unsigned(n) for n in range(len(types)))),
        (4, vector([_table(len(types))])),
        (7, vector([*exports, name(TABLE) + _TABLE + b"\x00"])),
        (10, vector(_call_indirect(n, len(type.params)) for n, type in enumerate(types))),
    )


def filler(
    imported: Sequence[tuple[str, str]], types: Sequence[CoreFuncType], start: bool
) -> bytes:
    """Imports functions of these types by two names each, and the table, which it puts them into.

    With `start` it imports one more, without parameters, and calls it in the end.
    """
    names = [*imported, ("", START)] if start else imported
    funcs = [*types, CoreFuncType((), ())] if start else types
    imports = [name(a) + name(b) + _FUNC + unsigned(n) for n, (a, b) in enumerate(names)]
    table = name("") + name(TABLE) + _TABLE + _table(len(types))
    elements = b"\x00\x41\x00" + _END + vector(unsigned(n) for n in range(len(types)))
    return _module(
        (1, vector(map(_functype, funcs))),
        (2, vector([*imports, table])),
        *([(8, unsigned(len(types)))] if start else []),
        (9, vector([elements])),
    )


def _module(*sections: tuple[int, bytes]) -> bytes:
    return _MODULE + b"".join(section_head(code, len(body)) + body for code, body in sections)


def _functype(type: CoreFuncType) -> bytes:
    return (
        b"\x60"
        + vector(_VALTYPES[t] for t in type.params)
        + vector(_VALTYPES[t] for t in type.results)
    )


def _table(size: int) -> bytes:
    return b"\x70\x01" + unsigned(size) + unsigned(size)


def _call_indirect(number: int, params: int) -> bytes:
    pushed = b"".join(b"\x20" + unsigned(n) for n in range(params))
    index = b"\x41" + signed(number)
    code = vector([]) + pushed + index + b"\x11" + unsigned(number) + b"\x00" + _END
    return unsigned(len(code)) + code
