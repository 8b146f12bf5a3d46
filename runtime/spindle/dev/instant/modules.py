"""Reading the modules of an application from its directories."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from spindle.app import Module, Sources
from spindle.dev.watching.ignored import DIRECTORIES, is_leftover
from spindle.errors import UserError

MOST_MODULES = 5000
MOST_BYTES = 64 << 20


class TooManySources(UserError):
    """There is more Python below an application's directories than can be given to a guest."""

    code = "too-many-sources"


def read_sources(
    app: str, paths: Iterable[Path], root: Path, before: Sources | None = None
) -> Sources:
    """The modules below directories, those of earlier ones first found, as Python finds them.

    `root` is the application's directory: stacks name files relative to it. Code that was compiled
    for `before` is kept as long as its source is the same. Raises `TooManySources`.
    """
    modules: dict[str, Module] = {}
    size = 0
    for directory in paths:
        for module in _modules_below(directory, root):
            if module.name not in modules:
                modules[module.name] = module
                size += len(module.source)
            if len(modules) > MOST_MODULES or size > MOST_BYTES:
                raise TooManySources(
                    f"there is more Python below `{directory}` than can be run from its sources",
                    hints=("keep what isn't the application's out of its directory",),
                )
    ordered = tuple(modules[name] for name in sorted(modules))
    known = {} if before is None else before.compiled
    compiled = {m.key: known[m.key] for m in ordered if m.key in known}
    return Sources(app, _digest(app, ordered), ordered, compiled)


def _modules_below(directory: Path, root: Path) -> Iterator[Module]:
    top = str(directory)
    for at, directories, names in os.walk(top):
        directories[:] = sorted(name for name in directories if _may_be_package(at, name))
        package = list(Path(at).relative_to(top).parts)
        for name in sorted(names):
            if name.endswith(".py") and not is_leftover(name):
                module = _module(package, at, name, root)
                if module is not None:
                    yield module


def _may_be_package(at: str, name: str) -> bool:
    """Whether a directory may be part of a module's name; environments are none."""
    there = os.path.join(at, name)  # noqa: PTH118
    is_environment = os.path.exists(os.path.join(there, "pyvenv.cfg"))  # noqa: PTH110, PTH118
    return name.isidentifier() and name not in DIRECTORIES and not is_environment


def _module(package: list[str], at: str, name: str, root: Path) -> Module | None:
    stem = name.removesuffix(".py")
    is_package = stem == "__init__"
    parts = package if is_package else [*package, stem]
    if not parts or not parts[-1].isidentifier():
        return None
    file = Path(at, name)
    try:
        source = file.read_bytes()
    except OSError:  # it went while it was looked at
        return None
    return Module(".".join(parts), _as_in_stacks(file, root), is_package, source)


def _as_in_stacks(file: Path, root: Path) -> str:
    """A path as a person reads it: relative to the application, where it is part of that."""
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)


def _digest(app: str, modules: Iterable[Module]) -> str:
    digest = hashlib.sha256(app.encode())
    for module in modules:
        digest.update(f"\0{module.name}\0{module.path}\0{len(module.source)}\0".encode())
        digest.update(module.source)
    return digest.hexdigest()
