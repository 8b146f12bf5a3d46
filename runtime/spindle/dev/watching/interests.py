"""Which files matter to an application, and for what."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from spindle.dev.watching.ignored import DIRECTORIES, is_ignored
from spindle.dev.watching.inputs import inferred_inputs
from spindle.loader import GlobError, files_named, path_expression
from spindle.manifest import Component, Manifest
from spindle.manifest.model import Placement


class Kind(StrEnum):
    """What a file is to the application."""

    MANIFEST = "manifest"
    CONFIGURATION = "configuration"
    """The runtime configuration, and `.env`."""
    SOURCES = "sources"
    """What a component is built from."""
    ARTEFACT = "artefact"
    """The wasm that a component, or a dependency of it, is."""
    FILES = "files"
    """What a component's guest can read."""


class _Of(NamedTuple):
    kind: Kind
    component: str | None
    root: Path
    patterns: tuple[str, ...]


class Interest(_Of):
    """Some files: globs below an absolute directory, what they are, and of which component."""

    @cached_property
    def _expressions(self) -> list[tuple[str, re.Pattern[str] | None, bool]]:
        compiled = []
        for pattern in self.patterns:
            with suppress(GlobError):  # what the manifest's checks report
                compiled.append(_compiled(self.root, pattern))
        return compiled

    def has(self, path: str) -> bool:
        """Whether a file, by its absolute path, is among them."""
        return any(_fits(path, lead, rest, named) for lead, rest, named in self._expressions)

    def directories(self) -> Iterator[tuple[str, bool]]:
        """Where its files may be, and whether in the directories below as well."""
        for lead, rest, _named in self._expressions:
            if rest is None:
                yield os.path.dirname(lead), False  # noqa: PTH120  # texts, as watchdog has them
            else:
                yield lead, True


def files_of(interest: Interest, most: int) -> Iterator[str]:
    """Files of an interest that are there now, at most so many for each of its patterns."""
    for pattern in interest.patterns:
        with suppress(GlobError, OSError, ValueError):
            for name in files_named(interest.root, pattern, most):
                path = os.path.normpath(interest.root / name)
                if interest.has(path):
                    yield path


def _compiled(root: Path, pattern: str) -> tuple[str, re.Pattern[str] | None, bool]:
    """The literal part of a pattern, what must follow it, and whether it names ignored ones."""
    fixed, rest = path_expression(pattern)
    lead = os.path.normpath(root / fixed)
    names_ignored = not DIRECTORIES.isdisjoint(pattern.split("/"))
    return lead, rest, names_ignored


def _fits(path: str, lead: str, rest: re.Pattern[str] | None, names_ignored: bool) -> bool:
    if rest is None:
        return path == lead
    if not path.startswith(lead + os.sep):
        return False
    relative = path[len(lead) + 1 :].replace(os.sep, "/")
    if not names_ignored and is_ignored(relative):
        return False
    return rest.fullmatch(relative) is not None


def interests_of(
    manifest: Manifest, root: Path, configuration: Iterable[Path] = ()
) -> tuple[Interest, ...]:
    """All that an application with this manifest in `root` is made of.

    `configuration` are files beside the manifest that say what it runs on.
    """
    found = [
        Interest(Kind.MANIFEST, None, root, (manifest.path.name,)),
        *(Interest(Kind.CONFIGURATION, None, p.parent, (p.name,)) for p in configuration),
    ]
    for id_, component in manifest.components.items():
        found += _of_component(id_, component, root)
    return tuple(interest for interest in found if interest.patterns)


def _of_component(id_: str, component: Component, root: Path) -> Iterator[Interest]:
    artefacts = tuple(_local_sources(component))
    yield Interest(Kind.ARTEFACT, id_, root, artefacts)
    yield Interest(Kind.FILES, id_, root, tuple(_files(component, root)))
    build = component.build
    if build is not None:
        workdir = Path(os.path.normpath(root / (build.workdir or "")))
        yield Interest(Kind.SOURCES, id_, workdir, build.watch or inferred_inputs(build.commands))


def _local_sources(component: Component) -> Iterator[str]:
    if isinstance(component.source, str):
        yield component.source
    for dependency in component.dependencies.values():
        path = getattr(dependency, "path", None)
        if path:
            yield path


def _files(component: Component, root: Path) -> Iterator[str]:
    for entry in component.files:
        source = entry.source if isinstance(entry, Placement) else entry
        yield f"{source}/**/*" if (root / source).is_dir() else source
