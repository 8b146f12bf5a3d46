"""Core modules that a component contains and nobody instantiates: they must be valid all the same.

Those that are instantiated are validated when they are compiled.

Spec: Binary.md#core-definitions.
"""

from __future__ import annotations

from collections.abc import Iterator

from spindle.component import core
from spindle.component.plan import Plan
from spindle.wasm.declarations import check_import_names
from spindle.wasm.definitions import Component, CoreModule
from spindle.wasm.modules import read_module
from spindle.wasm.problems import ValidationError


def check_idle_modules(engine: core.Engine, component: Component, plan: Plan, data: bytes) -> None:
    """Raise `ValidationError` if one is not valid."""
    used = {module.start for module in plan.modules}
    for module in core_modules(component):
        if module.start not in used:
            try:
                engine.validate(memoryview(data)[module.start : module.end])
            except core.CoreError as error:
                raise ValidationError(f"core module: {error}", module.start) from None
            check_import_names(read_module(data, module).imports)


def core_modules(component: Component) -> Iterator[CoreModule]:
    """The core modules of a component and of those in it."""
    for definition in component.definitions:
        if isinstance(definition, CoreModule):
            yield definition
        elif isinstance(definition, Component):
            yield from core_modules(definition)
