"""`spindle version`: what is installed here."""

from __future__ import annotations

import json

import click

from spindle import __version__


def version_line() -> str:
    """`spindle` and its version."""
    return f"spindle {__version__}"


def versions() -> dict[str, str]:
    """The versions that matter in a report, by name."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    found = {"spindle": __version__}
    for package in ("wasmtime", "uvloop"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return {**found, "python": platform.python_version(), "platform": platform.platform()}


@click.command("version", help="Print the versions of spindle and of what it runs on.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["plain", "json"]),
    default="plain",
    help="How to print it.",
)
def command(form: str) -> None:
    if form == "json":
        click.echo(json.dumps(versions(), indent=2))
        return
    for name, found in versions().items():
        click.echo(f"{name} {found}")
