"""The errors Spindle raises, in families by whose fault they are.

Readers of a person's text never raise these: they return `(value, diagnostics)`.
Executing code does, and a command turns them into one clear message and an exit code.
"""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path


class ExitCode(IntEnum):
    """What a command's exit status means."""

    OK = 0
    FAILED = 1
    """A guest or a build failed."""
    USAGE = 2
    """The command line, the manifest or the configuration is wrong."""
    ENVIRONMENT = 3
    """The machine lacks something: a port, a tool, an optional package."""
    DIFFERENT = 4
    """What was replayed is not as it was."""
    INTERRUPTED = 130


class SpindleError(Exception):
    """The root of every error meant for a person; only its families are raised."""

    code = "error"
    """Kebab-case name of the problem, stable across releases."""
    exit_code = ExitCode.FAILED

    def __init__(
        self, message: str, *, hints: tuple[str, ...] = (), path: Path | None = None
    ) -> None:
        if type(self) is SpindleError:
            raise TypeError("raise one of SpindleError's families, not SpindleError itself")
        super().__init__(message)
        self.message = message
        self.hints = hints
        self.path = path

    def __str__(self) -> str:
        return self.message


class UserError(SpindleError):
    """The person's command line, manifest, files or configuration are wrong."""

    code = "user-error"
    exit_code = ExitCode.USAGE


class GuestError(SpindleError):
    """A guest did something wrong; it stays with that guest."""

    code = "guest-error"


class ComponentError(SpindleError):
    """A component cannot be decoded, validated, linked or instantiated."""

    code = "component-error"


class HostError(SpindleError):
    """The machine refuses something the host needs."""

    code = "host-error"
    exit_code = ExitCode.ENVIRONMENT
