"""Whether the wasm on disk is what the files it is built from would make it.

Those are the files that `build.watch` matches. Looking for them takes long compared with all else
that is checked, so what was found stands for a while: an editor asks at each keystroke.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from spindle.checks import stamp_of
from spindle.diagnostics import Diagnostic, Severity
from spindle.loader.globs import GlobError, files_named
from spindle.manifest import Component, Manifest
from spindle.manifest.model import Build

STANDS_FOR = 10.0
"""Seconds for which what was found is not looked for again."""
MOST_FILES = 2000
"""Files looked at for one glob: one that takes in more says little of what is built from what."""


class Inputs(NamedTuple):
    """The files of a build."""

    found_at: float
    newest: int
    """When the newest of them was changed, in nanoseconds."""
    name: str
    """The newest, relative to the build's directory."""
    unmatched: tuple[str, ...]
    """Globs that match no file."""
    makes_itself: str | None
    """A glob that matches what the build makes."""


@dataclass(frozen=True, slots=True)
class _Asked:
    workdir: str
    watch: tuple[str, ...]
    source: str


_found: dict[_Asked, Inputs] = {}


def freshness_problems(manifest: Manifest, root: Path) -> Iterator[Diagnostic]:
    """What there is to say of components that are built from files that can be found."""
    for id_, component in manifest.components.items():
        build = component.build
        if build is None or not build.watch or not isinstance(component.source, str):
            continue
        if "\0" in f"{component.source}{build.workdir}":
            # No path can hold it.
            continue
        asked = _Asked(f"{root}/{build.workdir or '.'}", build.watch, f"{root}/{component.source}")
        inputs = _inputs(asked)
        if inputs.unmatched or inputs.makes_itself:
            yield from _about_globs(manifest.path, id_, build, inputs)
        made = stamp_of(asked.source)
        if made is not None and inputs.newest > made.changed:
            yield _stale(manifest.path, id_, component, inputs.name)


def forget_inputs() -> None:
    """Look for all files again, whenever they were found: some have changed."""
    _found.clear()


def _about_globs(path: Path, id_: str, build: Build, inputs: Inputs) -> Iterator[Diagnostic]:
    for pattern, span in build.texts("watch"):
        if pattern in inputs.unmatched:
            yield Diagnostic(
                "no-file-matches",
                Severity.WARNING,
                f'no file matches "{pattern}"',
                path,
                span,
                help="check the glob; it is relative to the `workdir` of the build",
            )
        elif pattern == inputs.makes_itself:
            yield Diagnostic(
                "watch-matches-output",
                Severity.WARNING,
                f'"{pattern}" matches what the build of `{id_}` makes, so each build asks for '
                "another",
                path,
                span,
                help="watch the sources alone, as in `src/**/*`",
            )


def _stale(path: Path, id_: str, component: Component, newest: str) -> Diagnostic:
    return Diagnostic(
        "stale-source",
        Severity.WARNING,
        f"the wasm of component `{id_}` is older than `{newest}`, which it is built from",
        path,
        component.at("source"),
        help="run `spindle build`",
    )


def _inputs(asked: _Asked) -> Inputs:
    known = _found.get(asked)
    now = time.monotonic()
    if known is None or now - known.found_at > STANDS_FOR:
        if len(_found) > 1000:
            _found.clear()
        known = _found[asked] = _look_for(asked, now)
    return known


def _look_for(asked: _Asked, now: float) -> Inputs:
    workdir, output = Path(asked.workdir), os.path.realpath(asked.source)
    newest, newest_name, makes_itself = 0, "", None
    unmatched = []
    for pattern in asked.watch:
        matched = False
        for name in _matching(workdir, pattern):
            matched = True
            path = f"{workdir}/{name}"
            if os.path.realpath(path) == output:
                makes_itself = pattern
            elif (changed := _changed(path)) > newest:
                newest, newest_name = changed, name
        if not matched:
            unmatched.append(pattern)
    return Inputs(now, newest, newest_name, tuple(unmatched), makes_itself)


def _matching(workdir: Path, pattern: str) -> Iterator[str]:
    try:
        yield from files_named(workdir, pattern, MOST_FILES)
    except (GlobError, OSError, ValueError):
        return


def _changed(path: str) -> int:
    """When a file was changed, in nanoseconds; 0 if it isn't there."""
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116  # of many files a `Path` each takes longer
    except (OSError, ValueError):
        return 0
