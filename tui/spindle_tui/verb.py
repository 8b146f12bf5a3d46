"""`spindle tui`: the terminal interface over a running host."""

from __future__ import annotations

import sys
from importlib.util import find_spec

import click

from spindle.client import find_host
from spindle.errors import HostError

if find_spec("textual") is None:
    # It is loaded late; that it is missing is said at once.
    raise ModuleNotFoundError("No module named 'textual'", name="textual")


class NoTerminal(HostError):
    """Something needs a terminal, and there is none."""

    code = "no-terminal"


@click.command("tui")
@click.argument("host", metavar="[PATH|PID]", default=".")
def command(host: str) -> int:
    """Show a running host: by its application's path, this directory's unless given, or its id."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise NoTerminal("`spindle tui` needs a terminal to show itself on")
    run_file = find_host(host)
    from spindle_tui.app import SpindleApp

    return SpindleApp(str(run_file.pid)).run() or 0
