"""Rules about what components on disk import, and what the manifest grants them for it.

An import alone doesn't show that the code calls it: some tools import all of a world. Of those
nothing is said (see `Binary.evidence`); what is not imported at all can't be called by anyone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from spindle.checks.binaries import Binary
from spindle.checks.subject import Subject
from spindle.diagnostics import Diagnostic, Fix
from spindle.interfaces import Import
from spindle.manifest import Component, Dependency
from spindle.manifest.edits import fix

GRANTS = (
    "ai_models",
    "allowed_outbound_hosts",
    "files",
    "key_value_stores",
    "sqlite_databases",
    "variables",
)
"""The keys that grant what only imports make use of."""
_WITHOUT = {
    "ai_models": "every model is refused",
    "allowed_outbound_hosts": "every connection is refused",
    "key_value_stores": "every store is refused",
    "sqlite_databases": "every database is refused",
    "variables": "there is no variable to get",
}
"""What happens when the code calls what it imports; without files it sees an empty directory."""
_FIRST = {
    "outbound_http": '"https://*:*"',
    "redis": '"redis://*:*"',
    "mysql": '"mysql://*:*"',
    "postgres": '"postgres://*:*"',
    "mqtt": '"mqtt://*:*"',
    "key_value": '"default"',
    "sqlite": '"default"',
}
"""What to grant at first, by factor."""


class _Built(NamedTuple):
    """A component whose wasm is there."""

    id: str
    component: Component
    binary: Binary
    satisfied: frozenset[str]
    """Imports that dependencies are for."""


def ungranted_import(subject: Subject) -> Iterator[Diagnostic]:
    """A component imports what nothing in the manifest lets it use."""
    for built in _built(subject):
        seen: set[str] = set()
        for item in built.binary.called_imports:
            grant = item.grant
            if grant is None or grant in seen or grant not in _WITHOUT:
                continue
            if item.name in built.satisfied or _granted(built.component, grant):
                continue
            seen.add(grant)
            yield subject.warning(
                "ungranted-import",
                f"the component `{built.id}` imports `{item.name}`, but has no `{grant}`: "
                f"{_WITHOUT[grant]}",
                built.component.key_at("source"),
                f"add `{grant}` with what it needs",
                fix=_grant(subject, built.component, item),
            )


def _granted(component: Component, grant: str) -> bool:
    if grant == "allowed_outbound_hosts" and component.allowed_http_hosts:
        return True
    return bool(getattr(component, grant))


def _grant(subject: Subject, component: Component, item: Import) -> Fix | None:
    assert item.interface is not None
    assert item.grant is not None
    value = _FIRST.get(item.interface.factor)
    if value is None:
        return None
    present = component.node.get(item.grant)
    if present is None:
        edit = subject.editor.add_key(component.node, item.grant, f"[{value}]")
    else:
        edit = subject.editor.add_item(present, value)
    return fix(f"Grant `{item.grant}`", edit, safe=False)


def unused_grant(subject: Subject) -> Iterator[Diagnostic]:
    """A component is granted what neither it nor a dependency imports anything for."""
    for built in _built(subject):
        component, used = built.component, built.binary.used_grants
        unused = [name for name in GRANTS if name not in used and getattr(component, name)]
        if unused and not _shares(component):
            first, *more = unused
            also = f", nor that {_listed(more)} {'is' if len(more) == 1 else 'are'} for"
            yield subject.info(
                "unused-grant",
                f"the component `{built.id}` imports nothing that `{first}` is for"
                f"{also if more else ''}",
                component.key_at(first),
                "remove it, unless the next build needs it",
            )


def _listed(names: list[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)


def _shares(component: Component) -> bool:
    """Whether dependencies get some of the component's grants."""
    return any(
        isinstance(dependency, Dependency) and dependency.inherit_configuration
        for dependency in component.dependencies.values()
    )


def unknown_import(subject: Subject) -> Iterator[Diagnostic]:
    """A component imports an interface that is neither hosted nor a dependency's."""
    for built in _built(subject):
        for item in built.binary.unknown_imports:
            if item.name not in built.satisfied:
                near = item.nearest
                yield subject.warning(
                    "unknown-import",
                    f"the component `{built.id}` imports `{item.name}`, which is not hosted and "
                    "no dependency is for",
                    built.component.key_at("source"),
                    f"`{near}` is hosted: build it with an SDK for that"
                    if near
                    else f"add `{item.name}` to `[component.{built.id}.dependencies]`",
                )


def _built(subject: Subject) -> Iterator[_Built]:
    for id_, component in subject.manifest.components.items():
        binary = subject.binaries.of(component.source)
        # A command that is a core module imports what any C library does.
        if binary is not None and (binary.is_component or binary.imports):
            yield _Built(id_, component, binary, _satisfied(component, binary))


def _satisfied(component: Component, binary: Binary) -> frozenset[str]:
    if not component.dependencies:
        return frozenset()
    from spindle.composition import matches_import

    return frozenset(
        name
        for name in binary.imports
        if any(matches_import(dependency, name) for dependency in component.dependencies)
    )
