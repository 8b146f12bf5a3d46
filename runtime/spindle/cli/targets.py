"""`spindle targets`: the environments that a manifest can name."""

from __future__ import annotations

import click


@click.group("targets", help="List the environments that a manifest can name as `targets`.")
def command() -> None:
    pass


@command.command("list", help="List the environments that are known on this machine.")
def list_targets() -> None:
    from spindle.targets import known_names

    for name in known_names():
        click.echo(name)
