"""What it takes to instantiate a component, worked out once: nothing is left to look up.

Everything that can be computed before there is an instance is here: nested components, instances,
aliases and inline exports have disappeared. What remains is a list of core modules to instantiate
in order, tables of the functions between and around them, and the exports.

A *slot* is a number in the instance's one list of core externs. Trampolines (lowered functions and
built-ins) fill theirs before anything is instantiated; each core instantiation then fills the
slots of those of its exports that someone uses. An operand may therefore name a slot that is
filled later, and is looked up when it is first needed.

A plan is data: immutable, and pickled into the plan cache. What there are hundreds of is a named
tuple rather than a dataclass, which takes several times as long to unpickle.

Spec: Explainer.md#instance-definitions, #canonical-definitions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

from spindle.component.plan_state import Cell
from spindle.wasm.canonical import CanonBuiltin, StringEncoding
from spindle.wasm.types import CoreFuncType, ExternType, FuncType, ResourceType

Slot: TypeAlias = int
"""A number in the list of an instance's core externs."""

InstanceNumber: TypeAlias = int
"""A number in `Plan.instances`."""
ROOT: InstanceNumber = 0


class ModulePlan(NamedTuple):
    """A core module: file bytes `start` to `end`, and their SHA-256 in hexadecimal."""

    start: int
    end: int
    digest: str
    cells: tuple[Cell, ...] | None = ()
    """What can change in its instances; None if there is something nobody can restore."""
    exposed: tuple[Cell, ...] = ()
    """What it keeps to itself and is exported all the same."""
    memories: tuple[Cell, ...] = ()
    """Those it defines."""

    @property
    def key(self) -> str:
        """Tells what is compiled for it from anything else."""
        return self.digest + "".join(f"-{cell.kind}.{cell.number}" for cell in self.exposed)


class CoreInstantiation(NamedTuple):
    """Instantiate a module with slots, in the order of its imports; fill slots from its exports."""

    module: int
    inst: InstanceNumber
    imports: tuple[Slot, ...]
    exports: tuple[tuple[bytes, Slot], ...]
    start: Slot | None = None
    """The start function, to be called once the module is instantiated."""
    memories: tuple[Slot, ...] = ()
    """What it defines, if the component has more memories than this."""


class OptionsPlan(NamedTuple):
    """The canonical options of one or more definitions; one run-time object serves them all."""

    inst: InstanceNumber
    string_encoding: StringEncoding = "utf8"
    memory: Slot | None = None
    realloc: Slot | None = None
    post_return: Slot | None = None
    is_async: bool = False
    callback: Slot | None = None
    ptr_type: Literal["i32", "i64"] = "i32"
    """The core type of the memory's addresses."""


class ImportedFunc(NamedTuple):
    """A function the host provides; it is in an interface unless imported by itself."""

    interface: str | None
    name: str
    type: FuncType

    @property
    def label(self) -> str:
        """The import as people write it: `interface#function`."""
        return self.name if self.interface is None else f"{self.interface}#{self.name}"


class LiftedFunc(NamedTuple):
    """A core function made a component function by `canon lift`."""

    inst: InstanceNumber
    core_func: Slot
    type: FuncType
    options: int
    """A number in `Plan.options`."""


FuncPlan: TypeAlias = ImportedFunc | LiftedFunc


class Lowering(NamedTuple):
    """A component function made a core function by `canon lower`."""

    inst: InstanceNumber
    func: int
    """A number in `Plan.funcs`."""
    options: int
    core_type: CoreFuncType


class Builtin(NamedTuple):
    """Any other canonical definition, with its immediates resolved."""

    inst: InstanceNumber
    definition: CanonBuiltin
    """Without the immediates that are indices."""
    operands: Mapping[str, Any]
    """`resource`, `stream_type`, `future_type`, `result`, `core_type`; `table` is a slot."""
    options: int


TrampolinePlan: TypeAlias = Lowering | Builtin


class GuestResource(NamedTuple):
    """A resource type that a component instance implements."""

    type: ResourceType
    inst: InstanceNumber
    dtor: Slot | None


class HostResource(NamedTuple):
    """A resource type that an imported interface brings."""

    type: ResourceType
    interface: str | None
    name: str


class ExportedFunc(NamedTuple):
    """An export that is a function."""

    func: int
    type: FuncType


class ExportedInstance(NamedTuple):
    """An export that is an instance."""

    exports: Mapping[str, ExportPlan]


ExportPlan: TypeAlias = ExportedFunc | ExportedInstance


class Plan(NamedTuple):
    """A component, ready to be linked and instantiated any number of times."""

    modules: tuple[ModulePlan, ...]
    instances: tuple[InstanceNumber | None, ...]
    """The parent of each component instance; a parent comes before its children."""
    trampolines: tuple[tuple[Slot, TrampolinePlan], ...]
    slots: int
    """How many slots there are."""
    core_instantiations: tuple[CoreInstantiation, ...]
    options: tuple[OptionsPlan, ...]
    funcs: tuple[FuncPlan, ...]
    guest_resources: tuple[GuestResource, ...]
    host_resources: tuple[HostResource, ...]
    import_types: Mapping[str, ExternType]
    export_types: Mapping[str, ExternType]
    exports: Mapping[str, ExportPlan]
    """The exports that exist at run time: not the types."""
    misfits: Mapping[str, tuple[str, str, str]] = {}
    """Exports that a host would call by other types: a function, its type and the one it has."""
