"""Core modules made components: what Spin does with a module that it is given as one.

Pure functions from bytes to bytes; no engine.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from spindle.componentize.assembly import Assembly
from spindle.componentize.imports import ComponentizeError, ImportReader
from spindle.componentize.names import OWN, read_name
from spindle.componentize.recognition import check_bindgen, explain
from spindle.componentize.spin1 import RENAMED, as_now, is_spin1, spin1_world
from spindle.componentize.worlds import Wanted
from spindle.wasm.canonical import CanonBuiltin, StringEncoding
from spindle.wasm.module_world import module_worlds
from spindle.wasm.modules import ModuleSummary, read_module
from spindle.wasm.types import ComponentType, CoreFuncType, CoreImportDecl

__all__ = ["ComponentizeError", "component_around"]


def component_around(data: bytes) -> bytes:
    """The component around a core module, by the worlds that its bindings generator left in it.

    Raises `ComponentizeError`, `DecodeError` and `ValidationError`.
    """
    summary = read_module(data)
    worlds = module_worlds(data, summary)
    check_bindgen(world.producers for world in worlds)
    if worlds:
        types = [world.type for world in worlds]
        return _assemble(data, summary, summary.imports, types, worlds[0].string_encoding)
    if is_spin1(export.name for export in summary.exports):
        imports = [as_now(declared) for declared in summary.imports]
        return _assemble(data, summary, imports, [spin1_world(summary)], "utf8", RENAMED)
    raise explain(summary)


def _assemble(
    data: bytes,
    summary: ModuleSummary,
    imports: Sequence[CoreImportDecl],
    worlds: Iterable[ComponentType],
    encoding: StringEncoding,
    renamed: Mapping[str, str] = {},  # never written to
) -> bytes:
    """The component around a module whose imports, and exports, mean these."""
    wanted = Wanted(worlds, _used(imports))
    reader = ImportReader(wanted)
    read = [
        reader.read(_function(meant))._replace(declared=declared)
        for meant, declared in zip(imports, summary.imports, strict=True)
    ]
    exports = {export.name: export.type for export in summary.exports}
    return Assembly(data, exports, wanted, read, encoding, renamed).write()


def _function(declared: CoreImportDecl) -> CoreImportDecl:
    if isinstance(declared.type, CoreFuncType):
        return declared
    raise ComponentizeError(
        f"the module imports `{declared.module}#{declared.name}`, which is no function",
        hints=("link it with the module that has it before it becomes a component",),
    )


def _used(imports: Iterable[CoreImportDecl]) -> dict[str, frozenset[str]]:
    """The functions that imports are or are about, by interface."""
    used: dict[str, set[str]] = defaultdict(set)
    for declared in imports:
        meaning = read_name(declared.name)
        if not isinstance(meaning, CanonBuiltin) and not declared.module.startswith(OWN):
            used[declared.module].add(meaning.name)
    return {module: frozenset(names) for module, names in used.items()}
