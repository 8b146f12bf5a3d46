"""Rules about files and directories the manifest names."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from spindle.checks.stamps import Stamp, is_directory, stamp_of
from spindle.checks.subject import Subject
from spindle.diagnostics import Diagnostic

_MAGIC = b"\0asm"


def whole_directory(subject: Subject) -> Iterator[Diagnostic]:
    """A component gets the whole application directory."""
    for id_, component in subject.manifest.components.items():
        for pattern, node in component.strings("files"):
            if pattern in ("*", "**/*"):
                yield subject.warning(
                    "whole-directory",
                    f"the component `{id_}` gets the whole application directory",
                    node.span,
                    f'name the directory it needs, or write "./{pattern}" if this is meant',
                )


def not_wasm(subject: Subject) -> Iterator[Diagnostic]:
    """A component's source is a file, but no WebAssembly."""
    for id_, component in subject.manifest.components.items():
        if not subject.built or not isinstance(component.source, str):
            continue
        problem = _wasm_problem(f"{subject.root}/{component.source}")
        if problem is not None:
            yield subject.error(
                "not-wasm",
                f'the source of component `{id_}`, "{component.source}", {problem}',
                component.at("source"),
                "name the wasm file that the build makes, or run `spindle build`",
            )


def _wasm_problem(path: str) -> str | None:
    stamp = stamp_of(path)
    return None if stamp is None else _problem_of(path, stamp)


@lru_cache(maxsize=1024)
def _problem_of(path: str, _stamp: Stamp) -> str | None:
    try:
        with Path(path).open("rb") as file:
            start = file.read(64)
    except OSError:
        return None
    if not start:
        return "is empty"
    if start.startswith(_MAGIC) or start.lstrip().startswith((b"(", b";;")):
        return None
    return "is not WebAssembly: it doesn't begin with the bytes `\\0asm`"


def missing_workdir(subject: Subject) -> Iterator[Diagnostic]:
    """A component is built in a directory that doesn't exist."""
    for id_, component in subject.manifest.components.items():
        build = component.build
        if build is None or build.workdir is None or Path(build.workdir).is_absolute():
            continue
        if not is_directory(subject.root / build.workdir):
            yield subject.warning(
                "missing-workdir",
                f'the build directory of component `{id_}`, "{build.workdir}", does not exist',
                build.at("workdir"),
                "check the path; it is relative to the application directory",
            )


def missing_watch(subject: Subject) -> Iterator[Diagnostic]:
    """A component is built, but nothing says from which files."""
    for id_, component in subject.manifest.components.items():
        if component.build is not None and not component.build.watch:
            yield subject.hint(
                "missing-watch",
                f"changes to the sources of component `{id_}` are not watched",
                component.build.key_at(),
                'add `watch = ["src/**/*"]`, with the globs of its sources',
            )
