"""Worlds and packages as JSON: what is imported, exported and defined, with types as WIT text."""

from __future__ import annotations

from collections.abc import Mapping

from spindle.wasm.names import PlainName, parse_extern_name
from spindle.wasm.spelling import Names, spell, spell_out
from spindle.wasm.subtyping import bound_type, kind_name
from spindle.wasm.types import (
    ComponentType,
    DefType,
    ExternType,
    FuncType,
    InstanceType,
    ResourceType,
    SubResource,
    TypeEq,
)
from spindle.wasm.wit_binary import Wit

Json = dict[str, object]


def wit_to_json(wit: Wit) -> Json:
    """A package; worlds give their interfaces in full."""
    return {
        "package": wit.package,
        "interfaces": [
            interface
            for component_type in wit.interfaces
            for interface in _externs(component_type.exports)
        ],
        "worlds": [
            {
                "name": world.name,
                "imports": _externs(world.imports),
                "exports": _externs(world.exports),
            }
            for world in wit.worlds
        ],
    }


def _externs(externs: Mapping[str, ExternType]) -> list[Json]:
    names = Names()
    for name, extern in externs.items():
        if isinstance(extern, SubResource | TypeEq):
            names.add(bound_type(extern), name)
    return [_extern(name, extern, names) for name, extern in externs.items()]


def _extern(name: str, extern: ExternType, names: Names) -> Json:
    match extern:
        case InstanceType(exports):
            return {"name": name, "kind": "interface", "items": _externs(exports)}
        case FuncType():
            return {"name": name, **_func(name, extern, names)}
        case SubResource() | TypeEq():
            return {"name": name, "kind": "type", "type": _type(name, bound_type(extern), names)}
        case _:
            return {"name": name, "kind": kind_name(extern).partition(" ")[2]}


def _func(name: str, func: FuncType, names: Names) -> Json:
    parsed = parse_extern_name(name)
    of_resource: Json = {}
    if isinstance(parsed, PlainName) and parsed.kind is not None:
        of_resource = {"resource": parsed.resource, "function": parsed.kind}
    return {
        "kind": "func",
        **of_resource,
        "async": func.is_async,
        "params": [{"name": p.label, "type": spell(p.type, names)} for p in func.params],
        "result": None if func.result is None else spell(func.result, names),
    }


def _type(name: str, type_: DefType, names: Names) -> str:
    """What a name stands for: another name of the same interface, or what is behind it."""
    known = names.find(type_)
    if known is not None and known != name:
        return known
    match type_:
        case ResourceType():
            return "resource"
        case FuncType() | InstanceType() | ComponentType():
            return "unknown"
        case _:
            return spell_out(type_, names)
