"""The compositions people ask for: dependencies plugged into a component, middleware before it.

A component and what it depends on, whoever is before it included, come to one component whose
parts are in this order: the dependencies, the component, the middleware from the innermost out.
"""

from __future__ import annotations

from collections.abc import Sequence

from spindle.composition.composer import Import, Provided, Wires, compose
from spindle.composition.dependencies import Dependency, wires_of
from spindle.composition.part import Composition, CompositionError, Part
from spindle.wasm.names import track_of
from spindle.wasm.subtyping import Mismatch, check

HANDLER = "wasi:http/handler@0.3.0"
"""The interface by which middleware is chained."""


def assemble(
    component: Part, dependencies: Sequence[Dependency] = (), middleware: Sequence[Part] = ()
) -> Composition:
    """A component with its dependencies and the middleware before it, outermost first.

    With middleware, the handler is the only export. Raises `CompositionError`.
    """
    wires = wires_of(component, dependencies)
    parts = [*dict.fromkeys(dependency.part for dependency in dependencies), component]
    exports = [Provided(component, name) for name in component.type.exports]
    if middleware:
        links, outermost = chain(component, middleware)
        wires, exports = {**wires, **links}, [outermost]
        parts += reversed(middleware)
    return compose(parts, wires, exports)


def plug(component: Part, plugs: Sequence[Part]) -> Composition:
    """A component with plugs, each satisfying whatever it exports and the component imports.

    Exports match imports of the same name or, failing that, of a compatible version. Of several
    plugs that fit, the last is taken. Raises `CompositionError` if a plug satisfies nothing.
    """
    wires: dict[Import, Provided] = {}
    for one in plugs:
        wires |= _matching(component, one)
    used = {provided.part for provided in wires.values()}
    exports = [Provided(component, name) for name in component.type.exports]
    return compose([*[one for one in plugs if one in used], component], wires, exports)


def chain(handler: Part, middleware: Sequence[Part]) -> tuple[Wires, Provided]:
    """The wires from each middleware (outermost first) to the next, and the handler of them all."""
    wires: dict[Import, Provided] = {}
    inner = _handler(handler)
    for outer in reversed(middleware):
        wires[_handled(outer)] = inner
        inner = _handler(outer)
    return wires, inner


# Plugs.


def _matching(component: Part, plug: Part) -> Wires:
    """The imports that a plug's exports match, by name and type."""
    wires: dict[Import, Provided] = {}
    misfits: list[str] = []
    for export in plug.type.exports:
        name = _matching_import(component, export)
        if name is None:
            continue
        try:
            check(plug.type.exports[export], component.type.imports[name], {})
        except Mismatch as mismatch:
            misfits.append(f"`{export}` does not fit import `{name}`: {mismatch}")
        else:
            wires[Import(component, name)] = Provided(plug, export)
    if not wires:
        raise CompositionError(
            f"`{plug.name}` provides nothing that `{component.name}` imports", hints=tuple(misfits)
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
