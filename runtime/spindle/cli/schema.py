"""`spindle schema`: what may be written in files, and said to a host."""

from __future__ import annotations

import json

import click

from spindle.manifest.json_schema import to_json_schema
from spindle.manifest.reference_page import render_reference
from spindle.manifest.schema import Record

TITLES = {"manifest": "`spin.toml`", "runtime-config": "`runtime-config.toml`"}
INTRODUCTIONS = {
    "manifest": "The manifest of an application, version 2: every table and key. "
    "Made by `spindle schema manifest --format markdown`.",
    "runtime-config": "What an application runs on, as opposed to what it is: every table and "
    "key. Made by `spindle schema runtime-config --format markdown`.",
}


@click.command(
    "schema",
    help="Print what may be written in a file, or said to a host: a JSON schema or a page.",
)
@click.argument("what", type=click.Choice([*TITLES, "control"]), default="manifest")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["json", "markdown"]),
    default="json",
    show_default=True,
    help="The form.",
)
def command(what: str, format_: str) -> None:
    if what == "control":
        click.echo(_control(format_), nl=False)
    elif format_ == "markdown":
        page = render_reference(_root(what), TITLES[what], INTRODUCTIONS[what])
        click.echo(page, nl=False)
    else:
        schema = to_json_schema(_root(what), TITLES[what].strip("`"))
        click.echo(json.dumps(schema, indent=2, ensure_ascii=False))


def _control(format_: str) -> str:
    """How front ends talk to a host."""
    from spindle.client.protocol import control_page, control_schema

    if format_ == "markdown":
        return control_page()
    return json.dumps(control_schema(), indent=2, ensure_ascii=False) + "\n"


def _root(what: str) -> Record:
    if what == "manifest":
        from spindle.manifest.v2 import MANIFEST

        return MANIFEST
    from spindle.runtime_config.schema import RUNTIME_CONFIG

    return RUNTIME_CONFIG
