"""Reading core types: value, function, limits, and extern types.

Spec: WebAssembly core specification, binary format, types (3.0, with exceptions, GC, threads and
custom page sizes, as far as a reader needs to step over them).
"""

from __future__ import annotations

from spindle.wasm.reader import Reader
from spindle.wasm.types import (
    CoreFuncType,
    CoreGlobalType,
    CoreMemoryType,
    CoreTableType,
    CoreValType,
    Limits,
    OpaqueCoreType,
)

NUMERIC = {0x7F: "i32", 0x7E: "i64", 0x7D: "f32", 0x7C: "f64", 0x7B: "v128"}
HEAP = {
    0x74: "noexn",
    0x73: "nofunc",
    0x72: "noextern",
    0x71: "none",
    0x70: "func",
    0x6F: "extern",
    0x6E: "any",
    0x6D: "eq",
    0x6C: "i31",
    0x6B: "struct",
    0x6A: "array",
    0x69: "exn",
    0x68: "cont",
    0x75: "nocont",
}
NULLABLE = {code: f"(ref null {name})" for code, name in HEAP.items()}
PACKED = {0x78: "i8", 0x77: "i16"}

REC, SUB, SUB_FINAL = 0x4E, 0x50, 0x4F
FUNC, STRUCT, ARRAY, CONT, SHARED = 0x60, 0x5F, 0x5E, 0x5D, 0x65


def read_core_valtype(reader: Reader) -> CoreValType:
    """A number, vector or reference type."""
    code = reader.byte()
    found = NUMERIC.get(code) or NULLABLE.get(code)
    if found is not None:
        return found
    if code == 0x64:
        return f"(ref {read_heap_type(reader)})"
    if code == 0x63:
        return f"(ref null {read_heap_type(reader)})"
    reader.fail(f"unknown core value type {code:#04x}", reader.position - 1)


def read_heap_type(reader: Reader) -> str:
    """An abstract heap type's name, or a type index."""
    if reader.peek() == SHARED:
        reader.byte()
        return f"(shared {read_heap_type(reader)})"
    start = reader.position
    code = reader.signed(33)
    if code >= 0:
        return str(code)
    name = HEAP.get(code & 0x7F) if code >= -64 else None
    if name is None:
        reader.fail("unknown heap type", start)
    return name


def read_rec_type(reader: Reader) -> tuple[CoreFuncType | OpaqueCoreType, ...]:
    """The one or more types of a recursive group."""
    if reader.peek() == REC:
        reader.byte()
        return reader.vector(read_sub_type)
    return (read_sub_type(reader),)


def read_sub_type(reader: Reader) -> CoreFuncType | OpaqueCoreType:
    """A composite type, its supertypes dropped."""
    if reader.peek() in (SUB, SUB_FINAL):
        reader.byte()
        reader.vector(Reader.u32)
    return read_comp_type(reader)


def read_comp_type(reader: Reader) -> CoreFuncType | OpaqueCoreType:
    """A function type, or the text of any other composite type."""
    start = reader.position
    match reader.byte():
        case 0x60:
            return read_core_functype(reader)
        case 0x5F:
            return OpaqueCoreType(f"(struct {' '.join(reader.vector(read_field_type))})")
        case 0x5E:
            return OpaqueCoreType(f"(array {read_field_type(reader)})")
        case 0x5D:
            return OpaqueCoreType(f"(cont {read_heap_type(reader)})")
        case 0x65:
            inner = read_comp_type(reader)
            return inner if isinstance(inner, CoreFuncType) else OpaqueCoreType(f"shared {inner}")
        case code:
            reader.fail(f"unknown core type {code:#04x}", start)


def read_core_functype(reader: Reader) -> CoreFuncType:
    """Parameters and results, after the opcode."""
    return CoreFuncType(reader.vector(read_core_valtype), reader.vector(read_core_valtype))


def read_field_type(reader: Reader) -> str:
    """A struct's or array's field, as text."""
    packed = PACKED.get(reader.peek())
    if packed is not None:
        reader.byte()
    storage = packed or read_core_valtype(reader)
    return f"(mut {storage})" if reader.flag() else storage


def read_table_type(reader: Reader) -> CoreTableType:
    """An element type and limits."""
    return CoreTableType(read_core_valtype(reader), read_limits(reader, reader.byte()))


def read_memory_type(reader: Reader) -> CoreMemoryType:
    """Limits, with a page size if the flags announce one."""
    flags = reader.byte()
    limits = read_limits(reader, flags & ~0x08, allow_shared=True)
    return CoreMemoryType(limits, reader.u32()) if flags & 0x08 else CoreMemoryType(limits)


def read_limits(reader: Reader, flags: int, *, allow_shared: bool = False) -> Limits:
    """A minimum and perhaps a maximum, as flags say."""
    if flags > 0x07 or (flags & 0x02 and not allow_shared):
        reader.fail(f"malformed limits flags {flags:#04x}", reader.position - 1)
    bits = 64 if flags & 0x04 else 32
    minimum = reader.unsigned(bits)
    maximum = reader.unsigned(bits) if flags & 0x01 else None
    return Limits(minimum, maximum, shared=bool(flags & 0x02), is_64=bits == 64)


def read_global_type(reader: Reader) -> CoreGlobalType:
    """A value type and its mutability."""
    valtype = read_core_valtype(reader)
    flags = reader.byte()
    if flags & ~0x03:
        reader.fail(f"malformed mutability {flags:#04x}", reader.position - 1)
    return CoreGlobalType(valtype, bool(flags & 0x01))


def read_tag_type(reader: Reader) -> int:
    """The index of a tag's function type."""
    reader.expect(0x00, "an exception tag (0x00)")
    return reader.u32()
