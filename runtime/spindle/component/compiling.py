"""Compiling a component's core modules: well or in haste, for itself alone or for later builds."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from spindle.component import core
from spindle.component.contents import emptied
from spindle.component.plan_state import expose
from spindle.errors import ComponentError

if TYPE_CHECKING:
    from spindle.component.component import Compiler
    from spindle.component.plan import ModulePlan

LARGE = 1 << 20
"""Bytes from which on a module takes long to compile."""


class Bare(NamedTuple):
    """A module without its contents, which may have been compiled for another build."""

    digest: str
    wasm: bytes
    contents: core.Contents


class Sources:
    """The bytes of core modules, which are read and taken apart once however often they are used.

    `data` gives the bytes that they are parts of.
    """

    def __init__(self, data: Callable[[], bytes]) -> None:
        self._data = functools.cache(data)
        self._bare: dict[str, Bare | None] = {}

    def wasm(self, module: ModulePlan) -> bytes | memoryview:
        """A module; raises `ComponentError` if it is not there any more."""
        wasm = memoryview(self._data())[module.start : module.end]
        if hashlib.sha256(wasm).hexdigest() != module.digest:
            raise ComponentError("the component's file changed while it was being loaded")
        return expose(wasm, module.exposed)

    def bare(self, module: ModulePlan) -> Bare | None:
        """A large module without its contents, if its instances can't tell the difference."""
        if module.end - module.start < LARGE:
            return None
        if module.key not in self._bare:
            parts = emptied(memoryview(self.wasm(module)), module.memories)
            self._bare[module.key] = parts and Bare(
                hashlib.sha256(parts.wasm).hexdigest(), parts.wasm, parts.contents
            )
        return self._bare[module.key]


def compile_soonest(
    modules: Sequence[ModulePlan],
    compiler: Compiler,
    in_haste: Compiler | None,
    data: Callable[[], bytes],
    *,
    bare: bool = False,
) -> tuple[Compiler, list[core.Module]]:
    """Core modules, and the compiler that has them soonest; `data` is what they are parts of.

    It is `compiler` unless `in_haste` is sooner. For `bare` see `compile_modules`.
    """
    sources = Sources(data)
    if in_haste is None or all(compiler.modules.has(module.key) for module in modules):
        return compiler, compile_modules(compiler, modules, sources, bare=bare)
    if all(_is_there(compiler, module, sources) for module in modules):
        return compiler, compile_modules(compiler, modules, sources, bare=True)
    # A quick compiler lacks features, tail calls among them.
    with suppress(ComponentError):
        return in_haste, compile_modules(in_haste, modules, sources, bare=True)
    return compiler, compile_modules(compiler, modules, sources, bare=bare)


def _is_there(compiler: Compiler, module: ModulePlan, sources: Sources) -> bool:
    """Whether a module is compiled, at least without its contents."""
    if compiler.modules.has(module.key):
        return True
    bare = sources.bare(module)
    return bare is not None and compiler.modules.has(bare.digest)


def compile_modules(
    compiler: Compiler, modules: Sequence[ModulePlan], sources: Sources, *, bare: bool = False
) -> list[core.Module]:
    """Core modules, compiled unless they are already.

    With `bare`, large ones that are not are compiled without their contents, so that later builds
    with the same code need no compiling. Their instances begin later, for they share no pages of
    contents. Raises `ComponentError` for what is not valid.
    """
    made = compiler.modules

    def compiled(module: ModulePlan) -> core.Module:
        without = None if not bare or made.has(module.key) else sources.bare(module)
        try:
            if without is None:
                return made.module(module.key, lambda: sources.wasm(module))
            return made.module(without.digest, lambda: without.wasm).filled(without.contents)
        except core.CoreError as error:
            problem = f"the core module at offset {module.start:#x} is not valid: {error}"
            raise ComponentError(problem) from None

    return [compiled(module) for module in modules]
