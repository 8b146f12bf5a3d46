"""`spindle watch`: build and serve an application, and again whatever of it changes.

It is `spindle up --build --watch` under Spin's name, with Spin's flags; what it doesn't know is for
`spindle up`.
"""

from __future__ import annotations

from pathlib import Path

import click

from spindle.cli import parameters
from spindle.cli.sources import find_source, manifest_option
from spindle.cli.up import command as up_command
from spindle.cli.up import read_options


@click.command(
    "watch",
    help="Build and serve the application, and again whatever of it changes.",
    epilog="Further arguments are those of `spindle up`.",
    context_settings={"ignore_unknown_options": True},
)
@manifest_option
@click.option("--profile", metavar="NAME", help="The build profile.")
@click.option("-c", "--clear", is_flag=True, help="Clear the screen before each build.")
@click.option("-d", "--debounce", type=int, hidden=True, help="Accepted for the sake of scripts.")
@click.option(
    "--skip-build", is_flag=True, help="Serve what changes, and leave building to somebody else."
)
@click.argument("up_arguments", nargs=-1, type=click.UNPROCESSED, metavar="[UP ARGUMENTS]")
def command(
    source: Path | None,
    profile: str | None,
    clear: bool,
    skip_build: bool,
    up_arguments: tuple[str, ...],
    **_ignored: int | None,
) -> int:
    located = find_source(source, "watch")
    if located.is_wasm and not skip_build:
        skip_build = True  # there is nothing to build it from
    given = ["--profile", profile] if profile is not None else []
    ctx = click.get_current_context()
    arguments = ["-f", str(located.path), *given, *up_arguments]
    with up_command.make_context("up", arguments, ctx.parent) as up_ctx:
        params = {k: v for k, v in up_ctx.params.items() if k not in ("source", "arguments")}
    if up_ctx.params["arguments"]:
        parameters.refuse(f"`{up_ctx.params['arguments'][0]}` is no argument of `spindle up`")
    tui = params.pop("tui")
    options = read_options(located, params)
    from spindle.cli.terminal_ui import serve_on_terminal

    options = options._replace(
        watch=True, build=not skip_build, build_changed=not skip_build, clear=clear
    )
    return serve_on_terminal(options, tui=tui)
