"""Building an application: its manifest's commands, as `spindle build` runs them.

Components that others depend on go first; those that have nothing to do with one another are built
at the same time; what is fresh is left alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from spindle.dev.building import Builder, Records, Step, plan_of
from spindle.dev.building.narrating import COLORED, Narration
from spindle.dev.console import Console
from spindle.dev.dependency_wits import generate_wit
from spindle.dev.problems import BuildFailed, ManifestError
from spindle.dev.runner import run_until_told
from spindle.diagnostics import Diagnostic, Severity
from spindle.errors import UserError
from spindle.loader import Loaded, Options, load
from spindle.manifest import Manifest

LAST_BUILD = Path(".spin") / "last-build.txt"
"""Where the profile of the last build is noted, once profiles are used."""
_NO_PROFILE = "<anonymous>"

_HELP_URL = "https://spinframework.dev/build#setting-up-for-spin-build"


class UnknownComponents(UserError):
    """Components were named that the manifest doesn't have."""

    code = "unknown-components"


class BuildOptions(NamedTuple):
    """What to build."""

    manifest: Path
    profile: str | None = None
    components: tuple[str, ...] = ()
    """Ids; none means all."""
    generate_wits: bool = True
    """Whether to write down what components can import of their dependencies."""
    jobs: int | None = None
    """How many components may be built at once; None for as many as there are processors."""
    force: bool = False
    """Whether to build also what is fresh."""
    check_targets: bool = True
    """Whether what is built is compared with the environments it should run in."""
    besides: Collection[str] = ()
    """Ids of components that are built another time."""


def build_app(options: BuildOptions, console: Console) -> None:
    """Run the build commands of an application; raises what stops it."""
    loaded = load(options.manifest, Options(profile=options.profile, check_files=False))
    if loaded.manifest is None or _is_unreadable(loaded.diagnostics):
        raise ManifestError(loaded.diagnostics)
    root = options.manifest.parent
    try:
        _build_components(loaded.manifest, options, root, console)
    finally:
        _warn_of_errors(loaded.diagnostics, console)
    _note_profile(root, options.profile)
    if options.check_targets and _has_targets(loaded.manifest):
        _check_targets(loaded, options, console)


def warn_if_other_profile(manifest: Path, profile: str | None, console: Console) -> None:
    """Say so if what was built last was not what is about to run."""
    if _last_profile(manifest.parent) == profile:
        return
    flag = f" --profile {profile}" if profile else ""
    console.warn(
        "a different profile was built more recently than the one that runs",
        (f"if the application behaves like an older version: `spindle up --build{flag}`",),
    )


def _build_components(
    manifest: Manifest, options: BuildOptions, root: Path, console: Console
) -> None:
    components, wanted = manifest.components, options.components
    if unknown := [id_ for id_ in wanted if id_ not in components]:
        names = ", ".join(f"`{id_}`" for id_ in components)
        raise UnknownComponents(
            f"Unknown component(s) {', '.join(unknown)}", hints=(f"the manifest has: {names}",)
        )
    chosen = [id_ for id_ in components if not wanted or id_ in wanted]
    plan = plan_of(manifest, root).only(set(chosen).difference(options.besides))
    if not plan.order and options.besides:
        return
    if not plan.order:
        for id_ in chosen if options.generate_wits else ():
            generate_wit(id_, manifest, root, console)
        console.say("None of the components have a build command.")
        console.say(f"For information on specifying a build command, see {_HELP_URL}.")
        return
    listener = _Narration(manifest, options, console, several=len(plan.order) > 1)
    builder = Builder(
        plan,
        Records(root),
        jobs=options.jobs,
        force=options.force,
        environment=COLORED if console.stdout.isatty() else {},
    )
    results = run_until_told(builder.build(plan.order, listener))
    if failed := [result for result in results.values() if not result.ok]:
        found = [diagnostic for result in failed for diagnostic in result.diagnostics]
        raise BuildFailed("\n".join(r.reason for r in failed), failed[0].hints, found)
    console.step("Finished", "building all Spin components")


def _has_targets(manifest: Manifest) -> bool:
    components = manifest.components.values()
    return bool(manifest.application.targets) or any(one.targets for one in components)


def _check_targets(loaded: Loaded, options: BuildOptions, console: Console) -> None:
    # Here, for few applications have targets.
    from spindle.dev.target_checks import check_targets

    if loaded.manifest is None or loaded.app is None:
        console.warn("the errors in the manifest keep its targets from being checked")
        return
    check_targets(loaded.manifest, loaded.app, options.components, console)


class _Narration(Narration):
    """Writes down what a component can import of its dependencies before it is built."""

    def __init__(
        self, manifest: Manifest, options: BuildOptions, console: Console, *, several: bool
    ) -> None:
        super().__init__(console, several=several)
        self._manifest = manifest
        self._options = options

    def started(self, step: Step) -> None:
        if self._options.generate_wits:
            # Now that what it depends on is built.
            generate_wit(step.id, self._manifest, self._options.manifest.parent, self._console)
        super().started(step)


def _is_unreadable(diagnostics: Sequence[Diagnostic]) -> bool:
    """Whether the text is no TOML, so that build commands may be among what wasn't understood."""
    return any(diagnostic.code == "toml-syntax" for diagnostic in diagnostics)


def _warn_of_errors(diagnostics: Sequence[Diagnostic], console: Console) -> None:
    errors = [d for d in diagnostics if d.severity is Severity.ERROR]
    if errors:
        console.warn(
            f"the manifest has errors: {errors[0].message}", ("`spindle check` shows all of them",)
        )


def _note_profile(root: Path, profile: str | None) -> None:
    note = root / LAST_BUILD
    if profile is None and not note.exists():
        return  # whoever uses no profiles never sees the file
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(profile or _NO_PROFILE, encoding="utf-8")
    except OSError:
        return  # only a later warning depends on it


def _last_profile(root: Path) -> str | None:
    try:
        profile = (root / LAST_BUILD).read_text(encoding="utf-8")
    except OSError:
        return None
    return None if profile == _NO_PROFILE else profile
