"""`spindle show`: all that was kept of one exchange."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from spindle.cli.kept_exchanges import Kept, NoSuchExchange, open_kept
from spindle.cli.show.report import report_lines
from spindle.cli.sources import find_source
from spindle.cli.state_app import state_options
from spindle.cli.trap_text import render_trap
from spindle.dev.console import has_color
from spindle.dev.painting import line_paint
from spindle.exchange import Json
from spindle.history import mask


@click.command(
    "show",
    help="Show all that was kept of an exchange. ID is its id or the beginning of it, as "
    "`spindle exchanges` has them; without one it is the last that was kept.",
)
@click.argument("id_", metavar="[ID]", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print it.",
)
@click.option("--show-secrets", is_flag=True, help="Do not mask credentials.")
@state_options
def command(
    id_: str | None,
    form: str,
    show_secrets: bool,
    source: Path | None,
    state_dir: str | None,
    runtime_config_file: Path | None,
) -> None:
    manifest = find_source(source, "show").path
    with open_kept(manifest, state_dir, runtime_config_file) as kept:
        document = None if kept is None else _found(kept, id_)
    if document is None:
        meant = "no exchanges have been kept yet"
        if id_ is not None and kept is not None:
            meant = f"no exchange is kept whose id is or begins with `{id_}`"
        raise NoSuchExchange(meant, hints=("`spindle exchanges` lists those that are",))
    if not show_secrets:
        document = mask(document)
    if form == "json":
        click.echo(json.dumps(document, indent=2))
        return
    for line in report_lines(document, line_paint(sys.stdout)):
        click.echo(line, color=True)
    if document["trap"] is not None:
        click.echo()
        click.echo(render_trap(document, manifest.parent, color=has_color(sys.stdout)), color=True)


def _found(kept: Kept, id_: str | None) -> Json | None:
    if id_ is None:
        newest = kept.list(None, limit=1)
        return kept.get(newest[0].id) if newest else None
    return kept.get(id_.lower())
