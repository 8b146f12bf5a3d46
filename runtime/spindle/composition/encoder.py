"""Definitions as bytes: what composing writes, each the inverse of the reader's function.

Core definitions are not among them: a composition has none of its own. Whoever writes others says
how (`Extra`).

Spec: Binary.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, NamedTuple, TypeAlias

from spindle.composition.bits import name, section_head, signed, unsigned, vector
from spindle.wasm.decoder import COMPONENT, MAGIC
from spindle.wasm.definitions import (
    NO_ATTRIBUTES,
    AliasExport,
    AliasOuter,
    Attributes,
    BorrowDef,
    ComponentTypeDef,
    EnumDef,
    Export,
    ExportDecl,
    ExternDecl,
    ExternTypeRef,
    FlagsDef,
    FuncDef,
    FutureDef,
    ImportDecl,
    Index,
    InstanceTypeDef,
    Instantiate,
    LabelValType,
    ListDef,
    MapDef,
    OptionDef,
    OwnDef,
    RecordDef,
    ResourceDef,
    ResultDef,
    Sort,
    SortIndex,
    StreamDef,
    SubResourceDecl,
    TupleDef,
    TypeDef,
    ValTypeRef,
    ValueEqDecl,
    VariantDef,
)
from spindle.wasm.deftypes import ATTRIBUTES, CORE_SORTS, PRIMITIVES, SORTS
from spindle.wasm.name_section import SORT as SORT_NAMES
from spindle.wasm.types import PrimValType


class Nested(NamedTuple):
    """A component by its bytes; appends to the component space."""

    data: bytes


class CoreNested(NamedTuple):
    """A core module by its bytes; appends to the core module space."""

    data: bytes


class Custom(NamedTuple):
    """A custom section."""

    name: str
    payload: bytes


Definition: TypeAlias = (
    TypeDef | ImportDecl | AliasExport | AliasOuter | Nested | Instantiate | Export | Custom
)
"""What a composition is made of."""


Encode: TypeAlias = Callable[[Any], bytes]
Extra: TypeAlias = Mapping[type, tuple[int, Encode]]
"""For kinds of definitions beyond those here, the section they are in and their bytes."""


def encode_component(definitions: Iterable[Any], extra: Extra = {}) -> Iterator[bytes]:  # noqa: B006  # never written to
    """The bytes of a component in pieces; those of nested components are not copied."""
    yield MAGIC + COMPONENT
    known = {**KINDS, **extra}
    for code, run in groupby(definitions, lambda definition: known[type(definition)][0]):
        for body in _bodies(list(run), known):
            yield section_head(code, sum(map(len, body)))
            yield from body


def _bodies(run: list[Any], known: Extra) -> Iterator[list[bytes]]:
    """The bodies of the sections that definitions of one kind are written in, in pieces."""
    if isinstance(run[0], Nested | CoreNested | Custom):
        yield from (list(_lone(definition)) for definition in run)
    else:
        yield [vector(known[type(definition)][1](definition) for definition in run)]


def _lone(definition: Nested | CoreNested | Custom) -> tuple[bytes, ...]:
    if isinstance(definition, Custom):
        return name(definition.name), definition.payload
    return (definition.data,)


# Names, sorts and extern types.


def sort(of: Sort) -> bytes:
    """A sort, core or not."""
    return SORT_CODES[of]


SORT_CODES = {of: bytes([code]) for code, of in SORTS.items()} | {
    of: bytes([0x00, code]) for code, of in CORE_SORTS.items()
}


def sort_index(target: SortIndex) -> bytes:
    """A definition, by sort and index."""
    return sort(target.sort) + unsigned(target.index)


def extern_name(text: str, attributes: Attributes) -> bytes:
    """An import's or export's name and its attributes."""
    if attributes == NO_ATTRIBUTES:
        return b"\x00" + name(text)
    given = [
        bytes([code]) + name(value)
        for code, field in ATTRIBUTES.items()
        if (value := getattr(attributes, field)) is not None
    ]
    return b"\x02" + name(text) + vector(given)


def extern_type(ref: ExternTypeRef) -> bytes:
    """What an import or export is."""
    match ref:
        case SubResourceDecl():
            return b"\x03\x01"
        case ValueEqDecl(value):
            return b"\x02\x00" + unsigned(value)
        case ExternDecl(Sort.VALUE, type):
            return b"\x02\x01" + valtype(type)
        case ExternDecl(of, int(index)):
            return EXTERN_CODES[of] + unsigned(index)
    raise AssertionError(ref)


EXTERN_CODES = {
    Sort.CORE_MODULE: b"\x00\x11",
    Sort.FUNC: b"\x01",
    Sort.TYPE: b"\x03\x00",
    Sort.COMPONENT: b"\x04",
    Sort.INSTANCE: b"\x05",
}


def sort_names(of: Sort, names: Mapping[Index, str]) -> bytes:
    """A part of a name section: what definitions of a sort are called, by index."""
    named = vector(unsigned(index) + name(text) for index, text in sorted(names.items()))
    body = sort(of) + named
    return section_head(SORT_NAMES, len(body)) + body


# Value types.


def valtype(ref: ValTypeRef) -> bytes:
    """A primitive, or an index into the type space."""
    return PRIMITIVE_CODES[ref] if isinstance(ref, PrimValType) else signed(ref)


PRIMITIVE_CODES = {of: bytes([code]) for code, of in PRIMITIVES.items()}


def optional(ref: ValTypeRef | None) -> bytes:
    """A value type or none."""
    return b"\x00" if ref is None else b"\x01" + valtype(ref)


def labelled(field: LabelValType) -> bytes:
    """A label and a value type."""
    return name(field.label) + valtype(field.type)


def _list(definition: ListDef) -> bytes:
    if definition.length is None:
        return b"\x70" + valtype(definition.element)
    return b"\x67" + valtype(definition.element) + unsigned(definition.length)


def _variant(definition: VariantDef) -> bytes:
    cases = (name(case.label) + optional(case.type) + b"\x00" for case in definition.cases)
    return b"\x71" + vector(cases)


def _func(definition: FuncDef) -> bytes:
    result = b"\x01\x00" if definition.result is None else b"\x00" + valtype(definition.result)
    code = b"\x43" if definition.is_async else b"\x40"
    return code + vector(map(labelled, definition.params)) + result


def _resource(definition: ResourceDef) -> bytes:
    assert definition.rep == "i32"
    dtor = b"\x00" if definition.dtor is None else b"\x01" + unsigned(definition.dtor)
    return b"\x3f\x7f" + dtor


def _declarations(definition: InstanceTypeDef | ComponentTypeDef) -> bytes:
    return vector(DECLARATIONS[type(d)] + ENCODE[type(d)](d) for d in definition.declarations)


DECLARATIONS: dict[type, bytes] = {
    TypeDef: b"\x01",
    AliasExport: b"\x02",
    AliasOuter: b"\x02",
    ImportDecl: b"\x03",
    ExportDecl: b"\x04",
}

TYPES: dict[type, Callable[[Any], bytes]] = {
    PrimValType: lambda d: PRIMITIVE_CODES[d],
    RecordDef: lambda d: b"\x72" + vector(map(labelled, d.fields)),
    VariantDef: _variant,
    ListDef: _list,
    TupleDef: lambda d: b"\x6f" + vector(map(valtype, d.types)),
    FlagsDef: lambda d: b"\x6e" + vector(map(name, d.labels)),
    EnumDef: lambda d: b"\x6d" + vector(map(name, d.labels)),
    OptionDef: lambda d: b"\x6b" + valtype(d.type),
    ResultDef: lambda d: b"\x6a" + optional(d.ok) + optional(d.error),
    OwnDef: lambda d: b"\x69" + unsigned(d.resource),
    BorrowDef: lambda d: b"\x68" + unsigned(d.resource),
    StreamDef: lambda d: b"\x66" + optional(d.element),
    FutureDef: lambda d: b"\x65" + optional(d.element),
    MapDef: lambda d: b"\x63" + valtype(d.key) + valtype(d.value),
    FuncDef: _func,
    ResourceDef: _resource,
    InstanceTypeDef: lambda d: b"\x42" + _declarations(d),
    ComponentTypeDef: lambda d: b"\x41" + _declarations(d),
}


# Definitions.


def _type(definition: TypeDef) -> bytes:
    return TYPES[type(definition.type)](definition.type)


def _extern(definition: ImportDecl | ExportDecl) -> bytes:
    return extern_name(definition.name, definition.attributes) + extern_type(definition.type)


def _alias_export(alias: AliasExport) -> bytes:
    return sort(alias.sort) + b"\x00" + unsigned(alias.instance) + name(alias.name)


def _alias_outer(alias: AliasOuter) -> bytes:
    return sort(alias.sort) + b"\x02" + unsigned(alias.count) + unsigned(alias.index)


def _instantiate(definition: Instantiate) -> bytes:
    args = (name(text) + sort_index(target) for text, target in definition.args)
    return b"\x00" + unsigned(definition.component) + vector(args)


def _export(definition: Export) -> bytes:
    ascribed = b"\x00" if definition.type is None else b"\x01" + extern_type(definition.type)
    named = extern_name(definition.name, definition.attributes)
    return named + sort_index(definition.target) + ascribed


ENCODE: dict[type, Callable[[Any], bytes]] = {
    TypeDef: _type,
    ImportDecl: _extern,
    ExportDecl: _extern,
    AliasExport: _alias_export,
    AliasOuter: _alias_outer,
    Instantiate: _instantiate,
    Export: _export,
}

SECTIONS: dict[type, int] = {
    Instantiate: 5,
    AliasExport: 6,
    AliasOuter: 6,
    TypeDef: 7,
    ImportDecl: 10,
    Export: 11,
}

KINDS: Extra = {
    **{kind: (code, ENCODE[kind]) for kind, code in SECTIONS.items()},
    Custom: (0, lambda d: d.payload),
    CoreNested: (1, lambda d: d.data),
    Nested: (4, lambda d: d.data),
}
