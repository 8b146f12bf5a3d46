"""Keeping templates where Spin keeps its own, so that both find them."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from spindle.errors import HostError, UserError
from spindle.templates.shelves import installed_shelf, repository_shelf, store
from spindle.templates.template import Template
from spindle.templates.template_manifest import INSTALLATION, origin_of


class NotCloned(HostError):
    """A repository that git doesn't bring."""

    code = "not-cloned"


class NotInstalled(UserError):
    """A template that isn't there to be removed."""

    code = "not-installed"


def install(
    repository: Path, origin: Mapping[str, str], environment: Mapping[str, str], *, update: bool
) -> Iterator[tuple[Template, bool]]:
    """Install a repository's templates; whether each was, or was there already.

    `origin` is noted with them: `{"dir": PATH}` or `{"git": URL}`. Broken ones raise before any
    is installed.
    """
    shelf = repository_shelf(repository)
    for problem in shelf.broken:
        raise problem
    root = store(environment)
    for template in shelf.templates:
        target = root / folder_name(template.id)
        wanted = update or not target.exists()
        if wanted:
            try:
                _copy(template.directory, target, origin)
            except (OSError, shutil.Error) as error:
                why = str(getattr(error, "strerror", None) or error).lower()
                raise NotCloned(f"`{template.id}` can't be installed: {why}", path=target) from None
        yield template, wanted


def uninstall(id_: str, environment: Mapping[str, str]) -> None:
    """Remove an installed template."""
    for template in installed_shelf(environment).templates:
        if template.id == id_:
            with _aside(template.directory.parent) as scratch:
                template.directory.rename(scratch / "removed")
            return
    raise NotInstalled(f"no template `{id_}` is installed", hints=("see `spindle templates list`",))


def origins(environment: Mapping[str, str]) -> list[dict[str, str]]:
    """Where installed templates came from, as `install` notes it; each place once."""
    found = [origin_of(each.directory) for each in installed_shelf(environment).templates]
    return [dict(items) for items in dict.fromkeys(tuple(one.items()) for one in found if one)]


@contextmanager
def clone(url: str, branch: str | None = None) -> Iterator[Path]:
    """A repository's files, brought by git to a directory that goes away again."""
    with tempfile.TemporaryDirectory(prefix="spindle-templates-") as directory:
        chosen = () if branch is None else (f"--branch={branch}",)
        command = ("git", "clone", "--quiet", "--depth=1", *chosen, "--", url, directory)
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                stdin=subprocess.DEVNULL,
                env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
                check=False,
            )
        except FileNotFoundError:
            hints = ("install git, or give a folder with `--dir`",)
            raise NotCloned("`git` is not installed", hints=hints) from None
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise NotCloned(f"git can't clone `{url}`: {said.removeprefix('fatal: ')}")
        yield Path(directory)


def folder_name(id_: str) -> str:
    """The folder Spin keeps a template of that id in."""
    return f"{re.sub('[^-_a-zA-Z0-9]', '_', id_)}_{hashlib.sha256(id_.encode()).hexdigest()}"


def _copy(source: Path, target: Path, origin: Mapping[str, str]) -> None:
    """A copy put in place at once, instead of what is there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with _aside(target.parent) as scratch:
        copy = scratch / "new"
        shutil.copytree(source, copy, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        noted = "".join(f"{key} = {json.dumps(value)}\n" for key, value in origin.items())
        (copy / INSTALLATION).write_text(noted, "utf-8")
        if target.exists():
            target.rename(scratch / "old")
        copy.rename(target)


@contextmanager
def _aside(root: Path) -> Iterator[Path]:
    """A directory on the same disk as the store, outside of it, that goes away."""
    with tempfile.TemporaryDirectory(prefix=".spindle-", dir=root.parent) as scratch:
        yield Path(scratch)
