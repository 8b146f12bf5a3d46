"""The loader's steps in order; each is skipped when the one before leaves nothing to go on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from spindle.app import App, AppComponent, HttpTrigger, LocalSource
from spindle.checks import Binaries, Subject, run_checks
from spindle.diagnostics import Diagnostic, Severity, has_errors, in_order
from spindle.loader.builder import Builder
from spindle.loader.freshness import freshness_problems
from spindle.loader.locator import Located, locate
from spindle.loader.trigger_components import with_trigger_components
from spindle.manifest import Manifest, normalized, read_manifest
from spindle.routes import parse_route
from spindle.text import START, nearest_name

if TYPE_CHECKING:
    from spindle.runtime_config import RuntimeConfig


class Options(NamedTuple):
    """What the command line says about loading."""

    profile: str | None = None
    components: tuple[str, ...] = ()
    """Ids of the only components to keep; all when empty (`-c`)."""
    direct_mounts: bool = False
    environment: Mapping[str, str] = {}
    """Set over every component's own (`-e`)."""
    runtime_config: RuntimeConfig | None = None
    """What it will run on; the manifest's labels are checked against it when it is known."""
    check_files: bool = True
    """False before a build, which may make what is missing."""
    unbuilt: Collection[str] = ()
    """Ids of components whose wasm need not be there: something else stands in for it."""
    read_wasm: bool = False
    """Whether to look into wasm for what doesn't fit together."""


NO_OPTIONS = Options()


class Loaded(NamedTuple):
    """All that loading found out; `app` is None exactly when there are errors."""

    app: App | None
    diagnostics: tuple[Diagnostic, ...]
    located: Located | None = None
    manifest: Manifest | None = None
    """Canonical, under the profile; None for a bare wasm file or an unreadable manifest."""


def load_app(
    path: Path | None = None, options: Options = NO_OPTIONS
) -> tuple[App | None, tuple[Diagnostic, ...]]:
    """The application at a path (see `locate`), and everything there is to say about it."""
    loaded = load(path, options)
    return loaded.app, loaded.diagnostics


def load(
    path: Path | None = None, options: Options = NO_OPTIONS, *, text: str | None = None
) -> Loaded:
    """Load the application at a path; `text` stands in for the manifest file's content."""
    located = locate(path)
    if isinstance(located, Diagnostic):
        return Loaded(None, (located,))
    located = located._replace(path=located.path.absolute())
    if located.is_wasm:
        return _selected(Loaded(_bare(located.path, options), (), located), options)
    if text is None:
        read = _read(located.path)
        if isinstance(read, Diagnostic):
            return Loaded(None, (read,), located)
        text = read
    manifest, found = read_manifest(located.path, text)
    if manifest is None:
        return Loaded(None, found, located)
    return _selected(examine(located, manifest, found, options, text), options)


def examine(
    located: Located,
    manifest: Manifest,
    found: Sequence[Diagnostic],
    options: Options = NO_OPTIONS,
    text: str | None = None,
) -> Loaded:
    """Load what a manifest says that was read already; `found` is what reading it found.

    Without its text there are fewer fixes.
    """
    broken = any(diagnostic.code == "toml-syntax" for diagnostic in found)
    manifest, more = normalized(manifest, options.profile)
    builder = Builder(
        manifest,
        located.path.parent,
        options.profile,
        options.direct_mounts,
        options.check_files,
        options.environment,
        options.unbuilt,
    )
    app = builder.build()
    if not broken:
        # What a broken text refers to may be in what couldn't be read.
        subject = Subject(
            manifest,
            located.path.parent,
            options.runtime_config,
            options.check_files,
            Binaries(located.path.parent, wanted=options.read_wasm),
            text,
        )
        found = (*found, *more, *builder.diagnostics, *run_checks(subject))
        if options.check_files and options.read_wasm:
            found = (*found, *freshness_problems(manifest, located.path.parent))
    diagnostics = in_order(found)
    return Loaded(None if has_errors(diagnostics) else app, diagnostics, located, manifest)


def _read(path: Path) -> str | Diagnostic:
    try:
        return path.read_bytes().decode()
    except OSError as error:
        message = f"the manifest can't be read: {error.strerror}"
        return Diagnostic("manifest-not-found", Severity.ERROR, message, path)
    except UnicodeDecodeError as error:
        message = f"the manifest is not UTF-8 text (byte {error.start})"
        return Diagnostic(
            "manifest-encoding", Severity.ERROR, message, path, START, help="save it as UTF-8"
        )


def _bare(path: Path, options: Options) -> App:
    """An application around one wasm file, which answers every path."""
    id_ = "http-trigger1-component"
    component = AppComponent(id_, LocalSource(path), environment=dict(options.environment))
    trigger = HttpTrigger("http-trigger1", "http", id_, route=parse_route("/..."))
    return App(path.stem, path.parent, components={id_: component}, triggers=(trigger,))


def _selected(loaded: Loaded, options: Options) -> Loaded:
    """What was loaded with its components as they will run, those that were asked for."""
    app = loaded.app
    if app is None:
        return loaded
    if not options.components:
        return loaded._replace(app=with_trigger_components(app))
    unknown = [
        _unknown_component(id_, app) for id_ in options.components if id_ not in app.components
    ]
    if unknown:
        return loaded._replace(app=None, diagnostics=(*loaded.diagnostics, *unknown))
    triggers = tuple(t for t in app.triggers if t.component in options.components)
    kept = {trigger.component for trigger in triggers}
    components = {id_: c for id_, c in app.components.items() if id_ in kept}
    selected = app._replace(triggers=triggers, components=components)
    return loaded._replace(app=with_trigger_components(selected))


def _unknown_component(id_: str, app: App) -> Diagnostic:
    near = nearest_name(id_, app.components)
    names = ", ".join(f"`{name}`" for name in app.components)
    return Diagnostic(
        "undefined-component",
        Severity.ERROR,
        f'Specified component "{id_}" not found in application',
        app.manifest_path,
        help=f"did you mean `{near}`?" if near else f"the application has: {names}",
    )
