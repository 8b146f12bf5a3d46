"""The compositions people ask for: dependencies plugged into a component, middleware before it.

A component and what it depends on, whoever is before it included, come to one component whose
parts are in this order: the dependencies, the component, the middleware from the innermost out.
"""

from __future__ import annotations

from collections.abc import Sequence

from spindle.composition.composer import compose
from spindle.composition.dependencies import Dependency, listed, wires_of
from spindle.composition.part import (
    Composition,
    CompositionError,
    Import,
    Part,
    Provided,
    Wires,
)
from spindle.wasm.names import track_of

HANDLER = "wasi:http/handler@0.3.0"
"""The interface by which middleware is chained."""


def assemble(
    component: Part,
    dependencies: Sequence[Dependency] = (),
    middleware: Sequence[Part] = (),
    *,
    plugs: Sequence[Part] = (),
) -> Composition:
    """A component with its dependencies and the middleware before it, outermost first.

    `plugs` are dependencies without a name, see `plug_wires`; their place is after those with one.
    With middleware, the handler is the only export. Raises `CompositionError`.
    """
    wires = dict(wires_of(component, dependencies))
    for one in plugs:
        wires |= plug_wires(component, one, wires)
    parts = [*dict.fromkeys(dependency.part for dependency in dependencies), *plugs, component]
    exports = [Provided(component, name) for name in component.type.exports]
    if middleware:
        links, outermost = chain(component, middleware)
        wires, exports = {**wires, **links}, [outermost]
        parts += reversed(middleware)
    return compose(parts, wires, exports)


def chain(handler: Part, middleware: Sequence[Part]) -> tuple[Wires, Provided]:
    """The wires from each middleware (outermost first) to the next, and the handler of them all."""
    wires: dict[Import, Provided] = {}
    inner = _handler(handler)
    for outer in reversed(middleware):
        wires[_handled(outer)] = inner
        inner = _handler(outer)
    return wires, inner


# Plugs.


def plug_wires(component: Part, plug: Part, taken: Wires) -> Wires:
    """The imports of a component that a plug satisfies by what it exports.

    An export matches the import of its own name or, failing that, of a compatible version. Raises
    `CompositionError` if none does, or an import is `taken` already.
    """
    wires: dict[Import, Provided] = {}
    for export in plug.type.exports:
        name = _matching_import(component, export)
        if name is not None:
            wires[Import(component, name)] = Provided(plug, export)
    if not wires:
        raise CompositionError(
            f"`{plug.name}` exports nothing that `{component.name}` imports",
            hints=(f"it exports {listed(plug.type.exports)}",),
        )
    for one in wires.keys() & taken.keys():
        names = f"`{taken[one].part.name}` and `{plug.name}`"
        raise CompositionError(
            f"import `{one.name}` of `{component.name}` is satisfied by both {names}"
        )
    return wires


def _matching_import(component: Part, export: str) -> str | None:
    if export in component.type.imports:
        return export
    track = track_of(export)
    return next((name for name in component.type.imports if track_of(name) == track), None)


# Middleware.


def _handler(part: Part) -> Provided:
    """The handler that a part exports."""
    return Provided(part, _on_track(part, "export", list(part.type.exports)))


def _handled(part: Part) -> Import:
    """The handler that a middleware calls."""
    return Import(part, _on_track(part, "import", list(part.type.imports)))


def _on_track(part: Part, verb: str, names: list[str]) -> str:
    for name in names:
        if track_of(name) == track_of(HANDLER):
            return name
    other = [name for name in names if name.startswith("wasi:http/handler@")]
    raise CompositionError(
        f"`{part.name}` doesn't {verb} `{HANDLER}`, which HTTP middleware is chained by",
        hints=tuple(f"it {verb}s `{name}`: build it with a newer SDK" for name in other),
    )
