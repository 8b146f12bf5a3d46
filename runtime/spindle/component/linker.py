"""A plan, compiled modules and a host's imports made into instances.

`Linked` holds what is the same for every instance: the host functions that the imports mean, and
which options a core instantiation completes. `Linked.instantiate` then follows the plan: component
instances, canonical options, functions and trampolines first, which refer to slots that are still
empty; then the core modules in order.

Spec: Explainer.md#instance-definitions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from spindle.component import core
from spindle.component.canon.builtins import builtin
from spindle.component.canon.lift import canon_lift
from spindle.component.canon.lower import canon_lower
from spindle.component.canon.options import CanonicalOptions, Realloc
from spindle.component.host import HostFuncInst, missing
from spindle.component.imports import Imports, nearest
from spindle.component.instance import DTOR_TYPE, ComponentInstance, Destructor
from spindle.component.link_errors import LinkError
from spindle.component.plan import (
    Builtin,
    CoreInstantiation,
    HostResource,
    ImportedFunc,
    LiftedFunc,
    Lowering,
    OptionsPlan,
    Plan,
    Slot,
    TrampolinePlan,
)
from spindle.component.store import Store
from spindle.component.task import FuncInst
from spindle.component.trampoline import Trampoline
from spindle.component.trap import Trap
from spindle.errors import ComponentError

Completion: TypeAlias = tuple[int, str, Slot]
"""A number in `Plan.options`, the name of an option and the slot with what it means."""


class InstantiationError(ComponentError):
    """The engine refuses to instantiate a core module."""

    code = "instantiation"


class Linked:
    """A component linked with a host's imports."""

    __slots__ = ("completions", "host_funcs", "host_resources", "modules", "plan")

    def __init__(self, plan: Plan, modules: Sequence[core.Module], imports: Imports) -> None:
        """Raises `LinkError` if the host lacks something and is not lenient."""
        self.plan = plan
        self.modules = modules
        self.host_funcs = [
            host_func(func, imports) if isinstance(func, ImportedFunc) else None
            for func in plan.funcs
        ]
        self.host_resources = [host_resource(resource, imports) for resource in plan.host_resources]
        self.completions = completions(plan)

    def instantiate(self, store: Store, state: Any = None) -> list[FuncInst]:
        """Run the plan in a new store; gives the component functions by their number.

        Raises `Trap` when a start function traps, `InstantiationError` when the engine refuses.
        """
        return Instantiation(self, store, state).run()


def host_func(func: ImportedFunc, imports: Imports) -> HostFuncInst:
    """What the host provides for an imported function."""
    interface = imports.find(func.interface)
    functions = interface.functions if interface else {}
    if func.name in functions:
        return HostFuncInst(func.label, functions[func.name])
    if imports.lenient:
        return missing(func.label)
    if interface is None and func.interface is not None:
        near = nearest(func.interface, imports.interfaces)
        raise LinkError(func.label, "the function", f"no interface `{func.interface}`", near)
    raise LinkError(func.label, "the function", near_to(func.name, functions), None)


def host_resource(resource: HostResource, imports: Imports) -> Destructor | None:
    """What the host does when a guest drops a resource."""
    interface = imports.find(resource.interface)
    return interface.resources.get(resource.name) if interface else None


def completions(plan: Plan) -> list[list[Completion]]:
    """Which options are complete once each core instantiation has filled its slots."""
    filled_by = {
        slot: number
        for number, instantiation in enumerate(plan.core_instantiations)
        for _name, slot in instantiation.exports
    }
    found: list[list[Completion]] = [[] for _ in plan.core_instantiations]
    for number, options in enumerate(plan.options):
        for name in ("memory", "realloc", "post_return", "callback"):
            slot: Slot | None = getattr(options, name)
            if slot is not None:
                found[filled_by[slot]].append((number, name, slot))
    return found


