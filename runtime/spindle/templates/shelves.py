"""Where templates are found: in a folder that is named, among Spindle's own, in Spin's place."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from spindle.errors import UserError
from spindle.templates.template import Template
from spindle.templates.template_manifest import InvalidTemplate, is_template, read_template

OWN = Path(__file__).with_name("content")
SHARED = OWN / "shared"
SPINS = "spin:"
"""Before the id of an installed template that another one of that id goes before."""


class UnknownTemplates(UserError):
    """A folder without templates."""

    code = "no-templates"


class Shelf(NamedTuple):
    """Templates of one place, and what is wrong with those that can't be used."""

    templates: tuple[Template, ...]
    broken: tuple[InvalidTemplate, ...] = ()


class Shelves(NamedTuple):
    """All templates, by the names they are chosen by."""

    templates: Mapping[str, Template]
    broken: tuple[InvalidTemplate, ...]


def gather(repository: Path | None, environment: Mapping[str, str]) -> Shelves:
    """Templates of a repository if one is named, Spindle's own, and installed ones.

    The first of an id has it; an installed one that comes late is `spin:ID`.
    """
    named = Shelf(()) if repository is None else repository_shelf(repository)
    own, installed = own_shelf(), installed_shelf(environment)
    found: dict[str, Template] = {}
    for template in (*named.templates, *own.templates):
        found.setdefault(template.id, template)
    for template in installed.templates:
        found.setdefault(template.id if template.id not in found else SPINS + template.id, template)
    return Shelves(found, (*named.broken, *own.broken, *installed.broken))


def own_shelf() -> Shelf:
    """Spindle's own."""
    templates, broken = _read(_folders(OWN))
    return Shelf(tuple(replace(one, shared=SHARED) for one in templates), broken)


def installed_shelf(environment: Mapping[str, str]) -> Shelf:
    """Those that were installed, by Spin or here."""
    return _read(_folders(store(environment)))


def repository_shelf(directory: Path) -> Shelf:
    """Those of a repository: `templates/*`, the folder's own folders, or the folder itself."""
    if is_template(directory):
        return _read((directory,))
    for place in (directory / "templates", directory):
        if folders := [each for each in _folders(place) if is_template(each)]:
            return _read(folders)
    hint = "a template is a folder with `metadata/spin-template.toml`"
    raise UnknownTemplates("there are no templates here", path=directory, hints=(hint,))


def store(environment: Mapping[str, str]) -> Path:
    """The directory that Spin keeps installed templates in."""
    return data_directory(environment) / "templates"


def data_directory(environment: Mapping[str, str]) -> Path:
    """Spin's directory for what it keeps."""
    if own := environment.get("SPIN_DATA_DIR"):
        return Path(own)
    return _local_data(environment) / "spin"


def _local_data(environment: Mapping[str, str]) -> Path:
    import sys

    home = Path(environment.get("HOME") or Path.home())
    if sys.platform == "darwin":
        return home / "Library" / "Application Support"
    if sys.platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local")
    given = environment.get("XDG_DATA_HOME", "")
    return Path(given) if given.startswith("/") else home / ".local" / "share"


def _folders(root: Path) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(root), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.is_dir() and not entry.name.startswith(".") and entry.name != "shared":
            yield Path(entry.path)


def _read(folders: Iterable[Path]) -> Shelf:
    templates: list[Template] = []
    broken: list[InvalidTemplate] = []
    for folder in folders:
        try:
            templates.append(read_template(folder))
        except InvalidTemplate as error:
            broken.append(error)
    return Shelf(tuple(templates), tuple(broken))
