"""`spindle templates list`."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import click

from spindle.cli import render
from spindle.templates import Shelves, Template, gather


@click.command("list", help="List the templates, Spindle's own and installed ones.")
@click.option("--tag", "tags", multiple=True, help="Only those with this tag.")
@click.option(
    "--template-dir",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="A folder with templates of one's own.",
)
@click.option("--verbose", is_flag=True, help="Say also where they are from.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["plain", "json"]),
    default="plain",
    show_default=True,
    help="How they are printed.",
)
def command(tags: tuple[str, ...], template_dir: Path | None, verbose: bool, format_: str) -> None:
    print_templates(template_dir, tags, verbose=verbose, as_json=format_ == "json")


def print_templates(
    template_dir: Path | None, tags: Sequence[str], *, verbose: bool = False, as_json: bool = False
) -> None:
    """Every template with all of some tags."""
    shelves = gather(template_dir, os.environ)
    wanted = {tag.lower() for tag in tags}
    found = {id_: one for id_, one in shelves.templates.items() if wanted <= one.tags}
    if as_json:
        shown = [_to_json(id_, template) for id_, template in found.items()]
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
    else:
        width = max(map(len, found), default=0)
        for id_, template in found.items():
            origin = f"  ({template.origin or template.directory})" if verbose else ""
            click.echo(f"{id_:{width}}  {template.description}{origin}")
    _say_broken(shelves)


def _to_json(id_: str, template: Template) -> dict[str, object]:
    return {
        "id": id_,
        "description": template.description,
        "tags": sorted(template.tags),
        "application": template.application is not None,
        "component": template.component is not None,
        "origin": template.origin,
        "directory": str(template.directory),
    }


def _say_broken(shelves: Shelves) -> None:
    for error in shelves.broken:
        render.write_problem("warning", f"{error.path}: {error.message}", error.hints)
