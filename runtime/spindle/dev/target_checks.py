"""After a build: whether its components can run in the environments the manifest names.

What a definition says is in a registry or behind a URL is fetched, once where it can't change.
Source: Spin's `crates/environments`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from spindle.app import App, LocalSource, RegistrySource, Source
from spindle.component.cache_files import cache_root
from spindle.dev.console import Console
from spindle.dev.target_environments import Environments
from spindle.errors import ComponentError, ExitCode, UserError
from spindle.manifest import Component, Manifest
from spindle.registry import Store, fetch
from spindle.targets import (
    CHAINING,
    Definition,
    TargetError,
    is_chained,
    misfit,
    targets_of,
)
from spindle.wasm.types import ComponentType


class Incompatible(UserError):
    """A component can't run in an environment it should run in."""

    code = "target-mismatch"
    exit_code = ExitCode.FAILED


class _Check(NamedTuple):
    """One component under one type of trigger."""

    kind: str
    id: str
    component: Component


def check_targets(manifest: Manifest, app: App, chosen: tuple[str, ...], console: Console) -> None:
    """Check built components against their targets; no `chosen` ids mean all.

    What can't be checked is a warning. Raises `Incompatible`, and `SpindleError` for definitions
    and packages that can't be had.
    """
    checks = [one for one in _checks(manifest) if not chosen or one.id in chosen]
    if not any(targets_of(manifest, one.component) for one in checks):
        return
    environments = Environments(app.root, console)
    problems = [
        problem
        for one in checks
        for problem in _problems(one, manifest, app, environments, console)
    ]
    if problems:
        raise Incompatible(
            "\n".join(problems)
            + "\nAll components built successfully, but one or more was incompatible with one or "
            "more of the deployment targets.",
            hints=("`--skip-target-checks` builds without comparing them",),
        )


def _checks(manifest: Manifest) -> Iterator[_Check]:
    seen = set()
    for kind, trigger in manifest.all_triggers:
        id_ = trigger.component_id
        component = manifest.components.get(id_ or "")
        if id_ is not None and component is not None and (kind, id_) not in seen:
            seen.add((kind, id_))
            yield _Check(kind, id_, component)


def _problems(
    check: _Check, manifest: Manifest, app: App, environments: Environments, console: Console
) -> Iterator[str]:
    targets = targets_of(manifest, check.component)
    found = [one for one in map(environments.definition, targets) if one is not None]
    if not found:
        return
    try:
        type_ = _composed(app, check.id)
    except ComponentError as error:
        console.warn(f"component `{check.id}` can't be checked against its targets: {error}")
        return
    for definition in found:
        yield from _against(check, type_, definition, environments, _described(app, check.id))


def _against(
    check: _Check,
    type_: ComponentType,
    definition: Definition,
    environments: Environments,
    source: str,
) -> Iterator[str]:
    support = definition.support(check.kind)
    if support is None:
        yield f"Environment {definition.name} does not support trigger type {check.kind}"
        return
    worlds = tuple(world for ref in support.worlds for world in environments.world(ref, definition))
    wrong = misfit(type_.imports, type_.exports, worlds)
    if wrong is not None:
        yield (
            f"Component {check.id} ({source}) can't run in environment {definition.name} "
            f"(world {wrong.world}).\n{wrong.text}"
        ).rstrip("\n")
    if is_chained(check.component) and CHAINING not in support.capabilities:
        yield (
            f"Component {check.id} can't run in environment {definition.name} because it requires "
            f"the feature(s) '{CHAINING}' which the environment does not support"
        )


def _composed(app: App, id_: str) -> ComponentType:
    """The type of a component with its dependencies in it."""
    # Here, for few applications have targets.
    from spindle.composition import Dependency, assemble, read_part

    store = Store(cache_root())
    component = app.components[id_]
    part = read_part(id_, _component_bytes(component.source, store, f"component `{id_}`"))
    if not component.dependencies:
        return part.type
    dependencies = [
        Dependency(
            one.name,
            read_part(
                one.name, _component_bytes(one.source, store, f"dependency `{one.name}` of `{id_}`")
            ),
            one.export,
        )
        for one in component.dependencies
    ]
    return read_part(id_, bytes(assemble(part, dependencies))).type


def _component_bytes(source: Source, store: Store, what: str) -> bytes:
    from spindle.componentize import component_around
    from spindle.wasm.decoder import Kind, kind_of

    path = fetch(source, store)
    try:
        data = path.read_bytes()
    except OSError as error:
        problem = (error.strerror or str(error)).lower()
        raise TargetError(f"{what} can't be read from `{path}`: {problem}") from None
    return component_around(data) if kind_of(data) is Kind.MODULE else data


def _described(app: App, id_: str) -> str:
    """Where a component comes from, as Spin says it."""
    match app.components[id_].source:
        case LocalSource(path):
            return f'file "{path.relative_to(app.root) if path.is_relative_to(app.root) else path}"'
        case RegistrySource(package):
            return f"package {package}"
        case source:
            return f"URL {source.url}"
