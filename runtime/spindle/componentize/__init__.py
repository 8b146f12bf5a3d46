"""Core modules made components: what Spin does with a module that it is given as one.

Pure functions from bytes to bytes; no engine.
"""

from __future__ import annotations

from collections import defaultdict

from spindle.componentize.assembly import Assembly
from spindle.componentize.imports import ComponentizeError, ImportReader
from spindle.componentize.names import OWN, read_name
from spindle.componentize.recognition import check_bindgen, explain
from spindle.componentize.worlds import Wanted
from spindle.wasm.canonical import CanonBuiltin
from spindle.wasm.module_world import module_worlds
from spindle.wasm.modules import ModuleSummary, read_module
from spindle.wasm.types import CoreFuncType

__all__ = ["ComponentizeError", "component_around"]


def component_around(data: bytes) -> bytes:
    """The component around a core module, by the worlds that its bindings generator left in it."""
    summary = read_module(data)
    worlds = module_worlds(data, summary)
    check_bindgen(world.producers for world in worlds)
    if not worlds:
        raise explain(summary)
    wanted = Wanted([world.type for world in worlds], _used(summary))
    reader = ImportReader(wanted)
    imports = []
    for declared in summary.imports:
        if not isinstance(declared.type, CoreFuncType):
            raise ComponentizeError(
                f"the module imports `{declared.module}#{declared.name}`, which is no function",
                hints=("link it with the module that has it before it becomes a component",),
            )
        imports.append(reader.read(declared))
    exports = {export.name: export.type for export in summary.exports}
    return Assembly(data, exports, wanted, imports, worlds[0].string_encoding).write()


def _used(summary: ModuleSummary) -> dict[str, frozenset[str]]:
    """The functions that a module's imports are or are about, by interface."""
    used: dict[str, set[str]] = defaultdict(set)
    for declared in summary.imports:
        meaning = read_name(declared.name)
        if not isinstance(meaning, CanonBuiltin) and not declared.module.startswith(OWN):
            used[declared.module].add(meaning.name)
    return {module: frozenset(names) for module, names in used.items()}
