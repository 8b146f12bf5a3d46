"""`spindle templates install`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import click

from spindle.cli import parameters
from spindle.templates import Template, clone, install


@click.command("install", help="Install the templates of a repository, where Spin has its own.")
@click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="A folder with templates.",
)
@click.option("--git", "url", metavar="URL", help="A repository, brought by `git clone`.")
@click.option("--branch", metavar="NAME", help="The repository's branch or tag.")
@click.option(
    "--update", "--upgrade", is_flag=True, help="Replace those that are installed already."
)
def command(directory: Path | None, url: str | None, branch: str | None, update: bool) -> None:
    if (directory is None) == (url is None):
        parameters.refuse("give either a folder with `--dir` or a repository with `--git`")
    if branch is not None and url is None:
        parameters.refuse("`--branch` is for `--git`")
    if url is not None:
        with clone(url, branch) as files:
            _say(install(files, {"git": url}, os.environ, update=update))
    elif directory is not None:
        origin = {"dir": str(directory.absolute())}
        _say(install(directory, origin, os.environ, update=update))


def _say(done: Iterable[tuple[Template, bool]]) -> None:
    for template, new in done:
        told = "installed" if new else "is there already; `--update` replaces it"
        click.echo(f"{template.id}  {told}")
