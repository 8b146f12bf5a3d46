"""From what a manifest names to files on this machine."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from spindle.app import App, Dependency, HttpSource, LocalSource, RegistrySource, Source
from spindle.errors import HostError, UserError
from spindle.registry.packages import open_packages
from spindle.registry.releases import Releases
from spindle.registry.settings import Mapped, read_settings
from spindle.registry.store import ALGORITHM, Store
from spindle.registry.versions import exact_version, newest_matching
from spindle.registry.web import download

AT_ONCE = 16
"""How many things are fetched at a time, as Spin does."""


def fetched(app: App, store: Store) -> App:
    """The application with every source a file; what was fetched before is not fetched again.

    Raises `HostError` for what can't be had, and `UserError` for what isn't as the manifest says.
    """
    sources = dict.fromkeys(s for s in app.sources if not isinstance(s, LocalSource))
    with ThreadPoolExecutor(AT_ONCE) as threads:
        files = threads.map(lambda source: fetch(source, store), sources)
        local: dict[Source, Source] = dict(zip(sources, map(LocalSource, files), strict=True))
    return app._replace(
        components={
            id_: component._replace(
                source=local.get(component.source, component.source),
                dependencies=_local(component.dependencies, local),
            )
            for id_, component in app.components.items()
        },
        triggers=tuple(
            replace(trigger, middleware=_local(trigger.middleware, local))
            for trigger in app.triggers
        ),
    )


def fetch(source: Source, store: Store) -> Path:
    """The file of one source."""
    match source:
        case LocalSource(path):
            return path
        case HttpSource(url, digest):
            return _fetch_url(url, digest, store)
        case RegistrySource(package, requirement, registry):
            return _fetch_package(package, requirement, registry, store)


def fetch_image(reference: str, store: Store) -> Path:
    """The wasm of an image, `host/repository:tag`: its first layer."""
    host, _, rest = reference.partition("/")
    repository, _, tag = rest.partition(":")
    if not re.fullmatch(r"[\w.-]+(:\d+)?/[a-z0-9][a-z0-9._/-]*:[\w.-]+", reference, re.ASCII):
        raise UserError(f"`{reference}` is no image: expected `host/repository:tag`")
    releases = Releases(store, host)
    if known := releases.find(repository, tag):
        return known
    with open_packages(Mapped(host, {}), read_settings()) as packages:
        content = packages.content(repository, tag)
        path = store.find(content.digest) or store.add(
            content.chunks, content.digest, f"`{reference}`"
        )
    releases.remember(repository, tag, content.digest)
    return path


def _local(
    dependencies: tuple[Dependency, ...], local: dict[Source, Source]
) -> tuple[Dependency, ...]:
    return tuple(d._replace(source=local.get(d.source, d.source)) for d in dependencies)


def _fetch_url(url: str, digest: str, store: Store) -> Path:
    if not digest.startswith(ALGORITHM):
        raise UserError(f"the digest `{digest}` of {url} does not start with `{ALGORITHM}`")
    return store.find(digest) or store.add(download(url), digest, f"the wasm at {url}")


def _fetch_package(package: str, requirement: str, registry: str | None, store: Store) -> Path:
    settings = read_settings()
    mapped = Mapped(registry) if registry is not None else settings.registry_of(package)
    if mapped is None:
        raise UserError(
            f"nothing says which registry the package `{package}` comes from",
            hints=(
                f"add `registry` where the manifest names `{package}`",
                f'or set `default_registry = "…"` in {settings.path}',
            ),
        )
    releases = Releases(store, mapped.registry)
    version = exact_version(requirement)
    known = version and releases.find(package, version)
    if known:
        return known
    try:
        with open_packages(mapped, settings) as packages:
            version = newest_matching(packages.versions(package), requirement)
            if version is None:
                place = f"the registry `{mapped.registry}`"
                raise UserError(f"{place} has no version `{requirement}` of `{package}`")
            if known := releases.find(package, version):
                return known
            content = packages.content(package, version)
            what = f"`{package}@{version}`"
            path = store.find(content.digest) or store.add(content.chunks, content.digest, what)
    except HostError:
        # Without a network, what was fetched before is better than nothing.
        version = newest_matching(releases.versions(package), requirement)
        if version is None or (known := releases.find(package, version)) is None:
            raise
        return known
    releases.remember(package, version, content.digest)
    return path
