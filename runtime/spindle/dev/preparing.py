"""An application as it is to be served: built if asked to, read, checked, and fetched."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from typing import NamedTuple

from spindle.app import App
from spindle.dev.build import BuildOptions, build_app, warn_if_other_profile
from spindle.dev.building import Records, plan_of
from spindle.dev.console import Console
from spindle.dev.fetching import fetched_app
from spindle.dev.instant import Standing, begun
from spindle.dev.options import UpOptions
from spindle.dev.problems import ManifestError
from spindle.dev.runner import run_until_told
from spindle.dev.triggers import check_triggers
from spindle.diagnostics import Diagnostic, Severity, has_errors
from spindle.loader import Options, load
from spindle.manifest import Manifest
from spindle.runtime_config import RuntimeConfig, load_runtime_config


class Prepared(NamedTuple):
    """An application that is ready to be served."""

    app: App
    config: RuntimeConfig
    warnings: tuple[Diagnostic, ...] = ()
    manifest: Manifest | None = None
    """What it was made from; None for a bare wasm file."""
    since: float = 0.0
    """When looking at its files began, in seconds since the epoch."""
    begun: Mapping[str, Standing] = {}
    """Components that were not built, for they run from their sources."""


def prepare_app(options: UpOptions, console: Console, *, at_once: bool = True) -> Prepared:
    """The application as it is to be served; raises `ManifestError` with all there is to say.

    `at_once` is whether components that can run from their sources are built later, if they are
    watched.
    """
    since = time.time()
    early: Mapping[str, Standing] = {}
    if at_once and options.build and options.watch and options.instant and not options.is_wasm:
        early = _begun(options, console)
    if not options.is_wasm:
        _build_first(options, console, early)
    prepared = read_app(options, console, early)._replace(since=since, begun=early)
    for diagnostic in prepared.warnings:
        console.warn(diagnostic.message)
    return prepared


def read_app(options: UpOptions, console: Console, unbuilt: Collection[str] = ()) -> Prepared:
    """The application as its files have it now; raises as `prepare_app` does.

    The wasm of `unbuilt` components need not be there.
    """
    config, found = load_runtime_config(options.runtime_config_file)
    if has_errors(found):
        raise ManifestError(found)
    loaded = load(
        options.source,
        Options(
            options.profile,
            options.components,
            options.direct_mounts,
            options.env,
            config,
            unbuilt=unbuilt,
        ),
    )
    problems = (*found, *loaded.diagnostics)
    if loaded.app is None:
        raise ManifestError(problems)
    check_triggers(loaded.app)
    warnings = tuple(d for d in problems if d.severity is Severity.WARNING)
    app = fetched_app(loaded.app, options, console)
    return Prepared(app, config, warnings, loaded.manifest)


def _begun(options: UpOptions, console: Console) -> Mapping[str, Standing]:
    """The components that can run from their sources now; what is wrong is told by the build."""
    loaded = load(options.source, Options(options.profile, check_files=False))
    if loaded.app is None or loaded.manifest is None:
        return {}
    root = options.source.parent
    plan = plan_of(loaded.manifest, root)
    return run_until_told(begun(loaded.app, plan, Records(root), console))


def _build_first(options: UpOptions, console: Console, early: Collection[str]) -> None:
    if options.build:
        build_app(BuildOptions(options.source, options.profile, besides=early), console)
    else:
        warn_if_other_profile(options.source, options.profile, console)
