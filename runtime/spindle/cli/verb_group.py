"""A command with subcommands, each in a module that is imported when it is used."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from spindle.cli.verbs import Verb
from spindle.errors import HostError
from spindle.text import nearest_name


class MissingExtra(HostError):
    """A verb's optional packages are not installed."""

    code = "missing-extra"


class VerbGroup(click.Group):
    """A group that knows its verbs by a table."""

    def __init__(self, name: str, verbs: Mapping[str, Verb], **settings: Any) -> None:
        super().__init__(name=name, **settings)
        self.verbs = verbs
        self.aliases = {alias: name for name, verb in verbs.items() for alias in verb.aliases}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self.verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        name = self.aliases.get(cmd_name, cmd_name)
        verb = self.verbs.get(name)
        return None if verb is None else load_verb(name, verb)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name.startswith("-") or name in self.verbs or name in self.aliases:
            return super().resolve_command(ctx, args)
        near = nearest_name(name, self.verbs)
        me = ctx.command_path
        hint = f"did you mean `{me} {near}`?" if near else f"see `{me} --help`"
        raise click.UsageError(f"`{name}` is not a {me} command\n{hint}", ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(", ".join((name, *verb.aliases)), verb.help) for name, verb in self.verbs.items()]
        with formatter.section("Commands"):
            formatter.write_dl(sorted(rows))


def load_verb(name: str, verb: Verb) -> click.Command:
    """The command of a verb; `MissingExtra` if its packages are not installed."""
    try:
        command = import_module(verb.module).command
    except ModuleNotFoundError as error:
        if verb.extra is None:
            raise
        raise MissingExtra(
            f"`spindle {name}` needs the `{verb.extra}` extra: `{error.name}` is not installed",
            hints=(f"pip install 'spindle[{verb.extra}]'",),
        ) from error
    assert isinstance(command, click.Command), f"{verb.module} has no click command `command`"
    return command
