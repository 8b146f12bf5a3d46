"""The root command: finds the verb, runs it, and turns how it ended into an exit code."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

import click

from spindle.cli import render
from spindle.cli.verbs import VERBS, Verb
from spindle.errors import ExitCode, HostError, SpindleError
from spindle.text import nearest_name


class MissingExtra(HostError):
    """A verb's optional packages are not installed."""

    code = "missing-extra"


class Root(click.Group):
    """A group that knows its verbs by a table and imports the one that is used."""

    def __init__(self, verbs: Mapping[str, Verb]) -> None:
        super().__init__(
            name="spindle",
            help="Serve, build and inspect Spin applications.",
            context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        )
        self.verbs = verbs
        self.aliases = {alias: name for name, verb in verbs.items() for alias in verb.aliases}
        self.params.append(_version_option())

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
        hint = f"did you mean `spindle {near}`?" if near else "see `spindle --help`"
        raise click.UsageError(f"`{name}` is not a spindle command\n{hint}", ctx)

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


def _version_option() -> click.Option:
    def show(ctx: click.Context, _option: click.Parameter, value: bool) -> None:
        if value and not ctx.resilient_parsing:
            from spindle.cli.version import version_line

            click.echo(version_line())
            ctx.exit()

    return click.Option(
        ["-V", "--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=show,
        help="Print the version.",
    )


def run(args: Sequence[str] | None = None, verbs: Mapping[str, Verb] = VERBS) -> int:
    """Run one command line (the process's own by default); the exit code."""
    try:
        code = Root(verbs).main(args, prog_name="spindle", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return ExitCode.USAGE
    except click.ClickException as error:
        render.show_usage_error(error)
        return ExitCode.USAGE
    except SpindleError as error:
        render.show_error(error)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; nothing is left to say, at exit neither.
        sys.stdout = None
        return ExitCode.OK
    except Exception as error:
        render.show_bug(error)
        return ExitCode.FAILED
    return code if isinstance(code, int) else ExitCode.OK
