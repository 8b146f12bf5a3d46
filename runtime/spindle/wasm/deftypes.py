"""Reading component-level types, as written.

Spec: Binary.md#type-definitions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from spindle.wasm.core_types import (
    SUB,
    read_core_valtype,
    read_global_type,
    read_memory_type,
    read_rec_type,
    read_sub_type,
    read_table_type,
    read_tag_type,
)
from spindle.wasm.definitions import (
    NO_ATTRIBUTES,
    AliasCoreExport,
    AliasExport,
    AliasOuter,
    Attributes,
    BorrowDef,
    CaseDef,
    ComponentDecl,
    ComponentTypeDef,
    CoreExportItem,
    CoreExternDecl,
    CoreFuncDecl,
    CoreImportItem,
    CoreTagDecl,
    CoreTypeDef,
    CoreTypeItem,
    DefValType,
    EnumDef,
    ExportDecl,
    ExternDecl,
    ExternTypeRef,
    FlagsDef,
    FuncDef,
    FutureDef,
    ImportDecl,
    InstanceDecl,
    InstanceTypeDef,
    LabelValType,
    ListDef,
    MapDef,
    ModuleDecl,
    ModuleTypeDef,
    OptionDef,
    OwnDef,
    RecordDef,
    ResourceDef,
    ResultDef,
    Sort,
    StreamDef,
    SubResourceDecl,
    TupleDef,
    TypeDef,
    ValTypeRef,
    ValueEqDecl,
    VariantDef,
)
from spindle.wasm.reader import Reader
from spindle.wasm.types import PrimValType

T = TypeVar("T")

MAX_NESTING = 100
"""How deep types and components may nest."""

PRIMITIVES = {
    0x7F: PrimValType.BOOL,
    0x7E: PrimValType.S8,
    0x7D: PrimValType.U8,
    0x7C: PrimValType.S16,
    0x7B: PrimValType.U16,
    0x7A: PrimValType.S32,
    0x79: PrimValType.U32,
    0x78: PrimValType.S64,
    0x77: PrimValType.U64,
    0x76: PrimValType.F32,
    0x75: PrimValType.F64,
    0x74: PrimValType.CHAR,
    0x73: PrimValType.STRING,
    0x64: PrimValType.ERROR_CONTEXT,
}

CORE_SORTS = {
    0x00: Sort.CORE_FUNC,
    0x01: Sort.CORE_TABLE,
    0x02: Sort.CORE_MEMORY,
    0x03: Sort.CORE_GLOBAL,
    0x04: Sort.CORE_TAG,
    0x10: Sort.CORE_TYPE,
    0x11: Sort.CORE_MODULE,
    0x12: Sort.CORE_INSTANCE,
}

SORTS = {
    0x01: Sort.FUNC,
    0x02: Sort.VALUE,
    0x03: Sort.TYPE,
    0x04: Sort.COMPONENT,
    0x05: Sort.INSTANCE,
}


def read_core_sort(reader: Reader) -> Sort:
    """The sort of a core definition."""
    code = reader.byte()
    sort = CORE_SORTS.get(code)
    if sort is None:
        reader.fail(f"unknown core sort {code:#04x}", reader.position - 1)
    return sort


def read_sort(reader: Reader) -> Sort:
    """The sort of a definition, core or not."""
    code = reader.byte()
    if code == 0x00:
        return read_core_sort(reader)
    sort = SORTS.get(code)
    if sort is None:
        reader.fail(f"unknown sort {code:#04x}", reader.position - 1)
    return sort


# Value types.


def read_valtype(reader: Reader) -> ValTypeRef:
    """A primitive, or an index into the type space."""
    primitive = PRIMITIVES.get(reader.peek())
    if primitive is not None:
        reader.position += 1
        return primitive
    start = reader.position
    index = reader.signed(33)
    if index < 0:
        reader.fail(f"unknown value type {index & 0x7F:#04x}", start)
    return index


def read_optional_valtype(reader: Reader) -> ValTypeRef | None:
    """A value type or none."""
    return reader.optional(read_valtype)


def read_labelled(reader: Reader) -> LabelValType:
    """A label and a value type."""
    return LabelValType(reader.name(), read_valtype(reader))


def read_case(reader: Reader) -> CaseDef:
    """A variant's case, and the zero that ends it."""
    case = CaseDef(reader.name(), read_optional_valtype(reader))
    reader.expect(0x00, "0x00 after a variant case")
    return case


