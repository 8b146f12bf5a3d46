"""Bases: built by the person's own tools, once for each set of them, and kept for all projects."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sqlite3
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from spindle.component.cache_files import cache_root
from spindle.dev.building.compilers import without_backtrace
from spindle.dev.building.running import behind, run_command
from spindle.dev.instant.recipes import Recipe
from spindle.errors import HostError

LOADER = Path(__file__).parent / "loader"
KEPT_DAYS = 30
MOST_KEPT = 12
_DAY = 24 * 60 * 60.0
_PATIENCE = 900.0
"""Seconds to wait for another host that builds the same base."""
_LOOK = """
import glob, hashlib, json, os, shutil, site
home = os.environ.get("VIRTUAL_ENV")
roots = [home] if home else site.getsitepackages()

def digest(path):
    # Left out is what an installer notes of itself, and what names the place it installs to.
    own = (os.path.basename(os.path.dirname(path)) + "/", "../")
    with open(path, encoding="utf-8") as file:
        lines = [one for one in file if not one.startswith(own) and "__pycache__" not in one]
    return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()

found = sorted(
    (os.path.relpath(path, root), digest(path))
    for root in roots
    for path in glob.glob(root + "/**/*.dist-info/RECORD", recursive=True)
    if not path.split(os.sep)[-2].startswith(("pip-", "setuptools-"))  # they are in no base
)
tool = shutil.which("componentize-py")
if tool and home and os.path.realpath(tool).startswith(os.path.realpath(home) + os.sep):
    tool = None  # it is among what was found
print("spindle:" + json.dumps([found, [os.path.realpath(tool), os.stat(tool).st_mtime_ns]
    if tool else None]))
"""
"""Says what is installed beside the tool, in the same words wherever the same is installed."""
SAID = "spindle:"


class NoBase(HostError):
    """There can be no base for a component; the message is the end of a sentence."""

    code = "no-base"


class Wanted(NamedTuple):
    """A base that is to be there."""

    recipe: Recipe
    workdir: Path
    path: Path
    """Where it is, or will be."""


def _ignore(_line: str) -> None:
    """Nobody wants to know."""


def are_any() -> bool:
    """Whether there is any base, whatever for."""
    return any(_directory().glob("*.wasm"))


async def wanted(recipe: Recipe, workdir: Path, tell: Callable[[str], None] = _ignore) -> Wanted:
    """The base for a recipe as its tools are now; raises `NoBase`.

    `tell` is told what the tools write, which may have to be set up first.
    """
    tools = await _tools(recipe, workdir, tell)
    key = await asyncio.to_thread(_key, recipe, workdir, tools)
    return Wanted(recipe, workdir, _directory() / f"{key}.wasm")


def is_there(base: Wanted) -> bool:
    """Whether it need not be built; what is of use is kept longer."""
    with suppress(OSError):
        _lock_of(base.path).touch()
    return base.path.is_file()


async def build(base: Wanted) -> None:
    """Build it, unless somebody else has meanwhile; raises `NoBase`."""
    lock = await asyncio.to_thread(_locked, base.path)
    try:
        if not is_there(base):
            await _build(base)
            await asyncio.to_thread(_prune, base.path.parent, time.time())
    finally:
        lock.close()


async def _build(base: Wanted) -> None:
    unfinished = base.path.with_suffix(f".{os.getpid()}.part")
    lines: deque[str] = deque(maxlen=200)
    command = behind(base.recipe.base_command(LOADER, unfinished))
    try:
        status = await run_command(command, base.workdir, lambda line: _keep(lines, line))
        if status or not unfinished.is_file():
            raise NoBase(f"its development build fails: {_last(lines)}")
        unfinished.replace(base.path)
    except OSError as error:
        raise NoBase(f"its development build fails: {error}") from None
    finally:
        with suppress(OSError):
            unfinished.unlink()


def _keep(lines: deque[str], line: bytes) -> None:
    lines.append(line.decode("utf-8", "replace").rstrip())


def _last(lines: deque[str]) -> str:
    said = [line for line in without_backtrace(list(lines)) if line.strip()]
    return said[-1].strip() if said else "it says nothing"


async def _tools(recipe: Recipe, workdir: Path, tell: Callable[[str], None]) -> str:
    """What is installed where the tool is."""
    lines: deque[str] = deque(maxlen=200)

    def hear(line: bytes) -> None:
        _keep(lines, line)
        if not lines[-1].startswith(SAID):
            tell(lines[-1])

    try:
        await run_command(recipe.python_command(_LOOK), workdir, hear)
    except OSError as error:
        raise NoBase(f"its tools can't be looked at: {error}") from None
    found = next((line for line in lines if line.startswith(SAID)), None)
    if found is None:
        raise NoBase(f"its tools can't be looked at: {_last(lines)}")
    return found


def _key(recipe: Recipe, workdir: Path, tools: str) -> str:
    known = [_program(recipe, workdir), tools, recipe.options]
    digest = hashlib.sha256(json.dumps(known).encode())
    wit = [workdir / path for path in recipe.values("--wit-path")]
    for place in (LOADER, *wit):
        for file in _files(place):
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:32]


def _program(recipe: Recipe, workdir: Path) -> list[object]:
    """The tool, where the command names its file."""
    path = workdir / recipe.tool[0]
    return [str(path.resolve()), path.stat().st_mtime_ns] if path.is_file() else []


def _files(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    return sorted(f for f in place.rglob("*") if f.suffix in (".wit", ".py") and f.is_file())


def _directory() -> Path:
    return cache_root() / "bases"


def _locked(path: Path) -> sqlite3.Connection:
    """Hold the lock beside a path; the operating system frees it should this process die."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = sqlite3.connect(
            _lock_of(path),
            timeout=_PATIENCE,
            isolation_level=None,
            check_same_thread=False,
        )
        held.execute("BEGIN EXCLUSIVE")
    except (OSError, sqlite3.Error) as error:
        raise NoBase(f"`{path.parent}` can't be used: {error}") from None
    return held


def _lock_of(path: Path) -> Path:
    """Held while a base is built; when it was touched last, the base was of use."""
    return path.with_suffix(".lock")


def _prune(directory: Path, now: float) -> None:
    """Remove bases that nobody has used for long, and those used least of many."""
    with suppress(OSError):
        used = {path: _lock_of(path).stat().st_mtime for path in directory.glob("*.wasm")}
        for number, path in enumerate(sorted(used, key=lambda path: -used[path])):
            if number >= MOST_KEPT or now - used[path] > KEPT_DAYS * _DAY:
                path.unlink(missing_ok=True)
