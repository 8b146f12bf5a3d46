"""What is to be built, from what, and in which order."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

from spindle.dev.watching import inferred_inputs
from spindle.manifest import Component, Dependency, Manifest


class Step(NamedTuple):
    """How one component is built."""

    id: str
    commands: tuple[str, ...]
    workdir: Path
    """Absolute."""
    has_workdir: bool
    """Whether the manifest names it."""
    inputs: tuple[str, ...]
    """Globs relative to `workdir`: those of `build.watch`, or what is known of the tools."""
    artefact: Path | None
    """The component's wasm, absolute; None if it isn't a file of the application's."""
    needs: tuple[str, ...]
    """Components that must be built before; also those built in the same directory."""


class Plan(NamedTuple):
    """The steps of an application's build, each after what it needs."""

    steps: Mapping[str, Step]
    order: tuple[str, ...]

    def only(self, ids: Iterable[str]) -> Plan:
        """The same for some components alone."""
        wanted = set(ids)
        order = tuple(id_ for id_ in self.order if id_ in wanted)
        return Plan({id_: self._trimmed(id_, wanted) for id_ in order}, order)

    def _trimmed(self, id_: str, wanted: set[str]) -> Step:
        step = self.steps[id_]
        return step._replace(needs=tuple(need for need in step.needs if need in wanted))


def plan_of(manifest: Manifest, root: Path) -> Plan:
    """The plan of all components that have a build; circles are cut in the manifest's order."""
    components = {id_: c for id_, c in manifest.components.items() if c.build is not None}
    order = build_order(manifest, list(components))
    steps: dict[str, Step] = {}
    for id_ in order:
        steps[id_] = _step(id_, components[id_], manifest, root, steps)
    return Plan(steps, tuple(order))


def build_order(manifest: Manifest, ids: Sequence[str]) -> list[str]:
    """The components with dependencies first; in a circle, the manifest's order."""
    graph = {id_: [needed for needed in _needed(id_, manifest) if needed in ids] for id_ in ids}
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError:
        return list(ids)


def _step(
    id_: str, component: Component, manifest: Manifest, root: Path, before: Mapping[str, Step]
) -> Step:
    build = component.build
    assert build is not None, "only components with a build are planned"
    workdir = Path(os.path.normpath(root / (build.workdir or "")))
    # Two builds in one directory would trip over each other's files.
    beside = [other for other, step in before.items() if step.workdir == workdir]
    needs = dict.fromkeys(n for n in [*_needed(id_, manifest), *beside] if n in before)
    return Step(
        id_,
        build.commands,
        workdir,
        build.workdir is not None,
        build.watch or inferred_inputs(build.commands),
        root / component.source if isinstance(component.source, str) else None,
        tuple(needs),
    )


def _needed(id_: str, manifest: Manifest) -> list[str]:
    by_source = {
        component.source: other
        for other, component in manifest.components.items()
        if isinstance(component.source, str)
    }
    dependencies = manifest.components[id_].dependencies.values()
    needed = [
        by_source.get(d.path) if d.path else d.component
        for d in dependencies
        if isinstance(d, Dependency)
    ]
    return [other for other in needed if other is not None and other != id_]
