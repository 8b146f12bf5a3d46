"""`spindle component compose`: one component file made of several."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import click

from spindle.cli import render
from spindle.cli.component.binary import about, read_binary
from spindle.component.content import as_component
from spindle.composition import Composition, Dependency, Part, assemble, read_part
from spindle.errors import UserError
from spindle.wasm.names import LABEL, SEMVER

DEPENDENCY_NAME = rf"{LABEL}(?::{LABEL}(?:/{LABEL})?(?:@{SEMVER})?)?"


class Plug(NamedTuple):
    """What one `--plug` says."""

    name: str | None
    path: Path


def parse_plug(text: str) -> Plug:
    """`NAME=FILE`, or a file alone."""
    name, equals, path = text.partition("=")
    if equals and re.fullmatch(DEPENDENCY_NAME, name):
        return Plug(name, Path(path))
    return Plug(None, Path(text))


@click.command(
    "compose",
    help="""Make one component of SOCKET and the components it depends on.

    What the others export satisfies what SOCKET imports; whatever else any of them imports, the
    whole imports, one interface for all compatible versions. It exports what SOCKET exports.

    With `--middleware` the HTTP handler of SOCKET is behind that of the given component, which
    handles each request first; repeated, the first is outermost.""",
)
@click.argument("socket", type=click.Path(path_type=Path))
@click.option(
    "--plug",
    "plugs",
    multiple=True,
    metavar="[NAME=]FILE",
    help="A component that satisfies imports: those of NAME (`namespace:package`, with or without "
    "`/interface` and `@version`, or a plain name), else those of what it exports.",
)
@click.option(
    "--middleware",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A component that handles HTTP requests and passes them on.",
)
@click.option(
    "--output", "-o", required=True, metavar="FILE", type=click.Path(path_type=Path),
    help="Where to write the result.",
)  # fmt: skip
def command(
    socket: Path, plugs: tuple[str, ...], middleware: tuple[Path, ...], output: Path
) -> None:
    """Compose and write."""
    if not plugs and not middleware:
        raise click.UsageError("nothing to compose: give `--plug` or `--middleware`")
    composition = composed(socket, [parse_plug(text) for text in plugs], middleware)
    write(composition, output)
    render.write(
        f"{output}: {composition.size:,} bytes, {len(composition.parts)} components in one"
    )


def composed(socket: Path, plugs: Sequence[Plug], middleware: Sequence[Path]) -> Composition:
    """What the command line asks for."""
    component = part_of(socket)
    parts = [(plug.name, part_of(plug.path)) for plug in plugs]
    return assemble(
        component,
        [Dependency(name, part) for name, part in parts if name is not None],
        [part_of(path) for path in middleware],
        plugs=[part for name, part in parts if name is None],
    )


def part_of(path: Path) -> Part:
    """The component a file holds, or that a core module becomes."""
    with about(path):
        return read_part(str(path), as_component(read_binary(path)))


def write(composition: Composition, path: Path) -> None:
    """Write a composition, piece after piece."""
    try:
        with path.open("wb") as file:
            file.writelines(composition.pieces)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UserError(f"`{path}` can't be written: {reason}") from None
