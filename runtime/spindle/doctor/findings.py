"""What a check found, and what could be done about it, as data."""

from __future__ import annotations

import shlex
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

Json = dict[str, object]


class State(StrEnum):
    """How well it is."""

    OK = "ok"
    NOTE = "note"
    """Something is lacking that one can do without."""
    WARNING = "warning"
    """It works, but not as one would expect."""
    ERROR = "error"
    """The application can't be built or served."""


class RunCommand(NamedTuple):
    """A command that adds what is missing; it removes nothing."""

    title: str
    command: tuple[str, ...]
    directory: Path

    @property
    def shown(self) -> str:
        """The command as one would type it."""
        return shlex.join(self.command)


class FixTexts(NamedTuple):
    """The fixes of a manifest's problems."""

    title: str
    manifest: Path
    unsafe: bool = False
    """Whether those too that may change more."""

    @property
    def shown(self) -> str:
        """The command that does the same."""
        more = ("--unsafe-fixes",) if self.unsafe else ()
        return shlex.join(("spindle", "check", "--fix", *more, str(self.manifest)))


class Build(NamedTuple):
    """The manifest's build commands, of one component."""

    title: str
    manifest: Path
    component: str
    profile: str | None = None

    @property
    def shown(self) -> str:
        """The command that does the same."""
        words = ["spindle", "build", "-f", str(self.manifest), "-c", self.component]
        return shlex.join(words if self.profile is None else [*words, "--profile", self.profile])


Remedy = RunCommand | FixTexts | Build


class Finding(NamedTuple):
    """What one check found."""

    check: str
    """Kebab-case; the code of a diagnostic where there is one."""
    state: State
    message: str
    """A lower-case sentence, names in backticks."""
    hints: tuple[str, ...] = ()
    remedy: Remedy | None = None
    of_machine: bool = True
    """Whether it is the machine that something is wrong with, not the application."""


def to_json(finding: Finding) -> Json:
    """The form `spindle doctor --format json` speaks."""
    remedy = finding.remedy
    return {
        "check": finding.check,
        "state": finding.state.value,
        "about": "machine" if finding.of_machine else "application",
        "message": finding.message,
        "hints": list(finding.hints),
        "remedy": None if remedy is None else remedy_to_json(remedy),
    }


def is_safe(remedy: Remedy) -> bool:
    """Whether it can be carried out unseen."""
    return not (isinstance(remedy, FixTexts) and remedy.unsafe)


def remedy_to_json(remedy: Remedy) -> Json:
    """A remedy within a finding, or by itself."""
    return {"title": remedy.title, "command": remedy.shown, "safe": is_safe(remedy)}
