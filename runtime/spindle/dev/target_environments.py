"""The environments that a manifest names as targets: from disk, a registry or behind a URL.

What may change is fetched each time, all else once.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from spindle.app import RegistrySource
from spindle.component.cache_files import cache_root, write_file
from spindle.dev.console import Console
from spindle.errors import HostError
from spindle.manifest.model import Target
from spindle.registry import Store, fetch, fetch_image
from spindle.registry.web import download
from spindle.targets import (
    Definition,
    TargetError,
    World,
    WorldRef,
    local_definition,
    local_world,
    parse_definition,
    ref_text,
    world_in,
)

DEFAULT_REGISTRY = "spinframework.dev"
"""Where the packages of worlds are that don't say where."""
LARGEST = 1 << 20
"""Bytes a definition may have."""


class Environments:
    """Definitions and worlds, each had once."""

    def __init__(self, root: Path, console: Console) -> None:
        self._root = root
        self._console = console
        self._store = Store(cache_root())
        self._definitions: dict[str, Definition | None] = {}
        self._worlds: dict[tuple[WorldRef, Path | None], tuple[World, ...]] = {}

    def definition(self, target: str | Target) -> Definition | None:
        """The definition of a target; None, and a warning, if nothing is known of it."""
        key = repr(target)
        if key not in self._definitions:
            self._definitions[key] = self._find(target)
        return self._definitions[key]

    def world(self, ref: WorldRef, definition: Definition) -> tuple[World, ...]:
        """What a world of a definition can be."""
        key = (ref, definition.base)
        if key not in self._worlds:
            self._worlds[key] = local_world(ref, definition.base) or (self._fetched(ref),)
        return self._worlds[key]

    def _find(self, target: str | Target) -> Definition | None:
        found = local_definition(target, self._root)
        if found is None and isinstance(target, Target) and target.url is not None:
            return self._behind(target.url)
        if found is None:
            self._console.warn(
                f"nothing is known here of the target environment `{ref_text(target)}`, so the "
                "components are not checked against it",
                (
                    "`spindle targets list` lists those that are known",
                    "`spin targets update` fetches Spin's catalogue",
                ),
            )
        return found

    def _behind(self, url: str) -> Definition:
        """A definition behind a URL; the one that was there last if it can't be reached."""
        name = url.partition("?")[0].rstrip("/").rpartition("/")[2].removesuffix(".toml") or url
        copy = cache_root() / "targets" / hashlib.sha256(url.encode()).hexdigest()
        try:
            content = _limited(url)
        except HostError as error:
            if not copy.is_file():
                raise
            self._console.warn(f"{error}; the definition fetched before is used")
            content = copy.read_bytes()
        definition = parse_definition(name, content.decode("utf-8", "replace"))
        write_file(copy, content)
        return definition

    def _fetched(self, ref: WorldRef) -> World:
        name = ref.name
        if ref.reference is not None:
            path = fetch_image(ref.reference, self._store)
        elif name.version is None:
            raise TargetError(f"the world `{ref.world}` names no version of its package")
        else:
            package = f"{name.namespace}:{name.package}"
            registry = ref.registry or DEFAULT_REGISTRY
            path = fetch(RegistrySource(package, f"={name.version}", registry), self._store)
        return world_in(ref, path.read_bytes(), f"the package of world `{ref.world}`")


def _limited(url: str) -> bytes:
    content = bytearray()
    for chunk in download(url):
        content += chunk
        if len(content) > LARGEST:
            raise TargetError(f"the target environment at {url} is larger than {LARGEST >> 20} MiB")
    return bytes(content)
