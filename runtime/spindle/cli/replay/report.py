"""What came of replays, for people and for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from spindle.cli import render
from spindle.errors import ExitCode
from spindle.exchange import Json
from spindle.history import mask
from spindle.history.masking import masked_url
from spindle.text import printable

if TYPE_CHECKING:
    from spindle.replay import Difference

MOST_NOTES = 5
"""Notes of one exchange that are shown."""


class Came(NamedTuple):
    """What came of replaying one exchange."""

    before: Json
    """What is known of it: its id at least."""
    exchange: Json | None
    """The new one; None if it can't be replayed."""
    differences: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()
    error: str | None = None
    hints: tuple[str, ...] = ()


class Report:
    """Tells of each replay, and of all of them at the end."""

    def __init__(self, form: str, *, diff: bool) -> None:
        self._form = form
        self._diff = diff
        self.total = 0
        """How many there will be."""
        self._same = self._different = self._failed = 0

    def add(self, came: Came) -> None:
        """Count one, and tell of it."""
        if came.exchange is None:
            self._failed += 1
        elif came.differences:
            self._different += 1
        else:
            self._same += 1
        if self._form == "json":
            click.echo(json.dumps(_json(came), ensure_ascii=False))
            return
        _print(came)
        if self._diff or self.total == 1:
            _print_differences(came)
        if self.total == 1:
            _print_response(came)

    def end(self) -> int:
        """Tell of all; the exit code."""
        if self._form == "plain" and self.total != 1:
            parts = [f"{self._same} as they were", f"{self._different} different"]
            if self._failed:
                parts.append(f"{self._failed} not replayed")
            click.echo(f"{self.total} exchanges: {', '.join(parts)}")
        if self._failed:
            return ExitCode.FAILED
        return ExitCode.DIFFERENT if self._different else ExitCode.OK


def _print(came: Came) -> None:
    click.echo(_line(came))
    if came.error is not None:
        render.write_problem("error", came.error, came.hints)
    for note in came.notes[:MOST_NOTES]:
        render.write(printable(f"  note: {note}"))


def _line(came: Came) -> str:
    exchange = came.exchange
    if exchange is None:
        return printable(f"✗ {came.before.get('id')} can't be replayed")
    sign = "≠" if came.differences else "="
    phases: Any = exchange["phases_us"]
    took = phases.get("total", 0) / 1000
    return printable(f"{sign} {exchange['replay_of']} {_asked(exchange)} ({took:.1f} ms)")


def _asked(exchange: Json) -> str:
    """What was asked, and how it ended."""
    data: Any = exchange
    trigger, put, got, trap = data["trigger"], data["input"], data["output"], data["trap"]
    what = f"{trigger['type']} {trigger['target']}"
    if trigger["type"] == "http" and isinstance(put, dict):
        what = f"{put['method']} {masked_url(put['path_with_query'])}"
    if isinstance(got, dict) and "status" in got:
        what += f" → {got['status']}"
    if trap is not None:
        what += f", failed: {str(trap['reason']).splitlines()[0]}"
    return what


def _print_differences(came: Came) -> None:
    from spindle.replay.difference_text import difference_lines

    for line in difference_lines(came.differences):
        click.echo(f"  {line}")


def _print_response(came: Came) -> None:
    """The body of the only answer, if it is text."""
    exchange: Any = came.exchange
    output = None if exchange is None else exchange["output"]
    body = output.get("body") if isinstance(output, dict) else None
    if isinstance(body, dict) and body["encoding"] == "utf-8" and body["data"]:
        click.echo(printable(body["data"], keep="\n\t"))


def _json(came: Came) -> Json:
    if came.exchange is None:
        return {"id": came.before.get("id"), "error": came.error, "hints": list(came.hints)}
    return {
        "id": came.exchange["replay_of"],
        "exchange": mask(came.exchange),
        "differences": [each._asdict() for each in came.differences],
        "notes": list(came.notes),
    }
