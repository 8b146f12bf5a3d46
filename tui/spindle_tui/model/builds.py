"""Builds: how components stand to their sources, what compilers say, what has happened."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from spindle.client import BuildResult, BuildState, Event
from spindle_tui.model.cleaning import block, one_line
from spindle_tui.model.lines import Line, Span
from spindle_tui.model.measures import span_text, took_text
from spindle_tui.model.parts import MEANS, STATES
from spindle_tui.model.prose import BLANK, Meaning, line, title

SIGNS: dict[str, tuple[str, Meaning]] = {
    "error": ("✗ error", "bad"),
    "warning": ("▲ warning", "warn"),
    "info": ("· info", "dim"),
    "hint": ("· hint", "dim"),
}


class Problem(NamedTuple):
    """What a compiler or a check said of a place."""

    component: str
    severity: str
    message: str
    help: str
    path: str | None
    line: int | None
    """Counted from 1."""
    character: int | None
    """Counted from 1."""

    @property
    def sign(self) -> tuple[str, Meaning]:
        return SIGNS.get(self.severity, (one_line(self.severity), ""))

    def place(self, root: Path) -> str:
        """Where it is, as short as it is clear."""
        if self.path is None:
            return ""
        path = Path(self.path)
        shown = path.relative_to(root) if path.is_relative_to(root) else path
        return one_line(str(shown) if self.line is None else f"{shown}:{self.line}")


def problems_of(states: Sequence[BuildState]) -> list[Problem]:
    """The problems of all builds, errors first."""
    found = [_problem(state.id, each) for state in states for each in state.diagnostics]
    order = list(SIGNS)
    rank = {severity: place for place, severity in enumerate(order)}
    return sorted(found, key=lambda problem: rank.get(problem.severity, len(order)))


def _problem(component: str, diagnostic: Mapping[str, Any]) -> Problem:
    start = (diagnostic.get("range") or {}).get("start") or {}
    at_line, at_character = start.get("line"), start.get("character")
    return Problem(
        component,
        str(diagnostic.get("severity", "error")),
        str(diagnostic.get("message", "")),
        str(diagnostic.get("help") or ""),
        diagnostic.get("path"),
        None if at_line is None else at_line + 1,
        None if at_character is None else at_character + 1,
    )


def state_of(state: BuildState) -> tuple[str, Meaning]:
    """How a component stands, and how that is meant."""
    return STATES.get(state.state, (one_line(state.state), ""))


def since_text(state: BuildState, now: float) -> str:
    """How long it has been so."""
    return "" if state.since is None else span_text(now - state.since)


def output_lines(state: BuildState) -> list[Line]:
    """What a component's state means, and what its build wrote."""
    lines = [line((one_line(state.id), "head"), f"  {MEANS.get(state.state, '')}")]
    if state.reason:
        lines.append(line(("  ✗ ", "bad"), (block(state.reason, 2000), "bad")))
    if state.output:
        output = [line(block(each, 2000)) for text in state.output for each in text.splitlines()]
        lines += [BLANK, title("Output"), *output]
    return lines


def outcome(result: BuildResult) -> str:
    """What came of a build, in a sentence."""
    name = one_line(result.id)
    if not result.ok:
        return f"{name}: {one_line(result.reason, 400)}"
    return (
        f"{name} is up to date"
        if result.fresh
        else f"{name} built in {took_text(result.took * 1e6)}"
    )


def happened(event: Event) -> Line | None:
    """What the live loop did, in a line; None for what is of no interest here."""
    data = event.data if isinstance(event.data, Mapping) else {}
    told = _told(event.kind, data, ", ".join(map(one_line, _names(data))))
    if told is None:
        return None
    clock = time.strftime("%H:%M:%S  ", time.localtime(event.at))
    return Line((Span(clock, "dim"), *told.spans))


def _told(kind: str, data: Mapping[str, Any], names: str) -> Line | None:
    took = data.get("took")
    note = f"  {took_text(took * 1e6)}" if isinstance(took, int | float) else ""
    match kind:
        case "build.started":
            return line((f"◐ {names} is being built", "warn"))
        case "build.finished" if data.get("ok"):
            return line((f"● {names} is built", "good"), (note, "dim"))
        case "build.finished":
            return line((f"✗ {names}: {one_line(str(data.get('reason', '')), 400)}", "bad"))
        case "swap.done":
            return line((f"● {names} is served", "good"), (note, "dim"))
        case "app.changed":
            return line("· the application changed")
    return None


def _names(data: Mapping[str, Any]) -> Sequence[str]:
    several = data.get("components")
    return several if isinstance(several, list) else [str(data.get("component", ""))]
