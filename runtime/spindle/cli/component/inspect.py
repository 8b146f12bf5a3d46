"""`spindle component inspect`: what a binary is made of, what it needs and what can call it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from spindle.cli.component.binary import FILE, about, read_binary
from spindle.dev.console import has_color


@click.command(
    "inspect",
    help="""Say what a component is made of, what it needs and what can call it.

    Beside each import is the key of `[component.<id>]` that grants what it needs, beside each
    export the trigger that calls it.""",
)
@FILE
@click.option("--json", "as_json", is_flag=True, help="Print the same as JSON.")
def command(file: Path, as_json: bool) -> None:
    from spindle.cli.component.findings import findings_of

    with about(file):
        findings = findings_of(read_binary(file))
    if as_json:
        click.echo(json.dumps(findings.to_json(), indent=2))
        return
    from spindle.cli.component.report import report_lines

    for line in report_lines(file.name, findings, color=has_color(sys.stdout)):
        click.echo(line, color=True)
