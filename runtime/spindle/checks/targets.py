"""Rules about the environments that components must be able to run in.

Names alone are compared, and only with what is on this machine; a build compares all there is.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from spindle.checks.stamps import Stamp, stamp_of
from spindle.checks.subject import Subject
from spindle.diagnostics import Diagnostic
from spindle.errors import SpindleError
from spindle.manifest import Component
from spindle.text import Span, quoted_list

if TYPE_CHECKING:
    from spindle.manifest.model import Target
    from spindle.targets import Definition, World, WorldRef


def target_mismatch(subject: Subject) -> Iterator[Diagnostic]:
    """A component can't run in an environment that it is for."""
    for kind, id_, component in _called(subject):
        binary = subject.binaries.of(component.source)
        if binary is None or not binary.is_component or component.dependencies:
            # What dependencies import and satisfy is known when they are composed.
            continue
        for target, span in _targets(subject, component):
            definition = _definition(target, subject.root)
            if not isinstance(definition, str) and definition is not None:
                problem = _problem(definition, kind, binary.imports, binary.exports)
                if problem is not None:
                    yield subject.warning(
                        "target-mismatch",
                        f"the component `{id_}` can't run in `{definition.name}`: {problem}",
                        span,
                        "build it with an SDK for that environment, or give it `targets` of "
                        "its own",
                    )


def invalid_target(subject: Subject) -> Iterator[Diagnostic]:
    """The definition of an environment is not there, or is none."""
    seen = set()
    for holder in (None, *subject.manifest.components.values()):
        for target, span in _targets(subject, holder):
            problem = _definition(target, subject.root)
            if isinstance(problem, str) and span not in seen:
                seen.add(span)
                yield subject.warning(
                    "invalid-target",
                    problem,
                    span,
                    "`docs/reference/targets.md` says what a definition has",
                )


def _called(subject: Subject) -> Iterator[tuple[str, str, Component]]:
    """Each component with each type of trigger that it has."""
    pairs = ((kind, trigger.component_id) for kind, trigger in subject.manifest.all_triggers)
    for kind, id_ in dict.fromkeys(pairs):
        component = subject.manifest.components.get(id_ or "")
        if id_ is not None and component is not None:
            yield kind, id_, component


def _targets(subject: Subject, component: Component | None) -> Iterator[tuple[str | Target, Span]]:
    """The environments of a component, or of the application, each with where it is named."""
    own = None if component is None else component.targets
    if component is not None and own is not None:
        named, place = own, component.at
    else:
        application = subject.manifest.application
        named, place = application.targets, application.at
    for number, target in enumerate(named):
        yield target, place("targets", number)


def _definition(target: str | Target, root: Path) -> Definition | str | None:
    """The definition of an environment, what is wrong with it, or None if it is elsewhere."""
    from spindle.targets import local_definition

    try:
        return local_definition(target, root)
    except SpindleError as error:
        return error.message


def _worlds(ref: WorldRef, base: Path | None) -> tuple[World, ...]:
    """What a world can be; its files are read again once they change."""
    from spindle.targets import local_world

    if ref.path is None:
        return local_world(ref, base)
    path = Path(ref.path) if base is None else base / ref.path
    files = (path, *sorted(path.rglob("*.wit")))
    return _read_worlds(ref, base, tuple((file, stamp_of(file)) for file in files))


@lru_cache(maxsize=16)
def _read_worlds(
    ref: WorldRef, base: Path | None, _stamps: tuple[tuple[Path, Stamp | None], ...]
) -> tuple[World, ...]:
    from spindle.targets import local_world

    return local_world(ref, base)


def _problem(
    definition: Definition, kind: str, imports: tuple[str, ...], exports: tuple[str, ...]
) -> str | None:
    """Why a component can't run in an environment, as far as that shows here."""
    from spindle.targets import misfit

    support = definition.support(kind)
    if support is None:
        return f"it has no triggers of type `{kind}`"
    worlds: list[World] = []
    for ref in support.worlds:
        try:
            found = _worlds(ref, definition.base)
        except (SpindleError, OSError, ValueError):
            return None
        if not found:
            return None
        worlds += found
    wrong = misfit(dict.fromkeys(imports), dict.fromkeys(exports), tuple(worlds))
    if wrong is None:
        return None
    lacking = [name for name, _ in wrong.exports]
    parts = (
        f"it imports {quoted_list(wrong.imports)}, which that environment lacks"
        if wrong.imports
        else "",
        f"it doesn't export {quoted_list(lacking)}" if lacking else "",
    )
    return ", and ".join(filter(None, parts))
