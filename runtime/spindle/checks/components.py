"""Rules about components as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from spindle.checks.subject import Subject
from spindle.diagnostics import Diagnostic, Edit
from spindle.manifest import Component, Dependency, Manifest
from spindle.manifest.edits import fix, quoted
from spindle.outbound_hosts import OutboundHostError, parse_http_host, parse_outbound_host


def unreferenced_component(subject: Subject) -> Iterator[Diagnostic]:
    """No trigger runs a component and nothing depends on it."""
    used = set(_referenced(subject.manifest))
    for id_, component in subject.manifest.components.items():
        if id_ not in used:
            yield subject.warning(
                "unreferenced-component",
                f"nothing uses the component `{id_}`",
                component.key_at(),
                f'add a trigger with `component = "{id_}"`, or remove it',
                fix=fix("Add a trigger for it", _trigger(subject, id_), safe=False),
            )


def _trigger(subject: Subject, id_: str) -> Edit | None:
    """An HTTP trigger for a component; none where triggers are no tables of their own."""
    routes = [getattr(trigger, "route", None) for _, trigger in subject.manifest.all_triggers]
    route = f"/{id_}/..."
    if route in routes or subject.manifest.node.get("trigger", "http") is None:
        return None
    lines = f"[[trigger.http]]\nroute = {quoted(route)}\ncomponent = {quoted(id_)}"
    return subject.editor.add_section(lines)


def _referenced(manifest: Manifest) -> Iterator[str]:
    for _, trigger in manifest.all_triggers:
        yield from filter(None, [trigger.component_id])
        for specs in trigger.components.values():
            yield from (spec for spec in _many(specs) if isinstance(spec, str))
        for dependencies in trigger.dependencies.values():
            yield from (name for d in dependencies for name in _component_of(d))
    for component in manifest.components.values():
        yield from (name for d in component.dependencies.values() for name in _component_of(d))
        yield from _chained(component)


def _many(specs: str | Component | tuple[str | Component, ...]) -> tuple[str | Component, ...]:
    return specs if isinstance(specs, tuple) else (specs,)


def _component_of(dependency: str | Dependency) -> Iterator[str]:
    """The component a dependency named, which its canonical form doesn't tell any more."""
    if isinstance(dependency, Dependency):
        node = dependency.node.get("component")
        if node is not None and isinstance(node.value, str):
            yield node.value


def _chained(component: Component) -> Iterator[str]:
    """The components another one may call over the network."""
    for text in component.allowed_outbound_hosts:
        try:
            name = parse_outbound_host(text).chained_component
        except OutboundHostError:
            continue
        if name is not None:
            yield name


def deprecated_http_hosts(subject: Subject) -> Iterator[Diagnostic]:
    """An entry of `allowed_http_hosts`, which is deprecated as a whole, is malformed."""
    for component in subject.manifest.components.values():
        for text, span in component.texts("allowed_http_hosts"):
            try:
                parse_http_host(text)
            except OutboundHostError as error:
                yield subject.error(
                    "invalid-http-host",
                    f"`allowed_http_hosts` is malformed: {error}",
                    span,
                    "use `allowed_outbound_hosts`, with `http://` before the host",
                )
