"""Reading WebAssembly binaries, core and component, without an engine.

`decode` gives a component as a tree, `resolve` gives the tree's index spaces and types meaning,
`render_wit` shows them. The tree's classes are in `spindle.wasm.definitions`, the resolved types
in `spindle.wasm.types`.
"""

from __future__ import annotations

from spindle.wasm.decoder import Buffer, Kind, decode, kind_of
from spindle.wasm.modules import ModuleSummary, read_module
from spindle.wasm.names import ExternName, InterfaceName, PlainName, parse_extern_name
from spindle.wasm.reader import DecodeError
from spindle.wasm.scopes import Scope, ValidationError
from spindle.wasm.spelling import Names, spell, spell_func
from spindle.wasm.validator import ResolvedComponent, resolve
from spindle.wasm.wit import render_wit

__all__ = [
    "Buffer",
    "DecodeError",
    "ExternName",
    "InterfaceName",
    "Kind",
    "ModuleSummary",
    "Names",
    "PlainName",
    "ResolvedComponent",
    "Scope",
    "ValidationError",
    "decode",
    "kind_of",
    "parse_extern_name",
    "read_module",
    "render_wit",
    "resolve",
    "spell",
    "spell_func",
]
