"""The builds of components that were run, kept so that they can be run again.

    <root>/<application>/<build id>/{build.json, *.wasm}

A build is its wasm (and that of what is composed with it), and for those that run from sources
these. Each application's components have their last ten, unless it was not run for a month. Grants and variables are not kept: an
old build runs with what the manifest grants now.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from spindle.app import AppComponent, LocalSource, Module, Sources
from spindle.errors import UserError

MOST_KEPT = 10
"""Builds of one component."""
KEPT_DAYS = 30
"""How long builds of an application are kept that is not run."""
_RECORD = "build.json"
_ID = frozenset("0123456789abcdef")
_SHORTEST = 3
"""Characters of an id that name a build."""


class NoSuchBuild(UserError):
    """No kept build is meant by what was asked for, or several are."""

    code = "no-such-build"


class KeptBuild(NamedTuple):
    """A build that can be run again."""

    id: str
    component: str
    at: float
    """When it was last of use, in seconds since the epoch."""
    directory: Path

    def put_into(self, component: AppComponent) -> AppComponent:
        """A component as this build of it; raises `NoSuchBuild` if it is damaged."""
        try:
            record = json.loads((self.directory / _RECORD).read_bytes())
            files = [self.directory / name for name in record["files"]]
            others = zip(component.dependencies, files[1:], strict=True)
            missing = [path for path in files if not path.is_file()]
            if missing:
                raise ValueError(f"`{missing[0].name}` is missing")
            return component._replace(
                source=LocalSource(files[0]),
                dependencies=tuple(d._replace(source=LocalSource(path)) for d, path in others),
                sources=_sources(record["sources"]),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NoSuchBuild(f"build `{self.id}` can't be run any more: {error}") from None


class KeptBuilds:
    """Those of one application; `app` is its manifest."""

    def __init__(self, root: Path, app: Path) -> None:
        name = hashlib.sha256(os.fsencode(app.absolute())).hexdigest()[:16]
        self.directory = root / name

    def keep(self, id_: str, component: AppComponent) -> None:
        """Keep a build, and let go of the oldest; a cache that can't be written is no fault."""
        with suppress(OSError):
            kept = self.directory / id_
            if (kept / _RECORD).is_file():
                os.utime(kept / _RECORD)
            else:
                _write(kept, id_, component)
            for old in self.of(component.id)[MOST_KEPT:]:
                shutil.rmtree(old.directory, ignore_errors=True)
            os.utime(self.directory)
            self._forget_others()

    def of(self, component: str) -> list[KeptBuild]:
        """The builds of a component, newest first."""
        found = (build for build in self._all() if build.component == component)
        return sorted(found, key=lambda build: -build.at)

    def find(self, wanted: str, component: str, present: str | None) -> KeptBuild:
        """The build of a component that is meant; `present` is what it runs now.

        That is the beginning of an id, or `previous`. Raises `NoSuchBuild`.
        """
        builds = self.of(component)
        if wanted == "previous":
            builds = [build for build in builds if build.id != present][:1]
        else:
            builds = [build for build in builds if _means(wanted, build.id)]
        if len(builds) == 1:
            return builds[0]
        if builds:
            raise NoSuchBuild(f"several builds of component `{component}` begin with `{wanted}`")
        known = ", ".join(f"`{build.id}`" for build in self.of(component)) or "none"
        raise NoSuchBuild(
            f"no build `{wanted}` of component `{component}` is kept", hints=(f"kept is {known}",)
        )

    def _forget_others(self) -> None:
        """Let go of the builds of applications that were not run for long."""
        for directory in self.directory.parent.iterdir():
            if time.time() - directory.stat().st_mtime > KEPT_DAYS * 24 * 60 * 60:
                shutil.rmtree(directory, ignore_errors=True)

    def _all(self) -> Iterator[KeptBuild]:
        with suppress(OSError):
            for directory in self.directory.iterdir():
                with suppress(OSError, ValueError, KeyError, TypeError):
                    path = directory / _RECORD
                    record = json.loads(path.read_bytes())
                    at = path.stat().st_mtime
                    yield KeptBuild(directory.name, str(record["component"]), at, directory)


def _means(wanted: str, id_: str) -> bool:
    return len(wanted) >= _SHORTEST and set(wanted) <= _ID and id_.startswith(wanted)


def _write(kept: Path, id_: str, component: AppComponent) -> None:
    """Write a build's directory whole or not at all."""
    unfinished = kept.with_name(f".{id_}.{os.getpid()}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700, parents=True)
    try:
        names = _copied(component, unfinished)
        record = {
            "component": component.id,
            "at": time.time(),
            "files": names,
            "sources": None if component.sources is None else _said(component.sources),
        }
        (unfinished / _RECORD).write_text(json.dumps(record))
        with suppress(OSError):  # another host has kept the same
            unfinished.rename(kept)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _copied(component: AppComponent, to: Path) -> list[str]:
    names: list[str] = []
    for source in (component.source, *(d.source for d in component.dependencies)):
        if not isinstance(source, LocalSource):
            raise FileNotFoundError(f"{source} is no file")
        name = f"{len(names)}{source.path.suffix}"
        shutil.copyfile(source.path, to / name)  # not a link: builds may write into the file
        names.append(name)
    return names


def _said(sources: Sources) -> Mapping[str, Any]:
    modules = [
        {
            "name": module.name,
            "path": module.path,
            "is_package": module.is_package,
            "source": base64.b64encode(module.source).decode(),
        }
        for module in sources.modules
    ]
    return {"app": sources.app, "digest": sources.digest, "modules": modules}


def _sources(said: Mapping[str, Any] | None) -> Sources | None:
    if said is None:
        return None
    modules: Sequence[Mapping[str, Any]] = said["modules"]
    return Sources(
        said["app"],
        said["digest"],
        tuple(
            Module(it["name"], it["path"], bool(it["is_package"]), base64.b64decode(it["source"]))
            for it in modules
        ),
    )
