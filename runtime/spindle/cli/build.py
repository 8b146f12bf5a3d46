"""`spindle build`: run the manifest's build commands, and serve the result if asked to."""

from __future__ import annotations

from pathlib import Path

import click

from spindle.cli import parameters, render
from spindle.cli.sources import find_source, manifest_option


@click.command(
    "build",
    help="Build the application's components, those that others depend on first.",
    epilog="After `--up`, further arguments are those of `spindle up`.",
    context_settings={"ignore_unknown_options": True},
)
@manifest_option
@click.option("--profile", metavar="NAME", help="The build profile.")
@click.option(
    "-c",
    "--component-id",
    "components",
    multiple=True,
    metavar="ID",
    help="Build only this component; may be repeated.",
)
@click.option(
    "--skip-target-checks",
    "--skip-target-check",
    is_flag=True,
    help="Don't check that what was built can run in the manifest's `targets`.",
)
@click.option(
    "--skip-generate-wits",
    "--skip-generate-wit",
    is_flag=True,
    help="Don't write `spin-dependencies.wit`, which says what dependencies provide.",
)
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many components are built at once.  [default: one a processor]",
)
@click.option("--force", is_flag=True, help="Build also what is made of unchanged files.")
@click.option("-u", "--up", is_flag=True, help="Serve the application after building it.")
@click.argument("up_arguments", nargs=-1, type=click.UNPROCESSED, metavar="")
def command(
    source: Path | None,
    profile: str | None,
    components: tuple[str, ...],
    skip_target_checks: bool,
    skip_generate_wits: bool,
    jobs: int | None,
    force: bool,
    up: bool,
    up_arguments: tuple[str, ...],
) -> None:
    if up_arguments and not up:
        _refuse_arguments(up_arguments, source)
    located = find_source(source, "build")
    if located.is_wasm:
        parameters.refuse(f"`{located.path.name}` is built already: it has no manifest")
    # Imported here: running commands takes much with it that a wrong command line does not need.
    from spindle.dev.build import BuildOptions, build_app

    options = BuildOptions(
        located.path,
        profile,
        components,
        not skip_generate_wits,
        jobs,
        force,
        not skip_target_checks,
    )
    build_app(options, render.Terminal())
    if up:
        _serve(located.path, up_arguments)


def _refuse_arguments(arguments: tuple[str, ...], source: Path | None) -> None:
    first = arguments[0]
    if first.startswith("-"):
        raise click.NoSuchOption(first, ctx=click.get_current_context())
    find_source(source, "build", arguments)


def _serve(manifest: Path, arguments: tuple[str, ...]) -> None:
    from spindle.cli.up import command as up_command

    ctx = click.get_current_context()
    with up_command.make_context("up", ["-f", str(manifest), *arguments], ctx.parent) as up_ctx:
        up_command.invoke(up_ctx)
