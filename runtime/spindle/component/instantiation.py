"""Following a plan to an instance.

Component instances, canonical options, component functions and trampolines come first; what they
refer to may be in slots that are still empty. Then the core modules are instantiated in order,
which fills the slots.

A trampoline's function is made when a guest first calls it: a guest imports hundreds and calls
tens. What must be known of it before (its *shape*) is learned from the first instance.

Spec: Explainer.md#instance-definitions.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from spindle.component import core
from spindle.component.allocator import Allocator
from spindle.component.canon.adapt import adapted_type, canon_adapt, is_adapted
from spindle.component.canon.builtins import builtin
from spindle.component.canon.lift import canon_lift
from spindle.component.canon.lower import canon_lower, lower_blocks
from spindle.component.canon.options import CanonicalOptions
from spindle.component.host import HostFuncInst
from spindle.component.instance import DTOR_TYPE, ComponentInstance, Destructor
from spindle.component.plan import (
    Builtin,
    CoreInstantiation,
    InstanceNumber,
    LiftedFunc,
    Lowering,
    OptionsPlan,
    Plan,
    Slot,
    TrampolinePlan,
)
from spindle.component.run_queue import TICK
from spindle.component.store import Store, stand_in
from spindle.component.task import FuncInst
from spindle.component.thread import poll
from spindle.component.trampoline import Trampoline
from spindle.component.trap import Trap
from spindle.errors import ComponentError
from spindle.limits import beyond, flag_of

States: TypeAlias = Mapping[InstanceNumber, Any]
"""The embedder's states by component instance; what is nested in one has the same, if none of its
own."""
NO_STATES: States = {}

Completion: TypeAlias = tuple[int, str, Slot]
"""A number in `Plan.options`, the name of an option and the slot with what it means."""


class InstantiationError(ComponentError):
    """The engine refuses to instantiate a core module."""

    code = "instantiation"


class Shape(NamedTuple):
    """What an instantiation needs to know of a trampoline."""

    slot: Slot
    plan: TrampolinePlan
    core_type: core.CoreType
    signature: core.Signature


class Shapes(NamedTuple):
    """The trampolines of a component, by how they are called."""

    blocking: list[Shape]
    """Those that may suspend their caller."""
    immediate: list[Shape]
    adapted: list[tuple[Slot, Lowering, core.AdapterType]]
    """Those that lead to a guest's function on the same stack."""


@dataclass(slots=True, eq=False)
class Linkage:
    """What all instances of a component linked with one host have in common."""

    plan: Plan
    modules: Sequence[core.Module]
    host_funcs: list[HostFuncInst | None]
    """For each of the plan's functions, the host's; None for the guest's own."""
    host_dtors: list[Destructor | None]
    """For each of the plan's host resources."""
    completions: list[list[Completion]]
    """For each core instantiation, the options that can be set after it."""
    shapes: Shapes | None = None
    """Known from the first instance on."""

    def instantiate(
        self, store: Store, states: States = NO_STATES
    ) -> Generator[None, None, Instantiation]:
        """An instance in a new store, in steps that take a time slice at most.

        Raises `Trap` when a start function traps, `InstantiationError` when the engine refuses.
        """
        made = Instantiation(self, store, states)
        yield from made.run()
        return made


