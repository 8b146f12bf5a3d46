"""A component's world as a tree of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from spindle.text import printable
from spindle.typed.exports import names_of
from spindle.wasm.names import PlainName, is_resource_function, parse_extern_name
from spindle.wasm.spelling import Names, spell_func, spell_out
from spindle.wasm.types import (
    EnumType,
    ExternType,
    FlagsType,
    FuncType,
    InstanceType,
    RecordType,
    ResourceType,
    SubResource,
    TypeEq,
    VariantType,
)

Tree: TypeAlias = "Sequence[tuple[str, Tree]]"
"""Lines, each with what is below it."""


def world_tree(
    imports: Mapping[str, ExternType], exports: Mapping[str, ExternType]
) -> list[tuple[str, Tree]]:
    """What a component exports, and by name what it imports."""
    tree = list(members(exports))
    if imports:
        tree.append(("imports", [(printable(name), ()) for name in imports]))
    return tree


def members(externs: Mapping[str, ExternType]) -> Iterator[tuple[str, Tree]]:
    """The functions and types of a world or interface."""
    names = names_of(externs)
    for label, extern in externs.items():
        if isinstance(extern, InstanceType):
            yield printable(label), list(members(extern.exports))
        elif isinstance(extern, FuncType):
            if not is_resource_function(label):
                yield printable(f"{label}: {spell_func(extern, names)}"), ()
        elif isinstance(extern, SubResource):
            yield printable(f"resource {label}"), list(_methods(label, externs, names))
        elif isinstance(extern, TypeEq):
            yield printable(_type_line(label, extern, names)), ()


def _methods(
    resource: str, externs: Mapping[str, ExternType], names: Names
) -> Iterator[tuple[str, Tree]]:
    """The functions that belong to a resource."""
    for label, extern in externs.items():
        name = parse_extern_name(label)
        if not isinstance(name, PlainName) or name.resource != resource:
            continue
        assert isinstance(extern, FuncType)
        params = extern.params[1:] if name.kind == "method" else extern.params
        spelled = spell_func(extern._replace(params=params), names)
        if name.kind == "constructor":
            yield printable(f"constructor{spelled.removeprefix('func').partition(' ->')[0]}"), ()
        else:
            static = "static " if name.kind == "static" else ""
            yield printable(f"{name.label}: {static}{spelled}"), ()


def _type_line(label: str, extern: TypeEq, names: Names) -> str:
    t = extern.type
    if isinstance(t, RecordType | VariantType | EnumType | FlagsType):
        kind, _, body = spell_out(t, names).partition(" ")
        return f"{kind} {label} {body}"
    return f"resource {label}" if isinstance(t, ResourceType) else f"type {label}"


def drawn(title: str, tree: Iterable[tuple[str, Tree]]) -> str:
    """A tree with lines between its parts."""
    return "\n".join([title, *_lines(list(tree), "")])


def _lines(tree: Sequence[tuple[str, Tree]], indent: str) -> Iterator[str]:
    for number, (line, below) in enumerate(tree, 1):
        is_last = number == len(tree)
        yield f"{indent}{'└─ ' if is_last else '├─ '}{line}"
        yield from _lines(below, indent + ("   " if is_last else "│  "))
