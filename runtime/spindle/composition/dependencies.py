"""Which imports of a component a dependency satisfies, by the name a manifest gives it.

`namespace:package`, with or without `/interface` and `@version`, satisfies every import of that
package that it does not rule out; a version must be that very version. A plain name satisfies the
import of the same name. The dependency must export what it satisfies under the import's own name,
unless an export is named.

Spec: Spin's manifest reference, component dependencies.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from spindle.composition.part import CompositionError, Import, Part, Provided, Wires
from spindle.text import nearest_name


@dataclass(frozen=True, slots=True)
class Dependency:
    """A part that provides for a component under a name."""

    name: str
    part: Part
    export: str | None = None
    """The export that satisfies the import; None for the one of the import's own name."""


def wires_of(component: Part, dependencies: Sequence[Dependency]) -> Wires:
    """What each dependency of a component satisfies.

    Raises `CompositionError` for a dependency that satisfies nothing, for imports that several
    satisfy, and for exports that are not there.
    """
    satisfied: dict[str, list[Dependency]] = defaultdict(list)
    for dependency in dependencies:
        for name in _matched(component, dependency):
            satisfied[name].append(dependency)
    _check_conflicts(component, satisfied)
    return {
        Import(component, name): _provided(dependency, name)
        for name, (dependency,) in satisfied.items()
    }


def matches_import(dependency: str, name: str) -> bool:
    """Whether a dependency's name matches an import's."""
    if dependency == name:
        return True
    wanted, version = _split_version(dependency)
    unversioned, found = _split_version(name)
    package = unversioned.partition("/")[0]
    is_package = ":" in dependency and package != unversioned
    return is_package and wanted in (package, unversioned) and version in (None, found)


def _split_version(name: str) -> tuple[str, str | None]:
    unversioned, _, version = name.partition("@")
    return unversioned, version or None


def _matched(component: Part, dependency: Dependency) -> list[str]:
    imports = component.type.imports
    matched = [name for name in imports if matches_import(dependency.name, name)]
    if not matched:
        raise CompositionError(
            f"dependency `{dependency.name}` doesn't match any import of `{component.name}`",
            hints=_suggestion(dependency.name, _names(imports), f"`{component.name}` imports"),
        )
    return matched


def _check_conflicts(component: Part, satisfied: dict[str, list[Dependency]]) -> None:
    for name, by in satisfied.items():
        if len(by) > 1:
            names = " and ".join(f"`{dependency.name}`" for dependency in by)
            raise CompositionError(
                f"import `{name}` of `{component.name}` is satisfied by more than one "
                f"dependency: {names}",
                hints=("name the interface or version in each, as in `namespace:package/name`",),
            )


def _provided(dependency: Dependency, name: str) -> Provided:
    export = name if dependency.export is None else dependency.export
    exports = dependency.part.type.exports
    if export not in exports:
        as_import = "" if export == name else f" to satisfy import `{name}`"
        raise CompositionError(
            f"dependency `{dependency.name}` doesn't export `{export}`{as_import}",
            hints=_suggestion(export, exports, "it exports"),
        )
    return Provided(dependency.part, export)


def _suggestion(name: str, known: Iterable[str], those: str) -> tuple[str, ...]:
    """A hint at the name that was perhaps meant, or at all there are."""
    names = list(known)
    near = nearest_name(name, names)
    return (f"did you mean `{near}`?" if near else f"{those} {listed(names)}",)


def _names(imports: Iterable[str]) -> list[str]:
    """What dependencies could be called: imports, and their packages."""
    packages = (name.partition("/")[0] for name in imports if "/" in name)
    return list(dict.fromkeys([*imports, *packages]))


def listed(names: Iterable[str]) -> str:
    """The first few of some names, for a message."""
    quoted = [f"`{name}`" for name in names]
    if len(quoted) > 5:
        return f"{', '.join(quoted[:5])} and {len(quoted) - 5} more"
    return ", ".join(quoted) or "nothing"