class Instantiation:
    """One run of a plan."""

    __slots__ = (
        "allocators",
        "called_out",
        "funcs",
        "insts",
        "linkage",
        "memories",
        "options",
        "plan",
        "slices",
        "slots",
        "store",
    )

    def __init__(self, linkage: Linkage, store: Store, states: States) -> None:
        self.linkage = linkage
        self.plan = linkage.plan
        self.store = store
        self.slots = core.Slots(store.core, self.plan.slots)
        self.insts = component_instances(self.plan, store, states)
        """The component instances, by their number in the plan."""
        self.options = [empty_options(options) for options in self.plan.options]
        self.memories: dict[Slot, core.Memory] = {}
        self.allocators: dict[tuple[int, Slot], Allocator] = {}
        self.called_out = False
        """Whether the guest has called a trampoline."""
        self.slices = 0
        """How many time slices its start functions have used up."""
        self.funcs = [self.func(number) for number in range(len(self.plan.funcs))]
        """The component functions, by their number in the plan."""

    def run(self) -> Generator[None, None, None]:
        """Follow the plan; it yields where a time slice is over."""
        self.define_resources()
        self.define_trampolines()
        steps = zip(self.plan.core_instantiations, self.linkage.completions, strict=True)
        for instantiation, completions in steps:
            self.instantiate(instantiation)
            if instantiation.start is not None:
                yield from self.start(instantiation.inst, self.slots[instantiation.start])
            for completion in completions:
                self.complete(*completion)
        self.store.core.arm()

    def late(self, slot: Slot) -> Callable[[], core.Extern]:
        """Gives what a slot holds by the time it is called."""
        slots = self.slots
        return lambda: slots[slot]

    # Definitions; they may refer to slots that are still empty.

    def func(self, number: int) -> FuncInst:
        """A component function."""
        func = self.plan.funcs[number]
        if isinstance(func, LiftedFunc):
            inst, options = self.insts[func.inst], self.options[func.options]
            return canon_lift(inst, self.late(func.core_func), func.type, options)
        host = self.linkage.host_funcs[number]
        assert host is not None
        return host

    def core_func(self, number: int) -> core.Extern | None:
        """What a component function is in core, if calling that is all there is to it.

        Its instance calls nobody then, and has nothing to clean up after it.
        """
        func = self.plan.funcs[number]
        if self.plan.trampolines or not isinstance(func, LiftedFunc):
            return None
        options = self.plan.options[func.options]
        if options.is_async or options.post_return is not None or options.ptr_type != "i32":
            return None
        return self.slots[func.core_func]

    def define_resources(self) -> None:
        """Say who implements each resource type and how it is destroyed."""
        resources = self.store.resources
        for host, dtor in zip(self.plan.host_resources, self.linkage.host_dtors, strict=True):
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
        shapes = self.linkage.shapes
        if shapes is None:
            shapes = self.linkage.shapes = self.learn_shapes()
        core_store, slots = self.store.core, self.slots
        externs = core_store.blocking_functions(
            [(shape.core_type, self.late_function(shape.plan)) for shape in shapes.blocking]
        )
        for shape, extern in zip(shapes.blocking, externs, strict=True):
            slots[shape.slot] = extern
        kinds = [kind for _slot, _plan, kind in shapes.adapted]
        adapters = core_store.adapters(kinds, lambda n: self.adapter(shapes.adapted[n][1]))
        for (slot, _plan, _kind), extern in zip(shapes.adapted, adapters, strict=True):
            slots[slot] = extern
        for slot, plan, _core_type, signature in shapes.immediate:
            slots[slot] = core_store.late_function(signature, self.maker(plan))

    def learn_shapes(self) -> Shapes:
        """The shapes of the plan's trampolines."""
        shapes = Shapes([], [], [])
        for slot, plan in self.plan.trampolines:
            kind = self.adapted(plan)
            if kind is not None:
                assert isinstance(plan, Lowering)
                shapes.adapted.append((slot, plan, kind))
                continue
            core_type, blocking = self.shape(plan)
            shape = Shape(slot, plan, core_type, core.signature(core_type))
            (shapes.blocking if blocking else shapes.immediate).append(shape)
        return shapes

    def adapted(self, plan: TrampolinePlan) -> core.AdapterType | None:
        """The types of a call from guest to guest on one stack; None for what is not one."""
        if not isinstance(plan, Lowering):
            return None
        func = self.plan.funcs[plan.func]
        if not isinstance(func, LiftedFunc):
            return None
        if not is_adapted(func.type, self.options[plan.options].is_async):
            return None
        core_type = core.CoreType(plan.core_type.params, plan.core_type.results)
        options = self.plan.options[func.options]
        cleans = options.post_return is not None
        return adapted_type(func.type, core_type, options.ptr_type, cleans)

    def adapter(self, plan: Lowering) -> core.Adapter:
        """The parts of such a call, asked for when it is first made."""
        func = self.plan.funcs[plan.func]
        assert isinstance(func, LiftedFunc)
        return canon_adapt(
            self.insts[plan.inst],
            self.options[plan.options],
            self.insts[func.inst],
            self.slots[func.core_func],
            self.options[func.options],
            func.type,
        )

    def shape(self, plan: TrampolinePlan) -> tuple[core.CoreType, bool]:
        """A trampoline's core type, and whether it may block."""
        if isinstance(plan, Lowering):
            host, ft = self.linkage.host_funcs[plan.func], self.plan.funcs[plan.func].type
            core_type = core.CoreType(plan.core_type.params, plan.core_type.results)
            return core_type, lower_blocks(host, ft, self.options[plan.options].is_async)
        trampoline = self.builtin(plan)
        return trampoline.core_type, trampoline.blocking

    def maker(self, plan: TrampolinePlan) -> Callable[[], Callable[..., Any]]:
        """Makes a trampoline's function when it is first called."""
        return lambda: self.function(plan)

    def late_function(self, plan: TrampolinePlan) -> Callable[..., Any]:
        """A trampoline's function that is made when it is first called."""
        made: Callable[..., Any] | None = None

        def function(*args: Any) -> Any:
            nonlocal made
            if made is None:
                made = self.function(plan)
            return made(*args)

        return function

    def function(self, plan: TrampolinePlan) -> Callable[..., Any]:
        """What a trampoline calls, asked for when it is first called."""
        self.called_out = True
        if isinstance(plan, Builtin):
            return self.builtin(plan).function
        inst, options = self.insts[plan.inst], self.options[plan.options]
        ft = self.plan.funcs[plan.func].type
        return canon_lower(inst, self.funcs[plan.func], ft, options).function

    def builtin(self, plan: Builtin) -> Trampoline:
        """A built-in; a table among its immediates is given as a function."""
        operands = dict(plan.operands)
        if "table" in operands:
            operands["table"] = self.late(operands["table"])
        inst, options = self.insts[plan.inst], self.options[plan.options]
        return builtin(inst, plan.definition, operands, options)

    # Core instantiation.

    def instantiate(self, plan: CoreInstantiation) -> None:
        """Instantiate a core module and fill the slots of its exports."""
        module = self.linkage.modules[plan.module]
        try:
            self.slots.instantiate(module, plan.imports, plan.exports)
            for slot in plan.memories:
                self.memories[slot] = self.store.core.memory(self.slots[slot], count=True)
        except core.CoreTrap as error:
            raise Trap(error.message, error.frames) from error
        except core.CoreError as error:
            problem = f"a core module cannot be instantiated: {error}"
            raise InstantiationError(problem, hints=_hints(str(error))) from None

    def start(self, inst: int, function: core.Extern) -> Generator[None, None, None]:
        """Run a start function; it yields where a time slice is over."""
        thread = stand_in(self.insts[inst])
        call = self.store.core.begin_start(function)
        try:
            while True:
                with self.store.lent_to(thread):
                    if poll(call):
                        return
                self.slices += 1
                limit = self.store.core.limits.max_cpu_time
                if self.slices * TICK >= limit:
                    raise Trap(beyond("the guest computes for too long", "max_cpu_time", limit))
                yield
        finally:
            call.cancel()
            self.store.core.starting = None

    def complete(self, number: int, name: str, slot: Slot) -> None:
        """Set an option to what its slot holds."""
        options, extern = self.options[number], self.slots[slot]
        plan = self.plan.options[number]
        if name == "memory":
            if slot not in self.memories:
                self.memories[slot] = self.store.core.memory(extern)
            options.memory = self.memories[slot]
        elif name == "realloc":
            options.realloc = self.allocator(plan.inst, slot, options.ptr_type).reallocate
        else:
            setattr(options, name, extern)
        if options.memory and options.realloc and options.ptr_type == "i32":
            assert plan.memory is not None
            assert plan.realloc is not None
            allocator = self.allocator(plan.inst, plan.realloc, options.ptr_type)
            options.fill_pairs = allocator.fill_pairs(self.slots[plan.memory])

    def allocator(self, inst: int, slot: Slot, ptr_type: str) -> Allocator:
        """The allocator of a component instance's `realloc`."""
        found = self.allocators.get((inst, slot))
        if found is None:
            found = self.allocators[inst, slot] = Allocator(
                self.insts[inst], self.slots[slot], ptr_type
            )
        return found


