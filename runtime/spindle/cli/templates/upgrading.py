"""`spindle templates upgrade`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from spindle.cli import parameters, render
from spindle.errors import ExitCode, SpindleError
from spindle.templates import clone, install, origins


@click.command("upgrade", help="Install again what was installed, as it is where it came from.")
@click.option("--repo", metavar="URL", help="Only the templates of this repository or folder.")
@click.option("--branch", metavar="NAME", help="The repository's branch or tag.")
@click.option("--all", is_flag=True, hidden=True, help="Accepted for the sake of scripts.")
def command(repo: str | None, branch: str | None, **_ignored: bool) -> int:
    if branch is not None and repo is None:
        parameters.refuse("`--branch` is for one repository", "name it with `--repo`")
    known = origins(os.environ)
    chosen = [one for one in known if repo in (None, *one.values())]
    if repo is not None and not chosen:
        places = ", ".join(f"`{place}`" for one in known for place in one.values())
        parameters.refuse(
            f"no templates were installed from `{repo}`", f"some were from {places or 'nowhere'}"
        )
    failed = False
    for origin in chosen:
        try:
            _upgrade(origin, branch)
        except SpindleError as error:
            failed = True
            render.write_problem("error", error.message, error.hints)
    return ExitCode.FAILED if failed else ExitCode.OK


def _upgrade(origin: dict[str, str], branch: str | None) -> None:
    if "git" in origin:
        with clone(origin["git"], branch) as files:
            _install(files, origin)
    elif "dir" in origin:
        _install(Path(origin["dir"]), origin)
    else:
        click.echo(f"{origin['url']}  is an archive; `spin templates upgrade` brings it")


def _install(files: Path, origin: dict[str, str]) -> None:
    for template, _ in install(files, origin, os.environ, update=True):
        click.echo(f"{template.id}  upgraded")
