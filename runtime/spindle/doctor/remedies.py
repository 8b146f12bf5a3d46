"""Carrying out what was proposed; nothing is ever removed."""

from __future__ import annotations

import shutil
import subprocess
from itertools import chain, count
from pathlib import Path

from spindle.dev.build import BuildOptions, build_app
from spindle.dev.console import Console
from spindle.diagnostics import Diagnostic
from spindle.doctor.findings import Build, FixTexts, Remedy, RunCommand
from spindle.errors import HostError
from spindle.fixes import Texts, repair
from spindle.loader import Options, load
from spindle.overwriting import write_changes

BACKUP = ".v1_backup"
"""What a manifest of version 1 is called once it was rewritten."""


class RemedyFailed(HostError):
    """A command that was to mend something failed."""

    code = "remedy-failed"


def apply_remedy(remedy: Remedy, console: Console) -> None:
    """Do what a remedy says; raises a `SpindleError` when it fails."""
    match remedy:
        case RunCommand():
            _run(remedy)
        case FixTexts():
            _fix(remedy.manifest, unsafe=remedy.unsafe)
        case Build():
            options = BuildOptions(remedy.manifest, remedy.profile, (remedy.component,))
            build_app(options, console)


def _run(remedy: RunCommand) -> None:
    try:
        # Not to stdout, which is for what was asked for.
        status = subprocess.run(remedy.command, cwd=remedy.directory, stdout=2, check=False)
    except OSError as error:
        raise RemedyFailed(f"`{remedy.shown}` can't be started: {error.strerror}") from None
    if status.returncode:
        raise RemedyFailed(f"`{remedy.shown}` failed with status {status.returncode}")


def _fix(manifest: Path, *, unsafe: bool) -> None:
    def check(texts: Texts) -> tuple[Diagnostic, ...]:
        return load(manifest, Options(read_wasm=True), text=texts[manifest]).diagnostics

    try:
        old = {manifest: manifest.read_bytes().decode()}
        repaired = repair(old, check, unsafe=unsafe)
        if any(diagnostic.code == "manifest-version-1" for diagnostic in repaired.fixed):
            shutil.copy2(manifest, _backup(manifest))
    except (OSError, UnicodeDecodeError) as error:
        raise RemedyFailed(f"the manifest can't be read or backed up: {error}") from None
    write_changes(old, repaired.texts)


def _backup(manifest: Path) -> Path:
    """A name that no file has."""
    first = manifest.with_name(manifest.name + BACKUP)
    others = (first.with_name(f"{first.name}.{number}") for number in count(2))
    return next(path for path in chain([first], others) if not path.exists())
