"""The options by which a verb is told which application it is about."""

from __future__ import annotations

from collections.abc import Sequence

import click

from spindle.cli import parameters, render
from spindle.dev.sources import Located, locate_source


def source_options(what: str) -> list[click.Parameter]:
    """`-f`, and a place for arguments that nobody expects, so that they can be explained."""
    return [
        click.Option(
            ["-f", "--from", "--file", "--from-file", "source"],
            metavar="PATH",
            help=f"The {what}.  [default: spin.toml]",
        ),
        click.Argument(["arguments"], nargs=-1, metavar=""),
    ]


def find_source(given: str | None, verb: str, arguments: Sequence[str]) -> Located:
    """The application a command line means; says so if it is not in the current directory."""
    if arguments:
        refuse_arguments(verb, arguments, given)
    located = locate_source(given, verb)
    if located.above:
        render.write(
            f"No 'spin.toml' in current directory. Using 'spin.toml' from {_ancestor(located.above)} "
            f"directory ({located.path})"
        )
    return located


def refuse_arguments(verb: str, arguments: Sequence[str], given: str | None) -> None:
    first = arguments[0]
    hint = () if given else (f"did you mean `spindle {verb} -f {first}`?",)
    parameters.refuse(f"unexpected argument `{first}`", *hint)


def _ancestor(above: int) -> str:
    if above == 1:
        return "parent"
    return "great-" * (above - 2) + "grandparent"
