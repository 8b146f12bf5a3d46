"""`spindle tui`: the terminal interface over a running host."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

import click

from spindle.client import find_host
from spindle.errors import HostError

if find_spec("textual") is None:
    # It is loaded late; that it is missing is said at once.
    raise ModuleNotFoundError("No module named 'textual'", name="textual")


class NoTerminal(HostError):
    """The interface needs a terminal, and there is none, or one that can't do anything."""

    code = "no-terminal"


@click.command("tui")
@click.argument("host", metavar="[PATH|PID]", default=".")
def command(host: str) -> None:
    """Show a running host: by its application's path, this directory's unless given, or its id."""
    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
        raise NoTerminal(
            "`spindle tui` needs a terminal to show itself on",
            hints=("`spindle exchanges --follow` prints lines",),
        )
    if os.environ.get("TERM", "dumb") == "dumb":
        raise NoTerminal(
            "`spindle tui` can't show itself on a terminal that only prints lines",
            hints=("set `TERM` to what the terminal is, as in `TERM=xterm-256color`",),
        )
    run_file = find_host(host)
    from spindle_tui.app import SpindleApp
    from spindle_tui.attachment import Attachment

    attachment = Attachment(str(run_file.pid))
    SpindleApp(attachment, manifest=run_file.manifest).run()
