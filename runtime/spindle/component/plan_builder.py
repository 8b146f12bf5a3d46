"""What a planner writes down as it goes, and the plan that makes of it.

Slots are numbered as they are asked for, by whoever first needs them: of a core module's exports,
only those get one that are used.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from spindle.component.plan import (
    CoreInstantiation,
    ExportPlan,
    FuncPlan,
    GuestResource,
    HostResource,
    InstanceNumber,
    ModulePlan,
    OptionsPlan,
    Plan,
    Slot,
    TrampolinePlan,
)
from spindle.component.plan_builtins import check_import
from spindle.component.plan_state import START, cells_of, exposed_of, memories_of
from spindle.wasm.declarations import check_import_names
from spindle.wasm.decoder import Buffer
from spindle.wasm.definitions import CoreModule
from spindle.wasm.modules import ModuleSummary, read_module
from spindle.wasm.scopes import ValidationError
from spindle.wasm.types import CoreExternType, CoreFuncType
from spindle.wasm.validator import ResolvedComponent

T = TypeVar("T")


class CoreExports(dict[str, Slot]):
    """The exports of an instantiated core module; one gets its slot when it is first asked for."""

    def __init__(self, builder: PlanBuilder, module: Module) -> None:
        super().__init__()
        self._builder = builder
        self._module = module

    def __missing__(self, name: str) -> Slot:
        slot = self[name] = self._builder.slot(self._module.exports[name])  # KeyError: no export
        return slot


@dataclass(slots=True, eq=False)
class Module:
    """A core module that is instantiated at least once."""

    number: int
    summary: ModuleSummary
    exports: dict[str, CoreExternType]


class PlanBuilder:
    """The growing parts of a plan."""

    def __init__(self, data: Buffer, resolved: ResolvedComponent) -> None:
        self.data = data
        self._resolved = resolved
        self.slot_types: list[CoreExternType | None] = []
        """What each slot holds; None for a global whose type was not read."""
        self.host_resources: list[HostResource] = []
        self.guest_resources: list[GuestResource] = []
        self._instances: list[InstanceNumber | None] = []
        self._modules: dict[CoreModule, Module] = {}
        self._instantiations: list[tuple[CoreInstantiation, CoreExports]] = []
        self._trampolines: dict[Hashable, tuple[Slot, TrampolinePlan]] = {}
        self._options: dict[OptionsPlan, int] = {}
        self._interned: dict[Any, Any] = {}
        self._funcs: dict[int, tuple[FuncPlan, int]] = {}

    def slot(self, kind: CoreExternType | None) -> Slot:
        """A new slot."""
        self.slot_types.append(kind)
        return len(self.slot_types) - 1

    def instance(self, parent: InstanceNumber | None) -> InstanceNumber:
        """A new component instance."""
        self._instances.append(parent)
        return len(self._instances) - 1

    def _module(self, definition: CoreModule) -> Module:
        """A core module, read on first use."""
        known = self._modules.get(definition)
        if known is None:
            summary = read_module(self.data, definition)
            check_import_names(summary.imports)
            check_start(summary)
            exports = {export.name: export.type for export in summary.exports}
            known = self._modules[definition] = Module(len(self._modules), summary, exports)
        return known

    def instantiate(
        self, definition: CoreModule, inst: InstanceNumber, args: Mapping[str, Mapping[str, Slot]]
    ) -> CoreExports:
        """The exports of a new instance of a module."""
        module = self._module(definition)
        imports = tuple([argument(args, i.module, i.name) for i in module.summary.imports])
        for slot, item in zip(imports, module.summary.imports, strict=True):
            check_import(self.slot_types[slot], item)
        exports = CoreExports(self, module)
        start = None
        if module.summary.start is not None:
            start = exports[START] = self.slot(None)
        made = CoreInstantiation(module.number, inst, imports, (), start)
        self._instantiations.append((made, exports))
        return exports

    def _core_instantiations(self, modules: Sequence[ModulePlan]) -> Iterator[CoreInstantiation]:
        """What to instantiate; of several memories in all, each is needed to count them."""
        count = sum(len(modules[made.module].memories) for made, _ in self._instantiations)
        for made, exports in self._instantiations:
            memories = modules[made.module].memories if count > 1 else ()
            for cell in memories:
                if cell.name not in exports:
                    exports[cell.name] = self.slot(None)
            slots = tuple([exports[cell.name] for cell in memories])
            yield made._replace(exports=encode(exports), memories=slots)

    def options(self, options: OptionsPlan) -> int:
        """The number of canonical options."""
        return self._options.setdefault(options, len(self._options))

    def func(self, func: FuncPlan) -> int:
        """The number of a component function."""
        return self._funcs.setdefault(id(func), (func, len(self._funcs)))[1]

    def intern(self, value: T) -> T:
        """The first value equal to this one."""
        first: T = self._interned.setdefault(value, value)
        return first

    def trampoline(
        self, key: Hashable, trampoline: TrampolinePlan, core_type: CoreExternType
    ) -> Slot:
        """The slot of a lowered function or built-in; the same for what has the same key."""
        known = self._trampolines.get(key)
        if known is None:
            known = self._trampolines[key] = (self.slot(core_type), trampoline)
        return known[0]

    def finish(self, exports: Mapping[str, ExportPlan]) -> Plan:
        """The plan, given the root's exports."""
        with memoryview(self.data) as view:
            modules = tuple(
                [module_plan(view, at, module.summary) for at, module in self._modules.items()]
            )
        instantiations = tuple(self._core_instantiations(modules))
        return Plan(
            modules=modules,
            instances=tuple(self._instances),
            trampolines=tuple(self._trampolines.values()),
            slots=len(self.slot_types),
            core_instantiations=instantiations,
            options=tuple(self._options),
            funcs=tuple([func for func, _ in self._funcs.values()]),
            guest_resources=tuple(self.guest_resources),
            host_resources=tuple(self.host_resources),
            import_types=self._resolved.imports,
            export_types=self._resolved.exports,
            exports=exports,
        )


def module_plan(view: memoryview, definition: CoreModule, summary: ModuleSummary) -> ModulePlan:
    """A module's place, digest and state."""
    with view[definition.start : definition.end] as wasm:
        digest = hashlib.sha256(wasm).hexdigest()
    cells = cells_of(summary)
    exposed, memories = exposed_of(summary, cells), memories_of(summary)
    return ModulePlan(definition.start, definition.end, digest, cells, exposed, memories)


def check_start(summary: ModuleSummary) -> None:
    """Raise `ValidationError` unless a start function can be one: the engine is not told of it."""
    start = summary.start
    if start is None:
        return
    index = summary.funcs[start] if start < len(summary.funcs) else len(summary.types)
    kind = summary.types[index] if index < len(summary.types) else None
    if kind != CoreFuncType((), ()):
        raise ValidationError(f"core module: function {start} cannot be a start function")


def argument(args: Mapping[str, Mapping[str, Slot]], module: str, name: str) -> Slot:
    """What is passed for an import of a core module."""
    if module not in args:
        raise ValidationError(f"no core instance is given for import module `{module}`")
    try:
        return args[module][name]
    except KeyError:
        problem = f"the core instance given for `{module}` has no export `{name}`"
        raise ValidationError(problem) from None


def encode(exports: CoreExports) -> tuple[tuple[bytes, Slot], ...]:
    """Used exports, their names as the engine takes them."""
    return tuple([(name.encode(), slot) for name, slot in exports.items()])
