"""The forms in which `spindle check` prints what it found."""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from spindle.cli import render as terminal
from spindle.dev.console import has_color
from spindle.diagnostics import Diagnostic, Severity, file_text, render, to_json
from spindle.text import counted


class Report(NamedTuple):
    """What there is to say of one application."""

    path: Path | None
    """Its manifest."""
    diagnostics: tuple[Diagnostic, ...]
    """Those that are left."""
    fixed: tuple[Diagnostic, ...]
    texts: Mapping[Path, str]
    """The texts they speak of."""

    def source(self, path: Path) -> str | None:
        """The text of a file as it was checked."""
        text = self.texts.get(path)
        return file_text(path) if text is None else text


def _print_plain(reports: Sequence[Report]) -> None:
    """Every problem but those only an editor shows, and how many there are."""
    color = has_color(sys.stdout)
    is_for_people = sys.stdout.isatty() and not terminal.for_editors()
    width = shutil.get_terminal_size().columns if is_for_people else None
    here, seen_from = Path.cwd(), terminal.paths_from()
    for report in reports:
        shown = _for_people(report.diagnostics)
        for diagnostic in shown:
            text = render(
                diagnostic, source=report.source, relative_to=seen_from, color=color, width=width
            )
            click.echo(f"{text}\n")
        name = "" if report.path is None else f"{terminal.shown_path(report.path, here)}: "
        click.echo(f"{name}{_summary(shown)}")
    if len(reports) > 1:
        every = [d for report in reports for d in _for_people(report.diagnostics)]
        click.echo(f"{len(reports)} applications: {_summary(every)}")


def _print_json(reports: Sequence[Report]) -> None:
    click.echo(json.dumps([to_json(d) for d in _all(reports)], indent=2, ensure_ascii=False))


def _print_sarif(reports: Sequence[Report]) -> None:
    from spindle.cli.check.sarif import sarif_log

    log = sarif_log(_for_people(_all(reports)), Path.cwd())
    click.echo(json.dumps(log, indent=2, ensure_ascii=False))


def _print_github(reports: Sequence[Report]) -> None:
    from spindle.cli.check.github import workflow_command

    for diagnostic in _for_people(_all(reports)):
        click.echo(workflow_command(diagnostic, Path.cwd()))


OUTPUTS: Mapping[str, Callable[[Sequence[Report]], None]] = {
    "plain": _print_plain,
    "json": _print_json,
    "sarif": _print_sarif,
    "github": _print_github,
}


def _all(reports: Iterable[Report]) -> list[Diagnostic]:
    """What is said of any of them, once."""
    return list(dict.fromkeys(d for report in reports for d in report.diagnostics))


def _for_people(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    return [d for d in diagnostics if d.severity is not Severity.HINT]


def _summary(diagnostics: Sequence[Diagnostic]) -> str:
    counts = Counter(diagnostic.severity for diagnostic in diagnostics)
    named = [
        counted(counts[severity], word)
        for severity, word in (
            (Severity.ERROR, "error"),
            (Severity.WARNING, "warning"),
            (Severity.INFO, "remark"),
        )
        if counts[severity]
    ]
    return (", ".join(named) or "no problems") + _fixable(diagnostics)


def _fixable(diagnostics: Iterable[Diagnostic]) -> str:
    """How many of them the command would fix by itself."""
    counts = Counter(diagnostic.fix.safe for diagnostic in diagnostics if diagnostic.fix)
    safe, unsafe = counts[True], counts[False]
    if not unsafe:
        return f" ({safe} fixable with `--fix`)" if safe else ""
    if not safe:
        return f" ({unsafe} fixable with `--fix --unsafe-fixes`)"
    return f" ({safe} fixable with `--fix`, {unsafe} more with `--unsafe-fixes`)"
