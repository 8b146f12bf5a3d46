"""The root command: finds the verb, runs it, and turns how it ended into an exit code."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import click

from spindle.cli import render
from spindle.cli.verb_group import VerbGroup
from spindle.cli.verbs import VERBS, Verb
from spindle.errors import ExitCode, SpindleError


class Root(VerbGroup):
    """The `spindle` command."""

    def __init__(self, verbs: Mapping[str, Verb]) -> None:
        super().__init__(
            "spindle",
            verbs,
            help="Serve, build and inspect Spin applications.",
            context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        )
        self.params.append(_version_option())


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
