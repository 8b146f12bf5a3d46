"""Files and directories on disk, one directory at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from spindle_lsp.features.offers import Kind, Offer, Place, escaped
from spindle_lsp.meaning import Sort

MOST = 500
"""Entries of a directory that are offered."""
HIDDEN = frozenset({"node_modules", "__pycache__", "venv"})


def offered_paths(place: Place, sort: Sort) -> Iterator[Offer]:
    """What is in the directory that is being written."""
    base = _base(place)
    written = place.cursor.typed.rpartition("/")[0]
    prefix = f"{written}/" if written or place.cursor.typed.startswith("/") else ""
    if "\0" in prefix:
        return
    wanted = _WANTED.get(sort, _any)
    for entry in _entries(base / prefix, place.cursor.typed.rpartition("/")[2]):
        is_directory = _is_directory(entry)
        text = prefix + entry.name
        if is_directory:
            end = "" if sort is Sort.DIRECTORY else "/"
            yield Offer(text + end, escaped(text + end), Kind.Folder, rank=3)
            if sort is Sort.FILE and place.snapshot.kind == "manifest":
                yield Offer(
                    f"{text}/**/*", escaped(f"{text}/**/*"), Kind.Folder, "all files", rank=4
                )
        elif wanted(entry.name):
            yield Offer(text, escaped(text), Kind.File, rank=2)


def _any(_name: str) -> bool:
    return True


_WANTED: dict[Sort, Callable[[str], bool]] = {
    Sort.WASM: lambda name: name.endswith((".wasm", ".wat")),
    Sort.DIRECTORY: lambda name: False,
}


def _base(place: Place) -> Path:
    """What a path is relative to."""
    root = place.snapshot.root
    if place.path[-2:-1] == ("watch",):
        workdir = place.value((*place.path[:-2], "workdir"))
        return root if workdir is None or "\0" in workdir else root / workdir
    return root


def _entries(directory: Path, name: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(directory) as found:
            shown = [e for e in found if e.name not in HIDDEN and _is_shown(e.name, name)]
    except (OSError, ValueError):
        return []
    return sorted(shown, key=lambda entry: entry.name)[:MOST]


def _is_shown(name: str, typed: str) -> bool:
    """Whether a name is well-formed and not hidden, unless hidden ones are asked for."""
    well_formed = name.isprintable() and not set('"\\').intersection(name)
    return well_formed and (not name.startswith(".") or typed.startswith("."))


def _is_directory(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
