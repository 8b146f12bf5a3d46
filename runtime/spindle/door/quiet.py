"""A console for hosts within a program: it shows nothing, and keeps what was said."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from spindle.diagnostics import Diagnostic
    from spindle.executor import Failure

MOST = 1000
"""Sayings kept."""


Tell = Callable[[str], object]
"""Takes a line about what goes on; it is called on a thread of the host's."""


def _nobody(_text: str) -> None:
    """Nobody reads."""


class Quiet:
    """Keeps the last of what a host said, and tells somebody of builds if wanted."""

    def __init__(self, tell: Tell | None = None) -> None:
        self._tell = tell or _nobody
        self.stdout: TextIO = io.StringIO()
        self.warnings: deque[str] = deque(maxlen=MOST)

    def say(self, text: str) -> None:
        self._tell(text)

    def step(self, verb: str, rest: str) -> None:
        self._tell(f"{verb} {rest}")

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
