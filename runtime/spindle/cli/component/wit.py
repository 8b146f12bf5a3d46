"""`spindle component wit`: a binary's interfaces as WIT."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import click

from spindle.cli.component.binary import FILE, about, read_binary
from spindle.dev.console import has_color

STYLES = {"comment": "90", "keyword": "35", "type": "36", "name": "1", "annotation": "33"}
TOKEN = re.compile(
    r"(?P<comment>//.*)"
    r"|(?P<annotation>@(?:since|unstable|deprecated)\b)"
    r"|(?P<keyword>(?<![\w%:/.@-])(?:package|world|interface|import|export|use|include|type|record"
    r"|variant|enum|flags|resource|constructor|static|async|func|as)(?![\w/@-])(?!:))"
    r"|(?P<type>(?<![\w%:/.@-])(?:bool|[su](?:8|16|32|64)|f32|f64|char|string|list|option|result"
    r"|tuple|map|stream|future|borrow|own|error-context)(?![\w/@-])(?!:))"
    r"|(?P<name>(?<![\w%:/.@-])%?[A-Za-z][\w-]*(?=: ))"
)


@click.command(
    "wit",
    help="""Print the interfaces of a component as WIT: its world, and all that it speaks of.

    FILE may also be a WIT package, or a core module that is yet to become a component.""",
)
@FILE
@click.option("--json", "as_json", is_flag=True, help="Print the same as JSON.")
def command(file: Path, as_json: bool) -> None:
    from spindle.wasm.wit import render_wit
    from spindle.wasm.wit_binary import read_wit

    with about(file):
        wit = read_wit(read_binary(file))
    if as_json:
        from spindle.wasm.wit_json import wit_to_json

        click.echo(json.dumps(wit_to_json(wit), indent=2))
        return
    text = render_wit(wit)
    click.echo(colored(text) if has_color(sys.stdout) else text, nl=False, color=True)


def colored(text: str) -> str:
    """WIT with the colours of its tokens."""

    def paint(found: re.Match[str]) -> str:
        assert found.lastgroup is not None
        return f"\x1b[{STYLES[found.lastgroup]}m{found[0]}\x1b[0m"

    return TOKEN.sub(paint, text)
