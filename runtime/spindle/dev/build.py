"""Building an application: its manifest's commands, one after another.

Components that others depend on go first. The commands have the terminal to themselves.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

from spindle.dev.console import Console
from spindle.dev.dependency_wits import FILE, write_dependency_wit
from spindle.dev.problems import ManifestError
from spindle.diagnostics import Diagnostic, Severity
from spindle.errors import ExitCode, SpindleError, UserError
from spindle.loader import Options, load
from spindle.manifest import Component, Dependency, Manifest

LAST_BUILD = Path(".spin") / "last-build.txt"
"""Where the profile of the last build is noted, once profiles are used."""
_NO_PROFILE = "<anonymous>"

_HELP_URL = "https://spinframework.dev/build#setting-up-for-spin-build"


class BuildFailed(UserError):
    """A build command failed."""

    code = "build-failed"
    exit_code = ExitCode.FAILED


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


def warn_if_other_profile(manifest: Path, profile: str | None, console: Console) -> None:
    """Say so if what was built last was not what is about to run."""
    if _last_profile(manifest.parent) == profile:
        return
    flag = f" --profile {profile}" if profile else ""
    console.warn(
        "a different profile was built more recently than the one that runs",
        (f"if the application behaves like an older version: `spindle up --build{flag}`",),
    )


def build_order(manifest: Manifest, ids: Sequence[str]) -> list[str]:
    """The components with dependencies first; in a circle, the manifest's order."""
    by_source = {
        component.source: id_
        for id_, component in manifest.components.items()
        if isinstance(component.source, str)
    }
    graph = {
        id_: [needed for needed in _needed(manifest.components[id_], by_source) if needed in ids]
        for id_ in ids
    }
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError:
        return list(ids)


def _needed(component: Component, by_source: dict[str, str]) -> list[str]:
    dependencies = [d for d in component.dependencies.values() if isinstance(d, Dependency)]
    needed = [by_source.get(d.path) if d.path else d.component for d in dependencies]
    return [id_ for id_ in needed if id_ is not None]


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
    if all(components[id_].build is None for id_ in chosen):
        for id_ in chosen:
            _generate_wit(id_, manifest, options, console)
        console.say("None of the components have a build command.")
        console.say(f"For information on specifying a build command, see {_HELP_URL}.")
        return
    for id_ in build_order(manifest, chosen):
        # Now that what it depends on is built, and before it is.
        _generate_wit(id_, manifest, options, console)
        _build_component(id_, components[id_], root, console)
    console.step("Finished", "building all Spin components")


def _generate_wit(id_: str, manifest: Manifest, options: BuildOptions, console: Console) -> None:
    if not options.generate_wits:
        return
    try:
        write_dependency_wit(manifest, id_, options.manifest.parent)
    except SpindleError as error:
        console.warn(
            f"no `{FILE}` could be made for component `{id_}`: {error.message}",
            (
                *error.hints,
                "if its build needs none, `--skip-generate-wits` keeps it from being made",
            ),
        )


def _build_component(id_: str, component: Component, root: Path, console: Console) -> None:
    build = component.build
    if build is None:
        return
    commands = build.commands
    if len(commands) > 1:
        console.step("Building", f"component {id_} ({len(commands)} commands)")
    workdir = root / (build.workdir or "")
    for number, command in enumerate(commands, 1):
        if len(commands) > 1:
            step = f"{number}/{len(commands)} for component {id_} with '{command}'"
            console.step("Running build step", step)
        else:
            console.step("Building", f"component {id_} with `{command}`")
        if build.workdir is not None:
            console.say(f'Working directory: "{workdir}"')
        _run_command(id_, command, workdir, console)


def _run_command(id_: str, command: str, workdir: Path, console: Console) -> None:
    try:
        status = subprocess.run(
            command, shell=True, cwd=workdir, stdout=console.stdout, check=False
        ).returncode
    except OSError as error:
        raise BuildFailed(
            f"the build command of component `{id_}` can't be started in `{workdir}`: "
            f"{(error.strerror or str(error)).lower()}",
            hints=("check the component's `build.workdir`",),
        ) from None
    if status:
        how = f"Exited({status})" if status > 0 else f"Signaled({-status})"
        raise BuildFailed(f"Build command for component {id_} failed with status {how}")


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
