"""Reading the items of a component's sections: instances, canonical definitions, exports and more.

Spec: Binary.md, in its order; types are read by `spindle.wasm.deftypes`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spindle.wasm.canonical import NO_OPTIONS, CanonBuiltin, CanonLift, CanonLower, CanonOptions
from spindle.wasm.core_types import read_core_valtype
from spindle.wasm.definitions import (
    Canon,
    CoreInlineExports,
    CoreInstantiate,
    Export,
    InlineExports,
    Instantiate,
    SortIndex,
    Start,
    ValueDef,
)
from spindle.wasm.deftypes import (
    read_core_sort,
    read_extern_name,
    read_extern_type,
    read_result_list,
    read_sort,
    read_valtype,
)
from spindle.wasm.reader import Reader

# Instances.


def read_core_instance(reader: Reader) -> CoreInstantiate | CoreInlineExports:
    """A core instance."""
    start = reader.position
    match reader.byte():
        case 0x00:
            return CoreInstantiate(reader.u32(), reader.vector(read_core_arg))
        case 0x01:
            return CoreInlineExports(reader.vector(read_core_inline_export))
        case code:
            reader.fail(f"unknown core instance expression {code:#04x}", start)


def read_core_arg(reader: Reader) -> tuple[str, int]:
    """A module's import name and the core instance that provides it."""
    name = reader.name()
    reader.expect(0x12, "a core instance (0x12)")
    return name, reader.u32()


def read_core_inline_export(reader: Reader) -> tuple[str, SortIndex]:
    """A name and a core definition."""
    return reader.name(), SortIndex(read_core_sort(reader), reader.u32())


def read_instance(reader: Reader) -> Instantiate | InlineExports:
    """An instance."""
    start = reader.position
    match reader.byte():
        case 0x00:
            return Instantiate(reader.u32(), reader.vector(read_arg))
        case 0x01:
            return read_inline_exports(reader)
        case code:
            reader.fail(f"unknown instance expression {code:#04x}", start)


def read_sort_index(reader: Reader) -> SortIndex:
    """A definition, by sort and index."""
    return SortIndex(read_sort(reader), reader.u32())


def read_arg(reader: Reader) -> tuple[str, SortIndex]:
    """A component's import name and the definition that provides it."""
    return reader.name(), read_sort_index(reader)


def read_inline_exports(reader: Reader) -> InlineExports:
    """An instance's exports."""
    exports = []
    attributes = []
    for _ in range(reader.count()):
        name, of_name = read_extern_name(reader)
        exports.append((name, read_sort_index(reader)))
        attributes.append(of_name)
    return InlineExports(tuple(exports), tuple(attributes))


# Canonical definitions.


def read_canon(reader: Reader) -> Canon:
    """A canonical definition."""
    start = reader.position
    code = reader.byte()
    if code == 0x00:
        reader.expect(0x00, "0x00 after `canon lift`")
        return CanonLift(reader.u32(), read_options(reader), reader.u32())
    if code == 0x01:
        reader.expect(0x00, "0x00 after `canon lower`")
        return CanonLower(reader.u32(), read_options(reader))
    if code not in BUILTINS:
        reader.fail(f"unknown canonical definition {code:#04x}", start)
    name, immediates = BUILTINS[code]
    return CanonBuiltin(name, **{key: read(reader) for key, read in immediates.items()})


OPTIONS: dict[int, tuple[str, str, Callable[[Reader], Any]]] = {
    0x00: ("string_encoding", "utf8", lambda _: "utf8"),
    0x01: ("string_encoding", "utf16", lambda _: "utf16"),
    0x02: ("string_encoding", "latin1+utf16", lambda _: "latin1+utf16"),
    0x03: ("memory", "memory", Reader.u32),
    0x04: ("realloc", "realloc", Reader.u32),
    0x05: ("post_return", "post-return", Reader.u32),
    0x06: ("is_async", "async", lambda _: True),
    0x07: ("callback", "callback", Reader.u32),
}
"""Opcode to the field of `CanonOptions`, the option's name and the reader of its immediate."""


def read_options(reader: Reader) -> CanonOptions:
    """A vector of options, no two of one kind."""
    count = reader.count()
    if count == 0:
        return NO_OPTIONS
    found: dict[str, Any] = {}
    for _ in range(count):
        start = reader.position
        code = reader.byte()
        if code not in OPTIONS:
            reader.fail(f"unknown canonical option {code:#04x}", start)
        field, name, read = OPTIONS[code]
        if field in found:
            kind = "string encoding" if field == "string_encoding" else f"`{name}`"
            reader.fail(f"canonical option {kind} is specified more than once", start)
        found[field] = read(reader)
    return CanonOptions(**found)


