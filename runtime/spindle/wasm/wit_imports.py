"""WIT for who is to import what other components export."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from spindle.wasm.spelling import Names
from spindle.wasm.types import ExternType, FuncType, SubResource, TypeEq
from spindle.wasm.wit import Printer, block, nested_packages, text_of
from spindle.wasm.wit_binary import ROOT_PACKAGE, ROOT_WORLD
from spindle.wasm.wit_docs import NO_DOCS


class Exporter(NamedTuple):
    """A component, and what of it is wanted."""

    imports: Mapping[str, ExternType]
    """Its own, of which its exports may use types."""
    exports: Mapping[str, ExternType]
    wanted: Mapping[str, str]
    """Which export is to be imported under which name."""


def render_imports(exporters: Iterable[Exporter]) -> str:
    """A world that imports all that is wanted, with the packages it speaks of."""
    printer = Printer(ROOT_PACKAGE)
    names = Names()
    lines: list[str] = []
    seen: set[str] = set()
    for exporter in exporters:
        printer.interfaces(exporter.imports)
        new = {name: extern for name, extern in _world(exporter).items() if name not in seen}
        seen |= new.keys()
        lines += printer.items("import", new, names, NO_DOCS)
        # What is wanted may use types of what isn't.
        known = {*exporter.wanted.values()}
        printer.interfaces({k: v for k, v in exporter.exports.items() if k not in known})
    world = block(f"world {ROOT_WORLD}", lines)
    packages = nested_packages(printer.reachable())
    return text_of([f"package {ROOT_PACKAGE};", "", *world, *packages])


def _world(exporter: Exporter) -> dict[str, ExternType]:
    """What is imported, with the types of the world if a function may take them."""
    wanted = {new: exporter.exports[old] for new, old in exporter.wanted.items()}
    if not any(isinstance(extern, FuncType) for extern in wanted.values()):
        return wanted
    both = {**exporter.imports, **exporter.exports}
    types = {name: e for name, e in both.items() if isinstance(e, SubResource | TypeEq)}
    return {**types, **wanted}