class Instantiation:
    """One run of a plan."""

    __slots__ = (
        "externs", "funcs", "insts", "linked", "memories", "options", "plan", "store",
    )  # fmt: skip

    def __init__(self, linked: Linked, store: Store, state: Any) -> None:
        self.linked = linked
        self.plan = linked.plan
        self.store = store
        self.externs: list[Any] = [None] * self.plan.slots
        self.insts = component_instances(self.plan, store, state)
        self.options = [run_time_options(options) for options in self.plan.options]
        self.memories: dict[Slot, core.Memory] = {}
        self.funcs = [self.func(number) for number in range(len(self.plan.funcs))]

    def run(self) -> list[FuncInst]:
        """Follow the plan; gives the component functions."""
        self.define_resources()
        self.define_trampolines()
        for instantiation, completed in zip(
            self.plan.core_instantiations, self.linked.completions, strict=True
        ):
            self.instantiate(instantiation)
            for completion in completed:
                self.complete(*completion)
        self.store.core.arm()
        return self.funcs

    def late(self, slot: Slot) -> Callable[[], core.Extern]:
        """Gives what a slot holds by the time it is called."""
        externs = self.externs
        return lambda: externs[slot]

    # Definitions; they may refer to slots that are still empty.

    def func(self, number: int) -> FuncInst:
        """A component function."""
        func = self.plan.funcs[number]
        if isinstance(func, LiftedFunc):
            inst, options = self.insts[func.inst], self.options[func.options]
            return canon_lift(inst, self.late(func.core_func), func.type, options)
        host = self.linked.host_funcs[number]
        assert host is not None
        return host

    def define_resources(self) -> None:
        """Say who implements each resource type and how it is destroyed."""
        resources = self.store.resources
        for host, dtor in zip(self.plan.host_resources, self.linked.host_resources, strict=True):
            resources[host.type] = (None, dtor)
        for guest in self.plan.guest_resources:
            inst = self.insts[guest.inst]
            resources[guest.type] = (inst, self.destructor(inst, guest.dtor))

    def destructor(self, inst: ComponentInstance, slot: Slot | None) -> Destructor | None:
        """A guest's destructor as a component function."""
        if slot is None:
            return None
        return canon_lift(inst, self.late(slot), DTOR_TYPE, CanonicalOptions())

    def define_trampolines(self) -> None:
        """Fill the slots of lowered functions and built-ins."""
        made = [(slot, self.trampoline(plan)) for slot, plan in self.plan.trampolines]
        blocking = [(slot, trampoline) for slot, trampoline in made if trampoline.blocking]
        externs = self.store.core.blocking_functions(
            [(trampoline.core_type, trampoline.function) for _, trampoline in blocking]
        )
        for (slot, _), extern in zip(blocking, externs, strict=True):
            self.externs[slot] = extern
        for slot, trampoline in made:
            if not trampoline.blocking:
                self.externs[slot] = self.store.core.host_function(
                    trampoline.core_type, trampoline.function
                )

    def trampoline(self, plan: TrampolinePlan) -> Trampoline:
        """A lowered function or a built-in."""
        inst, options = self.insts[plan.inst], self.options[plan.options]
        if isinstance(plan, Lowering):
            ft = self.plan.funcs[plan.func].type
            return canon_lower(inst, self.funcs[plan.func], ft, options)
        return builtin(inst, plan.definition, self.operands(plan), options)

    def operands(self, plan: Builtin) -> dict[str, Any]:
        """A built-in's immediates; a table is a function that gives it."""
        operands = dict(plan.operands)
        if "table" in operands:
            operands["table"] = self.late(operands["table"])
        return operands

    # Core instantiation.

    def instantiate(self, plan: CoreInstantiation) -> None:
        """Instantiate a core module and fill the slots of its exports."""
        externs = self.externs
        module = self.linked.modules[plan.module]
        imports = [externs[slot] for slot in plan.imports]
        with self.store.instantiating(self.insts[plan.inst]):
            try:
                instance = self.store.core.instantiate(module, imports)
            except core.CoreTrap as error:
                raise Trap(error.message, error.frames) from error
            except core.CoreError as error:
                raise InstantiationError(f"a core module cannot be instantiated: {error}") from None
        for name, slot in plan.exports:
            externs[slot] = instance.export(name.decode())

    def complete(self, number: int, name: str, slot: Slot) -> None:
        """Set an option to what its slot holds."""
        options, extern = self.options[number], self.externs[slot]
        if name == "memory":
            if slot not in self.memories:
                self.memories[slot] = self.store.core.memory(extern)
            options.memory = self.memories[slot]
        elif name == "realloc":
            inst = self.insts[self.plan.options[number].inst]
            options.realloc = bound_realloc(inst, extern, options.ptr_type)
        else:
            setattr(options, name, extern)


def component_instances(plan: Plan, store: Store, state: Any) -> list[ComponentInstance]:
    """The component instances, parents before children."""
    insts: list[ComponentInstance] = []
    for parent in plan.instances:
        outer = insts[parent] if parent is not None else None
        insts.append(ComponentInstance(store, outer, state))
    return insts


def run_time_options(plan: OptionsPlan) -> CanonicalOptions:
    """Options whose slots are still empty."""
    return CanonicalOptions(plan.string_encoding, is_async=plan.is_async, ptr_type=plan.ptr_type)


def bound_realloc(inst: ComponentInstance, function: core.Extern, ptr_type: str) -> Realloc:
    """A guest's `realloc` as the canonical ABI calls it; meanwhile the guest may not call out."""
    call = inst.store.core.nested(function, core.CoreType((ptr_type,) * 4, (ptr_type,)))

    def realloc(old: int, old_size: int, alignment: int, new_size: int) -> int:
        inst.may_leave = False
        try:
            (ptr,) = call(old, old_size, alignment, new_size)
        except core.CoreTrap as error:
            raise Trap(error.message, error.frames) from error
        inst.may_leave = True
        return ptr  # type: ignore[return-value]  # a pointer is no float

    return realloc


def near_to(name: str, functions: Any) -> str:
    """What an interface offers in place of a function it lacks."""
    near = nearest(name, functions)
    return "no such function" if near is None else f"only the like of `{near}`"
