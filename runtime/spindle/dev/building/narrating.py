"""A build as a person reads it along: what is run, what it writes, how long it takes."""

from __future__ import annotations

from spindle.dev.building.builder import Result
from spindle.dev.building.plan import Step
from spindle.dev.console import Console

COLORED = {"CARGO_TERM_COLOR": "always", "CLICOLOR_FORCE": "1", "FORCE_COLOR": "1"}
"""Asks tools for colours although they write to a pipe."""


class Narration:
    """Tells a console of a build; lines of several components carry their names."""

    def __init__(self, console: Console, *, several: bool) -> None:
        self._console = console
        self._several = several

    def started(self, step: Step) -> None:
        """Say so, where the commands don't by themselves."""
        if len(step.commands) > 1:
            self._console.step("Building", f"component {step.id} ({len(step.commands)} commands)")

    def command(self, step: Step, number: int, command: str) -> None:
        """Say what is run, and where."""
        if len(step.commands) > 1:
            which = f"{number}/{len(step.commands)} for component {step.id} with '{command}'"
            self._console.step("Running build step", which)
        else:
            self._console.step("Building", f"component {step.id} with `{command}`")
        if step.has_workdir and not self._several:
            self._console.say(f'Working directory: "{step.workdir}"')

    def line(self, step: Step, line: bytes) -> None:
        """Pass a line on."""
        text = line.decode("utf-8", "replace")
        self._console.say(f"{step.id} | {text}" if self._several else text)

    def finished(self, step: Step, result: Result) -> None:
        """Say how it went; what failed is said at the end."""
        if result.fresh:
            self._console.step("Fresh", f"component {step.id}: what it is built from is unchanged")
        elif result.ok:
            self._console.step("Built", f"component {step.id} in {result.took:.1f} s")
