"""Where a host says things to the person who started it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from spindle.diagnostics import Diagnostic
    from spindle.executor import Failure


class Console(Protocol):
    """A person's terminal, or whatever stands for it."""

    stdout: TextIO
    """Where what was asked for goes, and the output of commands that are run."""

    def say(self, text: str) -> None:
        """Print a line of what was asked for."""

    def step(self, verb: str, rest: str) -> None:
        """Print what is being done; the verb stands out."""

    def narrate(self, text: str) -> None:
        """Print a line about what goes on, apart from what was asked for."""

    def warn(self, message: str, hints: tuple[str, ...] = ()) -> None:
        """Print what will surprise."""

    def show(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Print problems, each with its place."""

    def clear(self) -> None:
        """Make the screen empty, if it is one."""

    def complain(self, doing: str, error: BaseException) -> None:
        """Print that something failed that doesn't end the command."""

    def report(self, failure: Failure, root: Path) -> None:
        """Print what a guest failed of; its sources lie below `root`."""


def has_color(stream: TextIO) -> bool:
    """Whether a stream shows colours."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()
