"""Rules about what satisfies the imports of components and the roles of triggers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from spindle.app import GRANTS
from spindle.checks.subject import Subject
from spindle.diagnostics import Diagnostic
from spindle.manifest import Component, Dependency
from spindle.manifest.edits import fix
from spindle.manifest.ids import dependency_problem
from spindle.text import is_slip, nearest_name

INHERITABLE = tuple(name for name, _ in GRANTS)


def _each(subject: Subject) -> Iterator[tuple[str, Component, str, Dependency]]:
    for id_, component in subject.manifest.components.items():
        for name, dependency in component.dependencies.items():
            if isinstance(dependency, Dependency):
                yield id_, component, name, dependency


def _is_plain(name: str) -> bool:
    return ":" not in name and "/" not in name


def dependency_without_package(subject: Subject) -> Iterator[Diagnostic]:
    """A plainly named dependency has a version, but nothing says of which package."""
    for id_, component, name, dependency in _each(subject):
        if _is_plain(name) and dependency.version is not None and dependency.package is None:
            yield subject.error(
                "dependency-without-package",
                f'component "{id_}" has invalid dependencies: dependency "{name}" must specify a '
                "package name",
                component.key_at("dependencies", name),
                'write `{ version = "…", package = "namespace:name" }`',
            )


def dependency_export(subject: Subject) -> Iterator[Diagnostic]:
    """A whole package is to be satisfied by one export."""
    for id_, component, name, dependency in _each(subject):
        local = dependency.path is not None or dependency.version is not None
        if local and dependency.export is not None and not _is_plain(name) and "/" not in name:
            yield subject.error(
                "dependency-export",
                f'component "{id_}" has invalid dependencies: using an export to satisfy the '
                f'package dependency "{name}" is not currently permitted',
                component.key_at("dependencies", name, "export"),
                f'name the interface: `"{name}/interface"`',
            )


def conflicting_dependencies(subject: Subject) -> Iterator[Diagnostic]:
    """Two dependencies satisfy the same imports."""
    for id_, component in subject.manifest.components.items():
        names = [n for n in component.dependencies if not _is_plain(n) and not _malformed(n)]
        for one, other in combinations(names, 2):
            if _overlap(one, other):
                yield subject.error(
                    "conflicting-dependencies",
                    f'component "{id_}" has invalid dependencies: "{one}" conflicts with "{other}"',
                    component.key_at("dependencies", other),
                    "give them different interfaces or incompatible versions",
                    ("the other one", component.key_at("dependencies", one)),
                )


def _malformed(name: str) -> bool:
    return dependency_problem(name) is not None


def _overlap(one: str, other: str) -> bool:
    package, interface, version = _parts(one)
    other_package, other_interface, other_version = _parts(other)
    if package != other_package:
        return False
    if version and other_version and _compatible(version) != _compatible(other_version):
        return False
    return not (interface and other_interface and interface != other_interface)


def _parts(name: str) -> tuple[str, str, str]:
    name, _, version = name.partition("@")
    package, _, interface = name.partition("/")
    return package, interface, version


def _compatible(version: str) -> str:
    """What versions that may stand for each other have in common."""
    release, dash, _ = version.partition("-")
    if dash:
        return version
    major, minor, patch = release.partition("+")[0].split(".")
    if major != "0":
        return major
    return f"0.{minor}" if minor != "0" else f"0.0.{patch}"


def unknown_grant(subject: Subject) -> Iterator[Diagnostic]:
    """A dependency inherits something that doesn't exist, which is ignored."""
    for _, component, name, _dependency in _each(subject):
        for text, span in component.texts("dependencies", name, "inherit_configuration"):
            if text not in INHERITABLE:
                near = nearest_name(text, INHERITABLE)
                known = ", ".join(f"`{grant}`" for grant in INHERITABLE)
                yield subject.warning(
                    "unknown-grant",
                    f"there is no `{text}` to inherit, so it is ignored",
                    span,
                    f"did you mean `{near}`?" if near else f"known: {known}",
                    fix=subject.instead(span, near) if near else None,
                )


def unknown_role(subject: Subject) -> Iterator[Diagnostic]:
    """An HTTP trigger's dependency has another role than `middleware`."""
    for trigger in subject.manifest.triggers.get("http", ()):
        for role in trigger.dependencies:
            if role != "middleware":
                yield subject.error(
                    "unknown-dependency-role",
                    "the HTTP trigger's only allowed trigger dependency is `middleware`, "
                    f"not `{role}`",
                    place := trigger.key_at("dependencies", role),
                    "rename it to `middleware`",
                    fix=fix(
                        "Rename it to `middleware`",
                        subject.editor.replace(place, "middleware"),
                        safe=is_slip(role, "middleware"),
                    )
                    if "middleware" not in trigger.dependencies
                    else None,
                )
