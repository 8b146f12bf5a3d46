"""Rules about whether components fit together, by the names of what they import and export.

Whether the types fit as well is found out when they are composed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

from spindle.checks.binaries import Binary
from spindle.checks.subject import Subject
from spindle.diagnostics import Diagnostic
from spindle.manifest import Component, Dependency, HttpTrigger
from spindle.text import Span, nearest_name


class _Fit(NamedTuple):
    """A dependency of a component, and the imports it is for."""

    id: str
    component: Component
    name: str
    dependency: Dependency
    imports: tuple[str, ...]
    matched: tuple[str, ...]


def unmatched_dependency(subject: Subject) -> Iterator[Diagnostic]:
    """A dependency is for nothing that the component imports."""
    for fit in _fits(subject):
        if not fit.matched:
            yield subject.error(
                "unmatched-dependency",
                f"the dependency `{fit.name}` matches no import of component `{fit.id}`",
                fit.component.key_at("dependencies", fit.name),
                _instead(fit.name, fit.imports, "it imports"),
            )


def ambiguous_dependency(subject: Subject) -> Iterator[Diagnostic]:
    """Several dependencies are for one import."""
    claims: dict[tuple[str, str], list[_Fit]] = defaultdict(list)
    for fit in _fits(subject):
        for name in fit.matched:
            claims[fit.id, name].append(fit)
    for (id_, name), (first, *others) in claims.items():
        for fit in others:
            yield subject.error(
                "ambiguous-dependency",
                f"import `{name}` of component `{id_}` is satisfied by both `{first.name}` and "
                f"`{fit.name}`",
                fit.component.key_at("dependencies", fit.name),
                "name an interface or a version in each, as in `namespace:package/interface`",
                ("the other one", fit.component.key_at("dependencies", first.name)),
            )


def missing_export(subject: Subject) -> Iterator[Diagnostic]:
    """A dependency lacks what it is to satisfy an import with."""
    for fit in _fits(subject):
        theirs = _names(subject, fit.dependency.path)
        if theirs is None:
            continue
        for name in fit.matched:
            export = fit.dependency.export or name
            if export not in theirs.exports:
                wanted = "" if export == name else f" to satisfy import `{name}`"
                yield subject.error(
                    "missing-export",
                    f"the dependency `{fit.name}` doesn't export `{export}`{wanted}",
                    _place(fit),
                    _instead(export, theirs.exports, "it exports"),
                )
                break


def not_middleware(subject: Subject) -> Iterator[Diagnostic]:
    """Middleware, or what it is put around, does not speak the interface it is chained by."""
    for trigger in subject.manifest.triggers.get("http", ()):
        around = trigger.dependencies.get("middleware", ())
        if not around or not isinstance(trigger, HttpTrigger):
            continue
        component = subject.manifest.components.get(trigger.component_id or "")
        if component is not None:
            what = f"component `{trigger.component_id}`"
            span = trigger.at("component")
            yield from _lacks(subject, _names(subject, component.source), what, span, "export")
        for dependency in around:
            theirs = _names(subject, dependency.path)
            span = dependency.node.span
            for verb in ("export", "import"):
                yield from _lacks(subject, theirs, "this middleware", span, verb)


def _lacks(
    subject: Subject, names: Binary | None, what: str, span: Span, verb: str
) -> Iterator[Diagnostic]:
    from spindle.composition import HANDLER
    from spindle.wasm.names import track_of

    if names is None:
        return
    there = names.exports if verb == "export" else names.imports
    if any(track_of(name) == track_of(HANDLER) for name in there):
        return
    other = [
        name for name in there if name.startswith(("wasi:http/handler@", "wasi:http/incoming"))
    ]
    help_text = "build it against WASI 0.3, for the world `wasi:http/middleware`"
    if other:
        help_text = f"it {verb}s `{other[0]}`: build it with a newer SDK"
    yield subject.error(
        "not-middleware",
        f"{what} doesn't {verb} `{HANDLER}`, which HTTP middleware is chained by",
        span,
        help_text,
    )


# What is on disk.


def _fits(subject: Subject) -> Iterator[_Fit]:
    """Every dependency of a component whose wasm is there."""
    for id_, component in subject.manifest.components.items():
        own = _names(subject, component.source) if component.dependencies else None
        if own is None:
            continue
        matches = _matcher()
        for name, dependency in component.dependencies.items():
            if isinstance(dependency, Dependency):
                matched = tuple(import_ for import_ in own.imports if matches(name, import_))
                yield _Fit(id_, component, name, dependency, own.imports, matched)


def _matcher() -> Callable[[str, str], bool]:
    # Imported here, for few manifests have dependencies.
    from spindle.composition import matches_import

    return matches_import


def _names(subject: Subject, source: object) -> Binary | None:
    """The names of a local component; None if it is elsewhere, not built or no component."""
    binary = subject.binaries.of(source)
    return binary if binary is not None and binary.is_component else None


def _place(fit: _Fit) -> Span:
    if fit.dependency.export is not None:
        return fit.component.key_at("dependencies", fit.name, "export")
    return fit.component.key_at("dependencies", fit.name)


def _instead(name: str, known: tuple[str, ...], those: str) -> str:
    near = nearest_name(name, known)
    if near is not None:
        return f"did you mean `{near}`?"
    few = ", ".join(f"`{one}`" for one in known[:5]) or "nothing"
    return f"{those} {few}{' and more' if len(known) > 5 else ''}"
