"""Whether a component can run where a world is what there is.

Names on one track stand for one another, as `wasi:io/poll@0.2.0` and `@0.2.6`; where a world's
types are known they must fit as well. Source: `wac-types`, `validate_target`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from spindle.targets.worlds import World
from spindle.wasm.names import track_of
from spindle.wasm.substitution import Binding, Substitution
from spindle.wasm.subtyping import Mismatch, check
from spindle.wasm.types import ExternType, FuncType

Externs = Mapping[str, ExternType | None]


class Misfit(NamedTuple):
    """Why a component doesn't fit a world."""

    world: str
    imports: tuple[str, ...]
    """That the world doesn't have."""
    exports: tuple[tuple[str, str], ...]
    """That the component lacks, each with what it is."""
    types: tuple[str, ...]
    """What is of another type."""

    @property
    def size(self) -> int:
        """How much it is."""
        return len(self.imports) + len(self.exports) + len(self.types)

    @property
    def text(self) -> str:
        """In Spin's words."""
        return "".join(self._paragraphs())

    def _paragraphs(self) -> Iterator[str]:
        exports = tuple(f"{name} ({kind})" for name, kind in self.exports)
        yield _listed(
            "The component requires the following imports, which the environment does not provide",
            self.imports,
        )
        yield _listed(
            "The environment requires the following exports, which the component does not provide",
            exports,
        )
        yield from (f"Found a type mismatch for {one}\n" for one in self.types)


def misfit(imports: Externs, exports: Externs, worlds: tuple[World, ...]) -> Misfit | None:
    """Why a component fits none of some worlds: of the one it comes nearest to."""
    found = [_against(imports, exports, world) for world in worlds]
    return (
        min(found, key=lambda one: one.size) if found and all(one.size for one in found) else None
    )


def _against(imports: Externs, exports: Externs, world: World) -> Misfit:
    theirs, given = _by_track(world.imports), _by_track(exports)
    binding: Binding = {}
    missing: list[str] = []
    lacking: list[tuple[str, str]] = []
    mismatches: list[str] = []
    for name, wanted in imports.items():
        if (track := track_of(name)) not in theirs:
            missing.append(name)
            continue
        mismatches += _mismatch(f"import {name}", theirs[track], wanted, binding)
    for name, declared in world.exports.items():
        if (track := track_of(name)) not in given:
            lacking.append((name, _kind(declared, name)))
            continue
        actual = given[track]
        if actual is not None:
            actual = Substitution(binding)(actual)
        mismatches += _mismatch(f"export {name}", actual, declared, binding)
    return Misfit(world.name, tuple(missing), tuple(lacking), tuple(mismatches))


def _mismatch(
    what: str, actual: ExternType | None, declared: ExternType | None, binding: Binding
) -> Iterator[str]:
    if actual is None or declared is None:
        return
    try:
        check(actual, declared, binding)
    except Mismatch as mismatch:
        yield f"{what}: {mismatch}"


def _by_track(externs: Externs) -> dict[str, ExternType | None]:
    return {track_of(name): extern for name, extern in externs.items()}


def _kind(extern: ExternType | None, name: str) -> str:
    return "func" if isinstance(extern, FuncType) or ":" not in name else "instance"


def _listed(head: str, items: tuple[str, ...]) -> str:
    return f"{head}:\n" + "".join(f"  - {item}\n" for item in items) if items else ""
