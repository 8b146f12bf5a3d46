"""The verbs by name: which module serves each, and what it is for.

The module has a click command called `command`. Front ends are named by module path like any
other verb, never imported from here, so that dependencies keep pointing down.
"""

from __future__ import annotations

from typing import NamedTuple


class Verb(NamedTuple):
    """One verb of the command line."""

    module: str
    help: str
    aliases: tuple[str, ...] = ()
    extra: str | None = None
    """The optional part of the distribution it needs: `pip install 'spindle[extra]'`."""


VERBS = {
    "add": Verb("spindle.cli.add", "Add a component to an application", ("a",)),
    "allow": Verb("spindle.cli.allow", "Let a component connect to hosts"),
    "build": Verb("spindle.cli.build", "Build the application's components", ("b",)),
    "check": Verb("spindle.cli.check", "Say what is wrong with a manifest"),
    "completion": Verb("spindle.cli.completion", "Print a shell's completion script"),
    "component": Verb("spindle.cli.component", "Work on components themselves"),
    "doctor": Verb("spindle.cli.doctor", "Say what is wrong with machine and application"),
    "export": Verb("spindle.cli.export", "Print exchanges for other tools"),
    "exchanges": Verb("spindle.cli.exchanges", "List what the application was asked"),
    "fire": Verb("spindle.cli.fire", "Have a trigger fire by hand"),
    "kernel": Verb("spindle_kernel.verb", "Install the Jupyter kernel", extra="kernel"),
    "kv": Verb("spindle.cli.kv", "Look into key-value stores"),
    "lsp": Verb("spindle_lsp.verb", "Run the language server for `spin.toml`", extra="lsp"),
    "new": Verb("spindle.cli.new", "Make an application from a template", ("n",)),
    "ps": Verb("spindle.cli.ps", "List the hosts that are running"),
    "replay": Verb("spindle.cli.replay", "Have exchanges happen again, and compare"),
    "schema": Verb("spindle.cli.schema", "Print what may be written in `spin.toml`"),
    "show": Verb("spindle.cli.show", "Show all of one exchange"),
    "sql": Verb("spindle.cli.sql", "Execute SQL on an application's databases"),
    "stop": Verb("spindle.cli.stop", "Stop a running host"),
    "targets": Verb("spindle.cli.targets", "List what a manifest can name as targets"),
    "templates": Verb("spindle.cli.templates", "List templates, and install others", ("template",)),
    "test": Verb("spindle.cli.test", "Run saved exchanges as tests"),
    "tui": Verb("spindle_tui.verb", "Show a running host in the terminal", extra="tui"),
    "up": Verb("spindle.cli.up", "Serve the application", ("u",)),
    "watch": Verb("spindle.cli.watch", "Serve the application, and build what changes", ("w",)),
    "version": Verb("spindle.cli.version", "Print versions"),
}