def component_instances(plan: Plan, store: Store, states: States) -> list[ComponentInstance]:
    """The component instances, parents before children."""
    insts: list[ComponentInstance] = []
    for parent in plan.instances:
        insts.append(ComponentInstance(store, insts[parent] if parent is not None else None))
    attach(insts, states)
    return insts


def attach(insts: Sequence[ComponentInstance], states: States) -> None:
    """Give instances, parents before children, the embedder's states."""
    for number, inst in enumerate(insts):
        inherited = None if inst.parent is None else inst.parent.state
        inst.state = states.get(number, inherited)


def empty_options(plan: OptionsPlan) -> CanonicalOptions:
    """Options as long as their slots are empty."""
    return CanonicalOptions(plan.string_encoding, is_async=plan.is_async, ptr_type=plan.ptr_type)


_LIMITS = {
    "memory minimum size": "max_instance_memory",
    "memory count": "max_memories",
    "table minimum size": "max_table_elements",
    "table count": "max_tables",
}
"""What the engine says of a limit, and the limit."""


def _hints(problem: str) -> tuple[str, ...]:
    """How to raise the limit a module is beyond."""
    flags = [flag_of(name) for said, name in _LIMITS.items() if said in problem]
    return tuple(f"if the guest may have more, say `{flag}`" for flag in flags)
