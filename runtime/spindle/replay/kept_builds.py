"""The builds of components that were run, kept so that they can be run again.

    <root>/<application>/<build id>.json
    <root>/wasm/<SHA-256>.wasm

A build is its wasm (and that of what is composed with it), and for those that run from sources
these. Each application's components have their last ten, unless it was not run for a month, and
as long as all builds together are not too large. Grants and variables are not kept: an old build
runs with what the manifest grants now.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from spindle.app import AppComponent, LocalSource, Module, Sources
from spindle.component.cache_files import DAY, is_due, write_file
from spindle.errors import UserError
from spindle.text import quoted_list

MOST_KEPT = 10
"""Builds of one component."""
KEPT_DAYS = 30
"""How long a build is kept that is not served."""
MOST_BYTES = 4 << 30
"""Of all builds together."""
_IN_THE_MAKING = 600.0
"""Seconds for which wasm is left alone whose build may be about to be written."""
_BETWEEN_TIDYINGS = 3600.0
"""Seconds, whoever tidies: there may be builds of a thousand applications to look at."""
_ID = frozenset("0123456789abcdef")
SHORTEST = 3
"""Characters of an id that name a build."""


class NoSuchBuild(UserError):
    """No kept build is meant by what was asked for, or several are."""

    code = "no-such-build"


class KeptBuild(NamedTuple):
    """A build that can be run again."""

    id: str
    component: str
    at: float
    """When it was last served, in seconds since the epoch."""
    path: Path
    """Its record."""
    record: Mapping[str, Any]

    @property
    def files(self) -> list[Path]:
        """The component's wasm, and that of its dependencies."""
        return [_wasm(self.path.parents[1], digest) for digest in self.record["files"]]

    def put_into(self, component: AppComponent) -> AppComponent:
        """A component as this build of it; raises `NoSuchBuild` if it is damaged."""
        try:
            files = self.files
            missing = [path for path in files if not path.is_file()]
            if missing:
                raise ValueError(f"`{missing[0]}` is missing")
            others = zip(component.dependencies, files[1:], strict=True)
            return component._replace(
                source=LocalSource(files[0]),
                dependencies=tuple(d._replace(source=LocalSource(path)) for d, path in others),
                sources=_sources(self.record["sources"]),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NoSuchBuild(f"build `{self.id}` can't be run any more: {error}") from None


class KeptBuilds:
    """Those of one application; `app` is its manifest."""

    def __init__(self, root: Path, app: Path) -> None:
        self._root = root
        name = hashlib.sha256(os.fsencode(app.absolute())).hexdigest()[:16]
        self.directory = root / name

    def keep(
        self,
        id_: str,
        component: AppComponent,
        is_build: Callable[[Sequence[str]], bool] | None = None,
    ) -> bool:
        """Keep a build in place of the component's oldest; whether it is kept.

        `is_build` says of the SHA-256 of the files that are there (the component's, its
        dependencies') whether they are the build's: it may have been overwritten since it was
        loaded. A cache that can't be written is no fault.
        """
        with suppress(OSError):
            path = self.directory / f"{id_}.json"
            if path.is_file():
                os.utime(path)
                return True
            digests = [_kept(self._root, source) for source in _files_of(component)]
            if is_build is not None and not is_build(digests):
                return False
            record = {
                "component": component.id,
                "files": digests,
                "sources": None if component.sources is None else _said(component.sources),
            }
            write_file(path, json.dumps(record).encode())
            for old in self.of(component.id)[MOST_KEPT:]:
                old.path.unlink(missing_ok=True)
            return True
        return False

    def tidy(self) -> None:
        """Let go of what no application needs to have kept, unless that was done of late."""
        now = time.time()
        with suppress(OSError):
            if is_due(self._root / "tidied", now, _BETWEEN_TIDYINGS):
                _tidy(self._root, now)

    def of(self, component: str) -> list[KeptBuild]:
        """The builds of a component, newest first."""
        found = (build for build in _all(self.directory) if build.component == component)
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
        what = "no other build" if wanted == "previous" else f"no build `{wanted}`"
        raise NoSuchBuild(
            f"{what} of component `{component}` is kept",
            hints=(f"kept is {quoted_list(each.id for each in self.of(component)) or 'none'}",),
        )


def _all(directory: Path) -> Iterator[KeptBuild]:
    for path in directory.glob("*.json"):
        with suppress(OSError, ValueError, KeyError, TypeError):
            record = json.loads(path.read_bytes())
            component, at = str(record["component"]), path.stat().st_mtime
            yield KeptBuild(path.stem, component, at, path, record)


def _means(wanted: str, id_: str) -> bool:
    return len(wanted) >= SHORTEST and set(wanted) <= _ID and id_.startswith(wanted)


def _files_of(component: AppComponent) -> list[Path]:
    """The component's file, and those of its dependencies; raises `OSError` if one is none."""
    sources = (component.source, *(dependency.source for dependency in component.dependencies))
    paths = [source.path for source in sources if isinstance(source, LocalSource)]
    if len(paths) < len(sources):
        raise FileNotFoundError("it was not fetched")
    return paths


def _wasm(root: Path, digest: str) -> Path:
    return root / "wasm" / f"{digest}.wasm"


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal; raises `OSError`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _kept(root: Path, path: Path) -> str:
    """Keep a file's content, once however many builds have it; its digest."""
    kept = _wasm(root, digest_of(path))
    if kept.is_file():
        os.utime(kept)
        return kept.stem
    kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = kept.with_suffix(f".{os.getpid()}.part")
    try:
        shutil.copyfile(path, unfinished)  # not a link: builds may write into the file
        kept = _wasm(root, digest_of(unfinished))  # and may have, meanwhile
        unfinished.replace(kept)
    finally:
        unfinished.unlink(missing_ok=True)
    return kept.stem


def _tidy(root: Path, now: float) -> None:
    """Remove builds that were not served for long or are too much, and wasm that no build has."""
    builds = [build for each in root.iterdir() if each.is_dir() for build in _all(each)]
    used: set[Path] = set()
    total = 0
    for build in sorted(builds, key=lambda build: -build.at):
        new = {path for path in build.files if path not in used and path.is_file()}
        size = sum(path.stat().st_size for path in new)
        if now - build.at > KEPT_DAYS * DAY or total + size > MOST_BYTES:
            build.path.unlink(missing_ok=True)
            with suppress(OSError):  # the application has others
                build.path.parent.rmdir()
        else:
            used |= new
            total += size
    for path in (root / "wasm").iterdir():
        if path not in used and now - path.stat().st_mtime > _IN_THE_MAKING:
            path.unlink(missing_ok=True)


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
