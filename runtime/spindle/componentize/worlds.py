"""The worlds of a core module made one, without what the module doesn't use.

Of each interface the module imports, its types stay and the functions that are called; interfaces
whose types others need stay for those. Imports of compatible versions become one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from spindle.componentize.names import ROOT
from spindle.composition.merging import RootImport, RootImports
from spindle.composition.part import Part
from spindle.wasm.names import track_of
from spindle.wasm.substitution import Substitution, free_resources, introduced
from spindle.wasm.types import ComponentType, DefType, ExternType, FuncType, InstanceType, TypeEq
from spindle.wasm.visibility import NAMED

Used = Mapping[str, frozenset[str]]
"""For each imported interface, the functions that are called; `$root` for the world's own."""


class Wanted:
    """What a module imports and exports."""

    def __init__(self, worlds: Iterable[ComponentType], used: Used) -> None:
        self._imports = RootImports()
        parts = [Part("the module", b"", _pruned(world, used), {}) for world in worlds]
        for part in parts:
            for name in part.type.imports:
                self._imports.add(part, name)
        self.roots: list[RootImport] = self._imports.ordered()
        substitute = Substitution(self._imports.binding)
        self.exports: dict[str, ExternType] = {
            name: substitute(extern)
            for part in reversed(parts)
            for name, extern in part.type.exports.items()
        }

    def find(self, name: str) -> RootImport | None:
        """The import that serves one of the module's."""
        return self._imports.by_track.get(track_of(name))


def _pruned(world: ComponentType, used: Used) -> ComponentType:
    imports = {name: _with_used_functions(name, of, used) for name, of in world.imports.items()}
    needed = {name for name in imports if _is_called(name, used)}
    needed |= _naming(imports, world.exports.values())
    owners = {resource: name for name, of in imports.items() for resource in introduced(of)}
    pending: list[ExternType] = [*world.exports.values(), *(imports[name] for name in needed)]
    while pending:
        for resource in free_resources(pending.pop()):
            owner = owners.get(resource)
            if owner is not None and owner not in needed:
                needed.add(owner)
                pending.append(imports[owner])
    return world._replace(imports={name: of for name, of in imports.items() if name in needed})


def _is_called(name: str, used: Used) -> bool:
    return name in used or name in used.get(ROOT, ())


def _with_used_functions(name: str, extern: ExternType, used: Used) -> ExternType:
    if not isinstance(extern, InstanceType):
        return extern
    called = used.get(name, frozenset())
    exports = {
        text: of
        for text, of in extern.exports.items()
        if not isinstance(of, FuncType) or text in called
    }
    return extern._replace(exports=exports)


def _naming(imports: Mapping[str, ExternType], externs: Iterable[ExternType]) -> set[str]:
    """The imports that name types which some externs use by those names."""
    types = {id(of): of for extern in externs for of in _named_in(extern)}
    return {
        name
        for name, extern in imports.items()
        if any(of == other for of in _named_in(extern) for other in types.values())
    }


def _named_in(extern: ExternType) -> list[DefType]:
    exports = extern.exports.values() if isinstance(extern, InstanceType) else [extern]
    return [of.type for of in exports if isinstance(of, TypeEq) and type(of.type) in NAMED]