def read_async(reader: Reader) -> CanonOptions:
    """The flag `async?`, as options."""
    return CanonOptions(is_async=True) if reader.flag() else NO_OPTIONS


def read_memory_option(reader: Reader) -> CanonOptions:
    """A lone memory index, as options."""
    return CanonOptions(memory=reader.u32())


TYPE: dict[str, Callable[[Reader], Any]] = {"type": Reader.u32}
OPTS: dict[str, Callable[[Reader], Any]] = {"options": read_options}
ASYNC: dict[str, Callable[[Reader], Any]] = {"options": read_async}
CANCEL: dict[str, Callable[[Reader], Any]] = {"cancellable": Reader.flag}
SHARED: dict[str, Callable[[Reader], Any]] = {"shared": Reader.flag}
SLOT: dict[str, Callable[[Reader], Any]] = {"valtype": read_core_valtype, "slot": Reader.u32}
WAIT = CANCEL | {"options": read_memory_option}
CORE_TYPE: dict[str, Callable[[Reader], Any]] = {"core_type": Reader.u32}
TABLE: dict[str, Callable[[Reader], Any]] = CORE_TYPE | {"table": Reader.u32}

BUILTINS: dict[int, tuple[str, dict[str, Callable[[Reader], Any]]]] = {
    0x02: ("resource.new", TYPE),
    0x03: ("resource.drop", TYPE),
    0x04: ("resource.rep", TYPE),
    0x24: ("backpressure.inc", {}),
    0x25: ("backpressure.dec", {}),
    0x09: ("task.return", {"result": read_result_list} | OPTS),
    0x05: ("task.cancel", {}),
    0x0A: ("context.get", SLOT),
    0x0B: ("context.set", SLOT),
    0x06: ("subtask.cancel", ASYNC),
    0x0D: ("subtask.drop", {}),
    0x0E: ("stream.new", TYPE),
    0x0F: ("stream.read", TYPE | OPTS),
    0x10: ("stream.write", TYPE | OPTS),
    0x11: ("stream.cancel-read", TYPE | ASYNC),
    0x12: ("stream.cancel-write", TYPE | ASYNC),
    0x13: ("stream.drop-readable", TYPE),
    0x14: ("stream.drop-writable", TYPE),
    0x15: ("future.new", TYPE),
    0x16: ("future.read", TYPE | OPTS),
    0x17: ("future.write", TYPE | OPTS),
    0x18: ("future.cancel-read", TYPE | ASYNC),
    0x19: ("future.cancel-write", TYPE | ASYNC),
    0x1A: ("future.drop-readable", TYPE),
    0x1B: ("future.drop-writable", TYPE),
    0x1C: ("error-context.new", OPTS),
    0x1D: ("error-context.debug-message", OPTS),
    0x1E: ("error-context.drop", {}),
    0x1F: ("waitable-set.new", {}),
    0x20: ("waitable-set.wait", WAIT),
    0x21: ("waitable-set.poll", WAIT),
    0x22: ("waitable-set.drop", {}),
    0x23: ("waitable.join", {}),
    0x26: ("thread.index", {}),
    0x27: ("thread.new-indirect", TABLE),
    0x28: ("thread.resume-later", {}),
    0x29: ("thread.suspend", CANCEL),
    0x0C: ("thread.yield", CANCEL),
    0x2A: ("thread.suspend-then-resume", CANCEL),
    0x2B: ("thread.yield-then-resume", CANCEL),
    0x2C: ("thread.suspend-then-promote", CANCEL),
    0x2D: ("thread.yield-then-promote", CANCEL),
    0x40: ("thread.spawn-ref", SHARED | CORE_TYPE),
    0x41: ("thread.spawn-indirect", SHARED | TABLE),
    0x42: ("thread.available-parallelism", SHARED),
}
"""Opcode to the name of a built-in and the readers of its immediates, in order."""


# Start, exports, values.


def read_start(reader: Reader) -> Start:
    """A start definition."""
    return Start(reader.u32(), reader.vector(Reader.u32), reader.u32())


def read_export(reader: Reader) -> Export:
    """An export."""
    name, attributes = read_extern_name(reader)
    target = read_sort_index(reader)
    return Export(name, target, reader.optional(read_extern_type), attributes)


def read_value(reader: Reader) -> ValueDef:
    """A value's type and encoded bytes."""
    valtype = read_valtype(reader)
    encoded = reader.section()
    return ValueDef(valtype, encoded.position, encoded.end)
