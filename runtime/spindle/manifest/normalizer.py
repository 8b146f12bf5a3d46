"""Brings a manifest into its one canonical form: named triggers, no inline components, no profile.

The steps and the names they make up are Spin's, in Spin's order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from spindle.diagnostics import Diagnostic, Fix, Severity
from spindle.manifest.edits import reference
from spindle.manifest.ids import kebab_problem
from spindle.manifest.model import (
    Component,
    Dependency,
    Manifest,
    PackageSource,
    Profile,
    RemoteSource,
    Source,
    Trigger,
)
from spindle.text import nearest_name

Diagnostics = list[Diagnostic]
_Change = Callable[[str, Trigger], Trigger]


def normalized(
    manifest: Manifest, profile: str | None = None
) -> tuple[Manifest, tuple[Diagnostic, ...]]:
    """The canonical form of a manifest under a profile, and what stood in its way."""
    diagnostics: Diagnostics = []
    manifest = _with_trigger_ids(manifest)
    manifest = _Inliner(manifest).hoisted()
    if profile is not None:
        diagnostics += _undefined_profile(manifest, profile)
        manifest = _under_profile(manifest, profile)
    manifest = _with_inheritance(manifest, diagnostics)
    return _with_component_dependencies(manifest, diagnostics), tuple(diagnostics)


def _with_trigger_ids(manifest: Manifest) -> Manifest:
    taken = {trigger.id for _, trigger in manifest.all_triggers}

    def named(kind: str, trigger: Trigger) -> Trigger:
        if trigger.id:
            return trigger
        natural = f"{trigger.component_id}-{kind}-trigger"
        if trigger.component_id is None or natural in taken:
            numbered = (f"{kind}-trigger{n}" for n in count(1))
            natural = next(name for name in numbered if name not in taken)
        taken.add(natural)
        return trigger.replaced(id=natural)

    return _with_each_trigger(manifest, named)


@dataclass(slots=True, eq=False)
class _Inliner:
    """Moves inline components to the top level."""

    manifest: Manifest
    components: dict[str, Component] = field(init=False)

    def __post_init__(self) -> None:
        self.components = dict(self.manifest.components)

    def hoisted(self) -> Manifest:
        manifest = _with_each_trigger(self.manifest, lambda _, trigger: self._trigger(trigger))
        return manifest.replaced(components=self.components)

    def _trigger(self, trigger: Trigger) -> Trigger:
        several = sum(1 for _ in _specs(trigger)) > 1

        def referred(spec: str | Component) -> str:
            if isinstance(spec, str):
                return spec
            name = f"{trigger.id}-component"
            if several or kebab_problem(name) is not None or name in self.components:
                numbered = (f"inline-component{n}" for n in count(1))
                name = next(n for n in numbered if n not in self.components)
            self.components[name] = spec
            return name

        component = None if trigger.component is None else referred(trigger.component)
        roles = {
            role: tuple(map(referred, _as_many(specs)))
            for role, specs in trigger.components.items()
        }
        return trigger.replaced(component=component, components=roles)


def _specs(trigger: Trigger) -> Iterator[str | Component]:
    if trigger.component is not None:
        yield trigger.component
    for specs in trigger.components.values():
        yield from _as_many(specs)


def _as_many(specs: str | Component | tuple[str | Component, ...]) -> tuple[str | Component, ...]:
    return specs if isinstance(specs, tuple) else (specs,)


def _undefined_profile(manifest: Manifest, profile: str) -> Iterator[Diagnostic]:
    names = {name for component in manifest.components.values() for name in component.profile}
    if profile in names:
        return
    near = nearest_name(profile, names)
    defined = f"defined: {', '.join(f'`{name}`' for name in sorted(names))}"
    no_profile = "add a `[component.<id>.profile.<name>]` table, or leave `--profile` out"
    yield Diagnostic(
        "undefined-profile",
        Severity.ERROR,
        f"Profile {profile} is not defined in this application",
        manifest.path,
        help=f"did you mean `{near}`?" if near else defined if names else no_profile,
    )


def _under_profile(manifest: Manifest, profile: str) -> Manifest:
    return manifest.replaced(
        components={
            id_: _overridden(component, component.profile.get(profile))
            for id_, component in manifest.components.items()
        },
    )


def _overridden(component: Component, profile: Profile | None) -> Component:
    if profile is None:
        return component
    build = component.build
    if profile.build is not None:
        command = profile.build.command
        build = build.replaced(command=command) if build is not None else profile.build
    return component.replaced(
        build=build,
        source=component.source if profile.source is None else profile.source,
        environment={**component.environment, **profile.environment},
        dependencies={**component.dependencies, **profile.dependencies},
    )


def _with_inheritance(manifest: Manifest, diagnostics: Diagnostics) -> Manifest:
    return manifest.replaced(
        components={
            id_: _inheriting(manifest, id_, component, diagnostics)
            for id_, component in manifest.components.items()
        },
    )


def _inheriting(
    manifest: Manifest, id_: str, component: Component, diagnostics: Diagnostics
) -> Component:
    dependencies = {name: _as_table(d) for name, d in component.dependencies.items()}
    inherit = component.dependencies_inherit_configuration
    if inherit is not None and any(
        d.inherit_configuration is not None for d in dependencies.values()
    ):
        diagnostics.append(
            Diagnostic(
                "conflicting-inheritance",
                Severity.ERROR,
                f"Component `{id_}` specifies both `dependencies_inherit_configuration` and "
                "per-dependency `inherit_configuration`. These are mutually exclusive; "
                "use one or the other",
                manifest.path,
                component.key_at("dependencies_inherit_configuration"),
                help="remove `dependencies_inherit_configuration`",
            )
        )
    elif inherit:
        dependencies = {
            name: d.replaced(inherit_configuration=True) for name, d in dependencies.items()
        }
    return component.replaced(dependencies=dependencies)


def _as_table(dependency: str | Dependency) -> Dependency:
    return Dependency(version=dependency) if isinstance(dependency, str) else dependency


def _with_component_dependencies(manifest: Manifest, diagnostics: Diagnostics) -> Manifest:
    resolver = _Resolver(manifest, diagnostics)
    components = {
        id_: component.replaced(
            dependencies={
                name: resolver.resolved(id_, _as_table(dependency))
                for name, dependency in component.dependencies.items()
            },
        )
        for id_, component in manifest.components.items()
    }

    def resolved(_: str, trigger: Trigger) -> Trigger:
        roles = {
            role: tuple(resolver.resolved(trigger.id, dependency) for dependency in many)
            for role, many in trigger.dependencies.items()
        }
        return trigger.replaced(dependencies=roles)

    return _with_each_trigger(manifest.replaced(components=components), resolved)


_NOT_FOR_DEPENDENCIES = (
    "ai_models",
    "allowed_http_hosts",
    "allowed_outbound_hosts",
    "dependencies",
    "environment",
    "files",
    "key_value_stores",
    "sqlite_databases",
    "variables",
)


@dataclass(slots=True, eq=False)
class _Resolver:
    """Replaces a dependency on a component of the application by that component's source."""

    manifest: Manifest
    diagnostics: Diagnostics

    def resolved(self, depender: str, dependency: Dependency) -> Dependency:
        id_ = dependency.component
        if id_ is None:
            return dependency
        component = self.manifest.components.get(id_)
        if component is None:
            near = nearest_name(id_, self.manifest.components)
            self._report(
                "undefined-component",
                f"dependency ID {id_} does not exist",
                dependency,
                f"did you mean `{near}`?" if near else f"add a `[component.{id_}]` table",
                reference(self.manifest.path, dependency.at("component"), near) if near else None,
            )
            return dependency
        if grants := [name for name in _NOT_FOR_DEPENDENCIES if getattr(component, name)]:
            self._report(
                "dependency-with-grants",
                "Dependencies may not have their own resources or permissions. "
                f"Component {id_} cannot be used as a dependency of {depender} because it "
                f"specifies: {', '.join(grants)}",
                dependency,
                f"remove them from `[component.{id_}]`, and grant them to `{depender}`",
            )
        return _from_source(component.source, dependency)

    def _report(
        self,
        code: str,
        message: str,
        dependency: Dependency,
        help_text: str,
        fix: Fix | None = None,
    ) -> None:
        self.diagnostics.append(
            Diagnostic(
                code,
                Severity.ERROR,
                message,
                self.manifest.path,
                dependency.at("component"),
                help=help_text,
                fix=fix,
            )
        )


def _from_source(source: Source | None, dependency: Dependency) -> Dependency:
    match source:
        case str():
            return dependency.replaced(component=None, path=source)
        case RemoteSource(url=url, digest=digest):
            return dependency.replaced(component=None, url=url, digest=digest)
        case PackageSource(package=package, version=version, registry=registry):
            return dependency.replaced(
                component=None, package=package, version=version, registry=registry
            )
        case None:
            return dependency


def _with_each_trigger(manifest: Manifest, change: _Change) -> Manifest:
    triggers: Mapping[str, tuple[Trigger, ...]] = {
        kind: tuple(change(kind, trigger) for trigger in many)
        for kind, many in manifest.triggers.items()
    }
    return manifest.replaced(triggers=triggers)
