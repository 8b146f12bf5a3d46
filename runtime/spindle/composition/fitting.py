"""What must be so of parts and wires for a composition of them to be valid.

Each of these raises `CompositionError`.

Spec: Explainer.md#type-checking.
"""

from __future__ import annotations

from collections.abc import Iterable

from spindle.composition.merging import RootImport, introduced, named
from spindle.composition.part import CompositionError, Import, Part, Provided, Wires
from spindle.wasm.substitution import Binding, Substitution, free_resources
from spindle.wasm.subtyping import Mismatch, check, kind_name
from spindle.wasm.types import ModuleType, ValueType


def check_roots(roots: Iterable[RootImport], wires: Wires) -> None:
    """Check that the host can provide every root import: none is about a part's resource."""
    inside = {
        resource: one for one in wires for resource in introduced(one.part.type.imports[one.name])
    }
    for root in roots:
        if isinstance(root.extern, ModuleType | ValueType):
            raise CompositionError(
                f"import `{root.name}` of `{root.parts[0].name}` is {kind_name(root.extern)}, "
                "which a composition cannot pass on"
            )
        for resource in root.uses & inside.keys():
            other = inside[resource]
            provider = wires[other].part
            raise CompositionError(
                f"import `{root.name}` of `{root.parts[0].name}` uses the resource "
                f"`{resource.name}` of `{other.name}`, which `{provider.name}` provides: "
                "the host cannot provide the one without the other",
                hints=(f"provide `{root.name}` by a component, too",),
            )


def check_part(part: Part, wires: Wires, binding: Binding) -> None:
    """Check what a part is given, and let the resources it imports be those it is given."""
    for name, declared in part.type.imports.items():
        provided = wires.get(Import(part, name))
        if provided is None:
            continue
        actual = Substitution(binding)(provided.part.type.exports[provided.name])
        try:
            check(actual, declared, binding)
        except Mismatch as mismatch:
            raise CompositionError(
                f"`{provided.part.name}` exports `{provided.name}`, which does not fit import "
                f"`{name}` of `{part.name}`: {mismatch}"
            ) from None


def check_exports(
    exports: Iterable[Provided], roots: Iterable[RootImport], binding: Binding
) -> None:
    """Check that exports speak of no resource that has no name outside."""
    visible = {resource for root in roots for resource in named(root.extern)}
    for part, name in exports:
        extern = Substitution(binding)(part.type.exports[name])
        visible |= named(extern)
        if free_resources(extern) - visible:
            raise CompositionError(
                f"export `{name}` of `{part.name}` uses a resource of another part, which is not "
                "exported with it"
            )
