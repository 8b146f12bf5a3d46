"""Worlds that components are compared with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from spindle.errors import ComponentError
from spindle.targets.definition import TargetError, WorldRef
from spindle.wasm.types import ExternType


class World(NamedTuple):
    """What may be imported and what must be exported; types are None where only names are known."""

    name: str
    imports: Mapping[str, ExternType | None]
    exports: Mapping[str, ExternType | None]


def world_in(ref: WorldRef, data: bytes, where: str) -> World:
    """The world of a reference in a WIT package made binary; raises `TargetError`."""
    # Here, for few applications have targets.
    from spindle.wasm.wit_binary import read_wit

    try:
        wit = read_wit(data)
    except ComponentError as error:
        raise TargetError(f"{where} is no WIT package in binary form: {error}") from None
    for world in wit.worlds:
        if world.name == ref.name.interface:
            return World(ref.world, world.imports, world.exports)
    raise no_such_world(ref, [world.name for world in wit.worlds], where)


def no_such_world(ref: WorldRef, known: list[str], where: str) -> TargetError:
    """That a package has no world of a name."""
    listed = ", ".join(f"`{name}`" for name in known[:10]) or "none"
    return TargetError(
        f"{where} has no world `{ref.name.interface}`", hints=(f"its worlds are: {listed}",)
    )
