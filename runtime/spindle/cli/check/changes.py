"""What fixing would change, as a diff."""

from __future__ import annotations

import difflib
import io
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from spindle.cli import render
from spindle.dev.console import has_color
from spindle.diagnostics import painter
from spindle.overwriting import changed_paths

_STYLES = {"-": "31", "+": "32", "@": "36"}


def show_changes(old: Mapping[Path, str], new: Mapping[Path, str]) -> None:
    """Print a unified diff, as `patch` takes it, of every text that changed."""
    paint = painter(has_color(sys.stdout))
    here = Path.cwd()
    for path in changed_paths(old, new):
        name = render.shown_path(path, here).as_posix()
        lines = difflib.unified_diff(
            _lines(old[path]),
            _lines(new[path]),
            f"a/{name}",
            f"b/{name}",
        )
        for line in lines:
            style = _STYLES.get(line[:1])
            ended = line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
            click.echo(paint(style, ended) if style else ended, nl=False)


def _lines(text: str) -> list[str]:
    """Lines end at each line feed, and nowhere else."""
    return list(io.StringIO(text, newline="\n"))
