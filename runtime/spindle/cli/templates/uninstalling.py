"""`spindle templates uninstall`."""

from __future__ import annotations

import os

import click

from spindle.templates import uninstall


@click.command("uninstall", help="Remove an installed template.")
@click.argument("template")
def command(template: str) -> None:
    uninstall(template, os.environ)
    click.echo(f"{template}  removed")
