"""A console nobody sits at: what would surprise is kept for who asks."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from spindle.diagnostics import Diagnostic
    from spindle.executor import Failure


class QuietConsole:
    """Keeps warnings, each once; see `spindle.dev.console.Console`."""

    def __init__(self) -> None:
        self.stdout: TextIO = io.StringIO()
        self._warnings: dict[str, None] = {}

    def taken(self) -> tuple[str, ...]:
        """The warnings since this was asked last."""
        warnings, self._warnings = tuple(self._warnings), {}
        return warnings

    def say(self, text: str) -> None:
        """Nobody listens."""

    def step(self, verb: str, rest: str) -> None:
        """Nobody listens."""

    def narrate(self, text: str) -> None:
        """Nobody listens."""

    def warn(self, message: str, hints: tuple[str, ...] = ()) -> None:
        """Keep what will surprise."""
        del hints
        self._warnings[message] = None

    def show(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Nobody looks."""

    def clear(self) -> None:
        """There is nothing to clear."""

    def complain(self, doing: str, error: BaseException) -> None:
        """The record of the exchange says it."""

    def report(self, failure: Failure, root: Path) -> None:
        """The record of the exchange says it."""