def read_resource(reader: Reader) -> ResourceDef:
    """A resource type's representation and destructor."""
    return ResourceDef(read_core_valtype(reader), reader.optional(Reader.u32))


def read_result_list(reader: Reader) -> ValTypeRef | None:
    """A function's result, or none."""
    start = reader.position
    match reader.byte():
        case 0x00:
            return read_valtype(reader)
        case 0x01:
            reader.expect(0x00, "an empty result list")
            return None
        case code:
            reader.fail(f"unknown result list {code:#04x}", start)


def read_func(reader: Reader, *, is_async: bool) -> FuncDef:
    """Parameters and a result, after the opcode."""
    return FuncDef(reader.vector(read_labelled), read_result_list(reader), is_async)


DEFVALTYPES: dict[int, Callable[[Reader], DefValType]] = {
    0x72: lambda r: RecordDef(r.vector(read_labelled)),
    0x71: lambda r: VariantDef(r.vector(read_case)),
    0x70: lambda r: ListDef(read_valtype(r)),
    0x67: lambda r: ListDef(read_valtype(r), r.u32()),
    0x6F: lambda r: TupleDef(r.vector(read_valtype)),
    0x6E: lambda r: FlagsDef(r.vector(Reader.name)),
    0x6D: lambda r: EnumDef(r.vector(Reader.name)),
    0x6B: lambda r: OptionDef(read_valtype(r)),
    0x6A: lambda r: ResultDef(read_optional_valtype(r), read_optional_valtype(r)),
    0x69: lambda r: OwnDef(r.u32()),
    0x68: lambda r: BorrowDef(r.u32()),
    0x66: lambda r: StreamDef(read_optional_valtype(r)),
    0x65: lambda r: FutureDef(read_optional_valtype(r)),
    0x63: lambda r: MapDef(read_valtype(r), read_valtype(r)),
}


def read_type(reader: Reader, depth: int = 0) -> TypeDef:
    """A definition of the type space; `depth` counts the scopes around it."""
    start = reader.position
    code = reader.byte()
    if (primitive := PRIMITIVES.get(code)) is not None:
        return TypeDef(primitive)
    if (read := DEFVALTYPES.get(code)) is not None:
        return TypeDef(read(reader))
    match code:
        case 0x40 | 0x43:
            return TypeDef(read_func(reader, is_async=code == 0x43))
        case 0x3F:
            return TypeDef(read_resource(reader))
        case 0x41:
            return TypeDef(ComponentTypeDef(read_declarations(reader, depth, read_component_decl)))
        case 0x42:
            return TypeDef(InstanceTypeDef(read_declarations(reader, depth, read_instance_decl)))
    reader.fail(f"unknown type {code:#04x}", start)


# Component and instance types.


def read_declarations(
    reader: Reader, depth: int, read: Callable[[Reader, int], tuple[T, ...]]
) -> tuple[T, ...]:
    """The declarations of a scope inside `depth` others."""
    if depth >= MAX_NESTING:
        reader.fail(f"types nest more than {MAX_NESTING} deep")
    return tuple([item for _ in range(reader.count()) for item in read(reader, depth + 1)])


def read_component_decl(reader: Reader, depth: int) -> tuple[ComponentDecl, ...]:
    """An import, or what an instance type may declare."""
    if reader.peek() == 0x03:
        reader.byte()
        return (read_import(reader),)
    return read_instance_decl(reader, depth)


def read_instance_decl(reader: Reader, depth: int) -> tuple[InstanceDecl, ...]:
    """A type, core type, alias or export; a group of core types is several declarations."""
    start = reader.position
    match reader.byte():
        case 0x00:
            return read_core_type(reader)
        case 0x01:
            return (read_type(reader, depth),)
        case 0x02:
            return (read_alias(reader),)
        case 0x04:
            name, attributes = read_extern_name(reader)
            return (ExportDecl(name, read_extern_type(reader), attributes),)
        case code:
            reader.fail(f"unknown declaration {code:#04x}", start)


def read_import(reader: Reader) -> ImportDecl:
    """An import's name and type."""
    name, attributes = read_extern_name(reader)
    return ImportDecl(name, read_extern_type(reader), attributes)


