"""A plan and compiled modules linked with what a host provides.

What is the same for every instance is found out here, once: the host functions that the imports
mean, and what each step of an instantiation completes.

Spec: Explainer.md#instance-definitions.
"""

from __future__ import annotations

from collections.abc import Sequence

from spindle.component import core
from spindle.component.host import HostFuncInst, missing
from spindle.component.imports import Imports, nearest
from spindle.component.instance import Destructor
from spindle.component.instantiation import Completion, Linkage
from spindle.component.plan import HostResource, ImportedFunc, Plan, Slot
from spindle.errors import ComponentError


class LinkError(ComponentError):
    """A component imports what the host does not provide."""

    code = "missing-import"

    def __init__(self, name: str, found: str, nearest: str | None = None) -> None:
        hints = (f"did you mean `{nearest}`?",) if nearest else ()
        message = f"the component imports the function `{name}`, but the host has {found}"
        super().__init__(message, hints=hints)
        self.import_name = name
        """`interface#function`."""
        self.found = found
        self.nearest = nearest
        """The name most like the missing one that the host does have."""


def link(plan: Plan, modules: Sequence[core.Module], imports: Imports) -> Linkage:
    """What instances of a component are made from; raises `LinkError`."""
    return Linkage(
        plan=plan,
        modules=modules,
        host_funcs=[
            host_func(func, imports) if isinstance(func, ImportedFunc) else None
            for func in plan.funcs
        ],
        host_dtors=[host_dtor(resource, imports) for resource in plan.host_resources],
        completions=completions(plan),
    )


def host_func(func: ImportedFunc, imports: Imports) -> HostFuncInst:
    """What the host provides for an imported function."""
    interface = imports.find(func.interface)
    functions = interface.functions if interface else {}
    if func.name in functions:
        return HostFuncInst(func.label, functions[func.name])
    if imports.may_lack(func.interface):
        return missing(func.label, lambda: _nearest(func, imports))
    lacks_interface = interface is None and func.interface is not None
    found = f"no interface `{func.interface}`" if lacks_interface else "no such function"
    raise LinkError(func.label, found, _nearest(func, imports))


def _nearest(func: ImportedFunc, imports: Imports) -> str | None:
    """What the host has that is named most like a function, or interface, that it lacks."""
    interface = imports.find(func.interface)
    if interface is None and func.interface is not None:
        return nearest(func.interface, imports.interfaces)
    return nearest(func.name, interface.functions if interface else ())


def host_dtor(resource: HostResource, imports: Imports) -> Destructor | None:
    """What the host does when a guest drops a resource."""
    interface = imports.find(resource.interface)
    return interface.resources.get(resource.name) if interface else None


def completions(plan: Plan) -> list[list[Completion]]:
    """Which options can be set once each core instantiation has filled its slots."""
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
