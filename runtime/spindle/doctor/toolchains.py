"""What the manifest's build commands need: programs, their versions, targets, packages."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from spindle.dev.building.cargo import build_tables
from spindle.dev.building.shell_commands import Words, simple_commands
from spindle.dev.building.tools import INSTALLATION, RUST, how_to_get
from spindle.doctor.findings import Finding, RunCommand, State
from spindle.doctor.patient import Patient
from spindle.doctor.versions import Version, output_of, version_in
from spindle.manifest import Component

VERSION_ARGUMENTS = {"go": ("version",), "tinygo": ("version",), "zig": ("version",)}
OLDEST_RUST = {"wasm32-wasip1": Version(1, 78), "wasm32-wasip2": Version(1, 82)}
"""The version that first had a target."""
OLD_TARGET = "wasm32-wasi"
WITHOUT_OLD_TARGET = Version(1, 84)


class Step(NamedTuple):
    """One command of a component's build."""

    component: str
    words: Words
    directory: Path
    """Where it runs."""


def build_steps(patient: Patient) -> Iterator[Step]:
    """The commands of all builds."""
    for id_, component in _components(patient):
        if component.build is None:
            continue
        directory = patient.root / (component.build.workdir or "")
        for command in component.build.commands:
            for words in simple_commands(command):
                yield Step(id_, words, directory)


def programs(patient: Patient) -> Iterator[Finding]:
    """Every program that a build command names is there."""
    wanted: dict[str, list[Step]] = {}
    for step in build_steps(patient):
        wanted.setdefault(step.words[0], []).append(step)
    for program, steps in wanted.items():
        users = _listed(dict.fromkeys(step.component for step in steps))
        if os.sep in program:
            if not all((step.directory / program).exists() for step in steps):
                message = f"`{program}`, which builds {users}, does not exist"
                yield Finding("build-program", State.ERROR, message, of_machine=False)
        elif (path := patient.which(program)) is None:
            message = f"`{program}`, which builds {users}, is not installed"
            yield Finding("build-program", State.ERROR, message, (how_to_get(program),))
        else:
            yield Finding("build-program", State.OK, f"`{program}`{_version(patient, path)}")


def rust_targets(patient: Patient) -> Iterator[Finding]:
    """The Rust that builds a component has the target it builds for, and is new enough for it."""
    seen = set()
    for step in build_steps(patient):
        if step.words[0] != "cargo" or patient.which("cargo") is None:
            continue
        target = _target(step)
        if target is not None and (target, step.directory) not in seen:
            seen.add((target, step.directory))
            yield from _rust_target(patient, step, target)


def _rust_target(patient: Patient, step: Step, target: str) -> Iterator[Finding]:
    if not step.directory.is_dir():
        return  # the manifest's problem
    rust = version_in(output_of(("rustc", "--version"), patient.environment, step.directory) or "")
    if rust is None:
        message = "`rustc --version` says nothing, so that cargo won't work"
        yield Finding("rust-target", State.ERROR, message, (RUST,))
    elif target == OLD_TARGET and rust >= WITHOUT_OLD_TARGET:
        message = f"Rust {rust} calls the target `{OLD_TARGET}` of `{step.component}` otherwise"
        hint = "build for `wasm32-wasip1`"
        yield Finding("rust-target", State.ERROR, message, (hint,), of_machine=False)
    elif rust < (oldest := OLDEST_RUST.get(target, rust)):
        message = f"Rust {rust} is too old for the target `{target}`, which came with {oldest}"
        yield Finding("rust-target", State.ERROR, message, ("rustup update",))
    elif not _has_target(patient, step, target):
        message = f"Rust {rust} lacks the target `{target}`, which `{step.component}` is built for"
        command = ("rustup", "target", "add", target)
        hint = "rustup adds targets: https://rustup.rs"
        if patient.which("rustup") is None:
            yield Finding("rust-target", State.ERROR, message, (hint,))
            return
        remedy = RunCommand(f"Add the target `{target}` to Rust", command, step.directory)
        yield Finding("rust-target", State.ERROR, message, (), remedy)
    else:
        yield Finding("rust-target", State.OK, f"Rust {rust} with the target `{target}`")


def node_packages(patient: Patient) -> Iterator[Finding]:
    """What a build with npm needs is installed, if the build doesn't install it itself."""
    by_directory: dict[Path, list[Step]] = {}
    for step in build_steps(patient):
        if step.words[0] in ("npm", "npx"):
            by_directory.setdefault(step.directory, []).append(step)
    for directory, steps in by_directory.items():
        package = _package(directory)
        if package is None:
            continue
        yield from _node_engine(patient, directory, package)
        installs = any({"install", "ci", "i"} & set(step.words) for step in steps)
        needs = package.get("dependencies") or package.get("devDependencies")
        if needs and not installs and not (directory / "node_modules").is_dir():
            message = f"the packages that build `{steps[0].component}` are not installed"
            remedy = RunCommand("Install them with npm", ("npm", "install"), directory)
            yield Finding("node-packages", State.ERROR, message, (), remedy, of_machine=False)


def _node_engine(
    patient: Patient, directory: Path, package: dict[str, object]
) -> Iterator[Finding]:
    """Node is as new as `engines.node` of `package.json` asks for with `>=`."""
    engines = package.get("engines")
    asked = engines.get("node") if isinstance(engines, dict) else None
    if not isinstance(asked, str) or not asked.startswith((">=", "^")):
        return
    oldest = version_in(asked) or version_in(f"{asked.lstrip('>=^ ')}.0")
    node = version_in(output_of(("node", "--version"), patient.environment, directory) or "")
    if node is not None and oldest is not None and node < oldest:
        message = f"Node.js {node} is older than `{asked}`, which `package.json` asks for"
        yield Finding("node-version", State.ERROR, message, (INSTALLATION["node"],))


def _components(patient: Patient) -> Iterator[tuple[str, Component]]:
    return iter(() if patient.manifest is None else patient.manifest.components.items())


def _version(patient: Patient, path: Path) -> str:
    """A program's version after a space, if it is one that would tell."""
    if path.name not in INSTALLATION and not path.name.startswith("python"):
        return ""
    arguments = VERSION_ARGUMENTS.get(path.name, ("--version",))
    found = version_in(output_of((path, *arguments), patient.environment, patient.root) or "")
    return "" if found is None else f" {found}"


def _target(step: Step) -> str | None:
    """What cargo builds for: by its arguments, else by its configuration."""
    for at, word in enumerate(step.words):
        if word.startswith("--target="):
            return word.removeprefix("--target=")
        if word == "--target" and at + 1 < len(step.words):
            return step.words[at + 1]
    places = (step.directory, *step.directory.parents)
    targets = (table.get("target") for table in build_tables(place / ".cargo" for place in places))
    return next((target for target in targets if isinstance(target, str)), None)


def _has_target(patient: Patient, step: Step, target: str) -> bool:
    root = output_of(("rustc", "--print", "sysroot"), patient.environment, step.directory)
    return root is not None and (Path(root.strip()) / "lib" / "rustlib" / target / "lib").is_dir()


def _package(directory: Path) -> dict[str, object] | None:
    try:
        package = json.loads((directory / "package.json").read_bytes())
    except (OSError, ValueError):
        return None
    return package if isinstance(package, dict) else None


def _listed(ids: Iterator[str] | dict[str, None]) -> str:
    return ", ".join(f"`{id_}`" for id_ in ids)