def read_extern_name(reader: Reader) -> tuple[str, Attributes]:
    """An import's or export's name and the attributes beside it."""
    start = reader.position
    match reader.byte():
        case 0x00 | 0x01:
            return reader.name(), NO_ATTRIBUTES
        case 0x02:
            return reader.name(), read_attributes(reader)
        case code:
            reader.fail(f"unknown kind of name {code:#04x}", start)


ATTRIBUTES = {0x00: "implements", 0x01: "version_suffix", 0x02: "external_id"}


def read_attributes(reader: Reader) -> Attributes:
    """A vector of attributes, each kind at most once."""
    found: dict[str, str] = {}
    for _ in range(reader.count()):
        start = reader.position
        code = reader.byte()
        kind = ATTRIBUTES.get(code)
        if kind is None:
            reader.fail(f"unknown name attribute {code:#04x}", start)
        if kind in found:
            reader.fail(f"a name has two `{kind.replace('_', '-')}` attributes", start)
        found[kind] = reader.name()
    return Attributes(**found)


def read_extern_type(reader: Reader) -> ExternTypeRef:
    """What an import or export is."""
    start = reader.position
    match reader.byte():
        case 0x00:
            reader.expect(0x11, "a core module (0x11)")
            return ExternDecl(Sort.CORE_MODULE, reader.u32())
        case 0x01:
            return ExternDecl(Sort.FUNC, reader.u32())
        case 0x02:
            if reader.flag():
                return ExternDecl(Sort.VALUE, read_valtype(reader))
            return ValueEqDecl(reader.u32())
        case 0x03:
            if reader.flag():
                return SubResourceDecl()
            return ExternDecl(Sort.TYPE, reader.u32())
        case 0x04:
            return ExternDecl(Sort.COMPONENT, reader.u32())
        case 0x05:
            return ExternDecl(Sort.INSTANCE, reader.u32())
        case code:
            reader.fail(f"unknown extern type {code:#04x}", start)


def read_alias(reader: Reader) -> AliasExport | AliasCoreExport | AliasOuter:
    """An alias of an instance's export or of an outer definition."""
    sort = read_sort(reader)
    start = reader.position
    match reader.byte():
        case 0x00:
            return AliasExport(sort, reader.u32(), reader.name())
        case 0x01:
            return AliasCoreExport(sort, reader.u32(), reader.name())
        case 0x02:
            return AliasOuter(sort, reader.u32(), reader.u32())
        case code:
            reader.fail(f"unknown alias target {code:#04x}", start)


# Core types, as a component holds them.


def read_core_type(reader: Reader) -> tuple[CoreTypeItem, ...]:
    """A core type definition; a recursive group is several."""
    match reader.peek():
        case 0x50:
            reader.byte()
            declarations = [d for _ in range(reader.count()) for d in read_module_decl(reader)]
            return (ModuleTypeDef(tuple(declarations)),)
        case 0x00:
            # Inside a component, a non-final `sub` has a zero before it: 0x50 is a module type.
            reader.byte()
            if reader.peek() != SUB:
                reader.fail("expected a subtype (0x50) after 0x00")
            return (CoreTypeDef(read_sub_type(reader)),)
    return tuple(map(CoreTypeDef, read_rec_type(reader)))


def read_module_decl(reader: Reader) -> tuple[ModuleDecl, ...]:
    """An import, type, alias or export of a module type."""
    start = reader.position
    match reader.byte():
        case 0x00:
            return (CoreImportItem(reader.name(), reader.name(), read_core_extern(reader)),)
        case 0x01:
            return tuple(map(CoreTypeDef, read_rec_type(reader)))
        case 0x02:
            reader.expect(0x10, "a core type (0x10)")
            reader.expect(0x01, "an outer alias (0x01)")
            return (AliasOuter(Sort.CORE_TYPE, reader.u32(), reader.u32()),)
        case 0x03:
            return (CoreExportItem(reader.name(), read_core_extern(reader)),)
        case code:
            reader.fail(f"unknown module type declaration {code:#04x}", start)


def read_core_extern(reader: Reader) -> CoreExternDecl:
    """The type of a core import or export."""
    start = reader.position
    match reader.byte():
        case 0x00 | 0x20:
            return CoreFuncDecl(reader.u32())
        case 0x01:
            return read_table_type(reader)
        case 0x02:
            return read_memory_type(reader)
        case 0x03:
            return read_global_type(reader)
        case 0x04:
            return CoreTagDecl(read_tag_type(reader))
        case code:
            reader.fail(f"unknown core extern type {code:#04x}", start)
