"""What a definition is called in a message."""

from __future__ import annotations

from spindle.wasm.canonical import CanonBuiltin, CanonLift, CanonLower
from spindle.wasm.definitions import (
    AliasCoreExport,
    AliasExport,
    AliasOuter,
    Component,
    CoreInlineExports,
    CoreInstantiate,
    CoreTypeDef,
    Definition,
    Export,
    ImportDecl,
    InlineExports,
    Instantiate,
    ModuleTypeDef,
    Start,
    TypeDef,
    ValueDef,
)


def describe(definition: Definition) -> str:
    """What a definition is, for a message."""
    match definition:
        case ImportDecl(name):
            return f"import `{name}`"
        case Export(name):
            return f"export `{name}`"
        case AliasExport(_, _, name) | AliasCoreExport(_, _, name):
            return f"alias of export `{name}`"
        case CanonBuiltin(name):
            return f"canon {name}"
    return DESCRIPTIONS[type(definition)]


DESCRIPTIONS: dict[type, str] = {
    Component: "nested component",
    CoreInstantiate: "core instance",
    CoreInlineExports: "core instance",
    Instantiate: "instance",
    InlineExports: "instance",
    AliasOuter: "outer alias",
    TypeDef: "type",
    CoreTypeDef: "core type",
    ModuleTypeDef: "core type",
    CanonLift: "canon lift",
    CanonLower: "canon lower",
    Start: "start",
    ValueDef: "value",
}
