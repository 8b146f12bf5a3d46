"""What a host takes for granted of the machine."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from spindle.component.cache_files import cache_root, size_of
from spindle.component.pages import tells_dirty_pages
from spindle.doctor.findings import Finding, State
from spindle.doctor.patient import Patient
from spindle.doctor.versions import output_of, version_in

START_ENGINE = "from spindle.component.core.engine import Engine; Engine()"
LEAST_SPACE = 500 << 20
"""Bytes that compiled components easily take."""
LEAST_WATCHES = 8192
LEAST_WATCHERS = 64
INOTIFY = Path("/proc/sys/fs/inotify")


def engine_loads(patient: Patient) -> Iterator[Finding]:
    """The engine's library can be loaded; tried in a process of its own, which it may end."""
    if output_of((sys.executable, "-c", START_ENGINE), patient.environment, Path.cwd()) is None:
        message = f"wasmtime's library can't be loaded by Python {platform.python_version()}"
        hint = f"try it: {sys.executable} -c '{START_ENGINE}'"
        yield Finding("engine", State.ERROR, message, (hint, "pip install --force wasmtime"))
    else:
        yield Finding("engine", State.OK, f"the engine starts ({_versions()})")


def page_tracking(_patient: Patient) -> Iterator[Finding]:
    """The system tells which pages of memory were written to."""
    if tells_dirty_pages():
        yield Finding("page-tracking", State.OK, "instances can be reset quickly (PAGEMAP_SCAN)")
    else:
        message = f"{platform.system()} {platform.release()} doesn't tell which memory was changed"
        hint = "instances are made anew instead of reset; Linux tells since 6.7"
        yield Finding("page-tracking", State.NOTE, message, (hint,))


def file_watching(_patient: Patient) -> Iterator[Finding]:
    """Files of an application of some size can be watched."""
    for name, least in (
        ("max_user_watches", LEAST_WATCHES),
        ("max_user_instances", LEAST_WATCHERS),
    ):
        allowed = _number(INOTIFY / name)
        if allowed is None:
            continue
        if allowed < least:
            message = (
                f"only {allowed} of `fs.inotify.{name}` are allowed, of which editors take many"
            )
            hint = f"sudo sysctl fs.inotify.{name}={8 * least}"
            yield Finding("file-watching", State.WARNING, message, (hint,))
        else:
            yield Finding("file-watching", State.OK, f"`fs.inotify.{name}` is {allowed}")


def cache_directory(_patient: Patient) -> Iterator[Finding]:
    """Compiled components can be kept."""
    root = cache_root()
    if (problem := unwritable(root)) is not None:
        message = f"the cache directory `{root}` {problem}: everything is compiled at each start"
        yield Finding("cache", State.WARNING, message, ("set XDG_CACHE_HOME to another one",))
        return
    free = shutil.disk_usage(_existing(root)).free
    if free < LEAST_SPACE:
        message = f"there is little space left for the cache in `{root}`: {free >> 20} MB"
        yield Finding("cache", State.WARNING, message, ("what is in it can be made again",))
        return
    yield Finding("cache", State.OK, f"the cache `{root}` holds {size_of(root) >> 20} MB")


def state_directory(patient: Patient) -> Iterator[Finding]:
    """Logs and databases can be kept beside the manifest."""
    if patient.path is None:
        return
    state = patient.root / ".spin"
    if (problem := unwritable(state)) is not None:
        message = f"the state directory `{state}` {problem}: logs and databases can't be kept"
        hint = "name another one with `spindle up --state-dir`"
        yield Finding("state-directory", State.ERROR, message, (hint,))
    else:
        yield Finding("state-directory", State.OK, f"the state directory `{state}` is writable")


def spin_itself(patient: Patient) -> Iterator[Finding]:
    """Spin is here too, which nothing depends on."""
    path = patient.which("spin")
    if path is None:
        yield Finding("spin", State.NOTE, "`spin` is not installed; nothing here needs it")
        return
    found = version_in(output_of((path, "--version"), patient.environment, patient.root) or "")
    yield Finding("spin", State.OK, f"`spin` {found or 'without a version'} is at `{path}`")


def unwritable(directory: Path) -> str | None:
    """What keeps files from being made in a directory, which need not exist yet."""
    existing = _existing(directory)
    if not existing.is_dir():
        return f"can't be made: `{existing}` is a file"
    try:
        tempfile.TemporaryFile(dir=existing).close()
    except OSError as error:
        return f"is not writable (`{existing}`: {(error.strerror or str(error)).lower()})"
    return None


def _existing(path: Path) -> Path:
    """The path, or the nearest above it that exists."""
    return next(each for each in (path, *path.parents) if os.path.lexists(each))


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def _versions() -> str:
    from importlib.metadata import version

    return f"wasmtime {version('wasmtime')}, Python {platform.python_version()}"
