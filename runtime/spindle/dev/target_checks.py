"""After a build: whether its components can run in the environments the manifest names.

What a definition says is in a registry or behind a URL is fetched, once where it can't change.
Source: Spin's `crates/environments`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from spindle.app import App, LocalSource, RegistrySource, Source
from spindle.component.cache_files import cache_root, write_file
from spindle.dev.console import Console
from spindle.errors import ComponentError, ExitCode, HostError, UserError
from spindle.manifest import Component, Manifest
from spindle.manifest.model import Target
from spindle.registry import Store, fetch, fetch_image
from spindle.registry.web import download
from spindle.targets import (
    CHAINING,
    Definition,
    TargetError,
    World,
    WorldRef,
    is_chained,
    local_definition,
    local_world,
    misfit,
    parse_definition,
    ref_text,
    targets_of,
    world_in,
)
from spindle.wasm.types import ComponentType

DEFAULT_REGISTRY = "spinframework.dev"
"""Where the packages of worlds are that don't say where."""
LARGEST = 1 << 20
"""Bytes a definition may have."""


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
    environments = _Environments(app.root, console)
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
    check: _Check, manifest: Manifest, app: App, environments: _Environments, console: Console
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
    environments: _Environments,
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


class _Environments:
    """Definitions and worlds, each had once."""

    def __init__(self, root: Path, console: Console) -> None:
        self._root = root
        self._console = console
        self._store = Store(cache_root())
        self._definitions: dict[str, Definition | None] = {}
        self._worlds: dict[tuple[WorldRef, Path | None], tuple[World, ...]] = {}

    def definition(self, target: str | Target) -> Definition | None:
        """The definition of a target; None, and a warning, if nothing is known of it."""
        key = repr(target)
        if key not in self._definitions:
            self._definitions[key] = self._find(target)
        return self._definitions[key]

    def world(self, ref: WorldRef, definition: Definition) -> tuple[World, ...]:
        """What a world of a definition can be."""
        key = (ref, definition.base)
        if key not in self._worlds:
            self._worlds[key] = local_world(ref, definition.base) or (self._fetched(ref),)
        return self._worlds[key]

    def _find(self, target: str | Target) -> Definition | None:
        found = local_definition(target, self._root)
        if found is None and isinstance(target, Target) and target.url is not None:
            return self._behind(target.url)
        if found is None:
            self._console.warn(
                f"nothing is known here of the target environment `{ref_text(target)}`, so the "
                "components are not checked against it",
                (
                    "`spindle targets list` lists those that are known",
                    "`spin targets update` fetches Spin's catalogue",
                ),
            )
        return found

    def _behind(self, url: str) -> Definition:
        """A definition behind a URL; the one that was there last if it can't be reached."""
        name = url.partition("?")[0].rstrip("/").rpartition("/")[2].removesuffix(".toml") or url
        copy = cache_root() / "targets" / hashlib.sha256(url.encode()).hexdigest()
        try:
            content = _limited(url)
        except HostError as error:
            if not copy.is_file():
                raise
            self._console.warn(f"{error}; the definition fetched before is used")
            content = copy.read_bytes()
        definition = parse_definition(name, content.decode("utf-8", "replace"))
        write_file(copy, content)
        return definition

    def _fetched(self, ref: WorldRef) -> World:
        name = ref.name
        if ref.reference is not None:
            path = fetch_image(ref.reference, self._store)
        elif name.version is None:
            raise TargetError(f"the world `{ref.world}` names no version of its package")
        else:
            package = f"{name.namespace}:{name.package}"
            registry = ref.registry or DEFAULT_REGISTRY
            path = fetch(RegistrySource(package, f"={name.version}", registry), self._store)
        return world_in(ref, path.read_bytes(), f"the package of world `{ref.world}`")


def _limited(url: str) -> bytes:
    content = bytearray()
    for chunk in download(url):
        content += chunk
        if len(content) > LARGEST:
            raise TargetError(f"the target environment at {url} is larger than {LARGEST >> 20} MiB")
    return bytes(content)


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
