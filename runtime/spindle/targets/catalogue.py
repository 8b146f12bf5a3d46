"""Spin's catalogue of environments: a clone of its repository, where `spin` keeps it.

It is only read: `spin targets update` brings it up to date.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from spindle.targets.definition import Definition, TargetError, parse_definition
from spindle.targets.files import read_file
from spindle.targets.spin_up import NAMES, definition_of

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(@[A-Za-z0-9_.-]+)?")


def catalogue_root() -> Path:
    """The folder of definitions in the clone: `~/.cache/spin/environments/envs` on Linux."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "spin" / "environments" / "envs"


def find_in_catalogue(text: str) -> Definition | None:
    """The environment of a name, `spin-up:3.2`, in the clone or of those known here.

    None if there is none; raises `TargetError` for one that can't be read.
    """
    name = text.replace(":", "@")
    if not _NAME.fullmatch(name):
        return None
    path = catalogue_root() / name.partition("@")[0] / f"{name}.toml"
    try:
        return parse_definition(name, read_file(path, 1 << 20).decode())
    except FileNotFoundError:
        return definition_of(name)
    except (OSError, ValueError) as error:
        raise TargetError(f"the target environment `{path}` can't be read: {error}") from None


def known_names() -> list[str]:
    """Every name there is, in order."""
    found = {path.stem for path in catalogue_root().glob("*/*.toml")} | {*NAMES}
    return sorted(found, key=_order)


def _order(name: str) -> tuple[str, list[int]]:
    stem, _, version = name.partition("@")
    return stem, [int(number) for number in re.findall(r"\d+", version)]
