"""Where a host says things to the person who started it."""

from __future__ import annotations

from typing import Protocol


class Console(Protocol):
    """A person's terminal, or whatever stands for it."""

    def say(self, text: str) -> None:
        """Print a line of what was asked for."""

    def step(self, verb: str, rest: str) -> None:
        """Print what is being done; the verb stands out."""

    def narrate(self, text: str) -> None:
        """Print a line about what goes on, apart from what was asked for."""

    def warn(self, message: str, hints: tuple[str, ...] = ()) -> None:
        """Print what will surprise."""
