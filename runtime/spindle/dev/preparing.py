"""An application as it is to be served: built if asked to, read, checked, and fetched."""

from __future__ import annotations

import time
from typing import NamedTuple

from spindle.app import App
from spindle.dev.build import BuildOptions, build_app, warn_if_other_profile
from spindle.dev.console import Console
from spindle.dev.fetching import fetched_app
from spindle.dev.options import UpOptions
from spindle.dev.problems import ManifestError
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


def prepare_app(options: UpOptions, console: Console) -> Prepared:
    """The application as it is to be served; raises `ManifestError` with all there is to say."""
    since = time.time()
    if not options.is_wasm:
        _build_first(options, console)
    prepared = read_app(options, console)._replace(since=since)
    for diagnostic in prepared.warnings:
        console.warn(diagnostic.message)
    return prepared


def read_app(options: UpOptions, console: Console) -> Prepared:
    """The application as its files have it now; raises as `prepare_app` does."""
    config, found = load_runtime_config(options.runtime_config_file)
    if has_errors(found):
        raise ManifestError(found)
    loaded = load(
        options.source,
        Options(options.profile, options.components, options.direct_mounts, options.env, config),
    )
    problems = (*found, *loaded.diagnostics)
    if loaded.app is None:
        raise ManifestError(problems)
    check_triggers(loaded.app)
    warnings = tuple(d for d in problems if d.severity is Severity.WARNING)
    app = fetched_app(loaded.app, options, console)
    return Prepared(app, config, warnings, loaded.manifest)


def _build_first(options: UpOptions, console: Console) -> None:
    if options.build:
        build_app(BuildOptions(options.source, options.profile), console)
    else:
        warn_if_other_profile(options.source, options.profile, console)
