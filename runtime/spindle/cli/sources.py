"""The options by which a verb is told which application it is about."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from spindle.cli import parameters, render
from spindle.dev.problems import ManifestError
from spindle.diagnostics import Diagnostic
from spindle.loader import Located, locate

manifest_option = click.option(
    "-f",
    "--from",
    "--file",
    "source",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The application: a manifest, or a directory with one.  [default: spin.toml]",
)
"""Of verbs that have no use for a bare wasm file."""


def source_options(what: str) -> list[click.Parameter]:
    """`-f`, and a place for arguments that nobody expects, so that they can be explained."""
    return [
        click.Option(
            ["-f", "--from", "--file", "--from-file", "source"],
            type=click.Path(path_type=Path),
            metavar="PATH",
            help=f"The {what}.  [default: spin.toml]",
        ),
        click.Argument(["arguments"], nargs=-1, metavar=""),
    ]


def find_source(given: Path | None, verb: str, arguments: Sequence[str] = ()) -> Located:
    """The application a command line means; says so if it is not in the current directory.

    The path is absolute.
    """
    if arguments:
        hint = () if given else (f"did you mean `spindle {verb} -f {arguments[0]}`?",)
        parameters.refuse(f"unexpected argument `{arguments[0]}`", *hint)
    located = locate(given)
    if isinstance(located, Diagnostic):
        raise ManifestError((located,))
    if located.distance:
        render.write(
            "No 'spin.toml' in current directory. "
            f"Using 'spin.toml' from {_ancestor(located.distance)} directory ({located.path})"
        )
    return Located(located.path.absolute(), located.distance)


def _ancestor(distance: int) -> str:
    return "parent" if distance == 1 else "great-" * (distance - 2) + "grandparent"
