"""A console for hosts within a program: it shows nothing, and keeps what was said."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from spindle.diagnostics import Diagnostic
    from spindle.executor import Failure

MOST = 1000
"""Sayings kept."""


class Quiet:
    """Keeps the last of what a host said."""

    def __init__(self) -> None:
        self.stdout: TextIO = io.StringIO()
        self.warnings: deque[str] = deque(maxlen=MOST)

    def say(self, text: str) -> None:
        """Nobody asked."""

    def step(self, verb: str, rest: str) -> None:
        """Nobody watches."""

    def narrate(self, text: str) -> None:
        """Nobody reads."""

    def warn(self, message: str, hints: tuple[str, ...] = ()) -> None:
        self.warnings.append("; ".join((message, *hints)))

    def show(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.warnings.extend(map(str, diagnostics))

    def clear(self) -> None:
        """There is no screen."""

    def complain(self, doing: str, error: BaseException) -> None:
        self.warnings.append(f"{doing}: {error}")

    def report(self, failure: Failure, root: Path) -> None:
        """The exchange has it."""
