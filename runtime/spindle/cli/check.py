"""`spindle check`: what is wrong with a manifest, all of it, with places."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from spindle.cli import render as terminal
from spindle.diagnostics import Diagnostic, Severity, has_errors, in_order, render, to_json
from spindle.errors import ExitCode
from spindle.loader import Loaded, Options, load


@click.command(
    "check",
    help="Say what is wrong with an application's manifest, all of it, with places.",
    epilog="Exits with 0 when there are no errors, or only warnings, and with 2 on errors.",
)
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["plain", "json"]),
    default="plain",
    show_default=True,
    help="How the problems are printed.",
)
@click.option("--profile", metavar="NAME", help="The build profile to check.")
@click.option(
    "--runtime-config-file",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="RUNTIME_CONFIG_FILE",
    help="The runtime configuration to check as well.",
)
def command(
    path: Path | None, format_: str, profile: str | None, runtime_config_file: Path | None
) -> int:
    """Check the application at a path, and print what there is to say."""
    loaded, diagnostics = _check(path, profile, runtime_config_file)
    if format_ == "json":
        click.echo(json.dumps([to_json(d) for d in diagnostics], indent=2, ensure_ascii=False))
    else:
        _print_plain(loaded, diagnostics)
    return ExitCode.USAGE if has_errors(diagnostics) else ExitCode.OK


def _check(
    path: Path | None, profile: str | None, runtime_config_file: Path | None
) -> tuple[Loaded, tuple[Diagnostic, ...]]:
    if runtime_config_file is None:
        loaded = load(path, Options(profile=profile, read_wasm=True))
        return loaded, loaded.diagnostics
    from spindle.runtime_config import load_runtime_config

    config, found = load_runtime_config(runtime_config_file)
    loaded = load(path, Options(profile=profile, runtime_config=config, read_wasm=True))
    return loaded, in_order((*loaded.diagnostics, *found))


def _print_plain(loaded: Loaded, diagnostics: Sequence[Diagnostic]) -> None:
    """Every problem but those only an editor shows, and how many there are."""
    color = terminal.has_color(sys.stdout)
    here = Path.cwd()
    shown = [d for d in diagnostics if d.severity is not Severity.HINT]
    for diagnostic in shown:
        click.echo(render(diagnostic, relative_to=here, color=color) + "\n")
    subject = loaded.located.path if loaded.located else None
    name = "" if subject is None else f"{_relative(subject, here)}: "
    click.echo(f"{name}{_summary(shown)}")


def _relative(path: Path, here: Path) -> Path:
    return path.relative_to(here) if path.is_relative_to(here) else path


def _summary(diagnostics: Sequence[Diagnostic]) -> str:
    counts = Counter(diagnostic.severity for diagnostic in diagnostics)
    named = [
        _counted(counts[severity], word)
        for severity, word in (
            (Severity.ERROR, "error"),
            (Severity.WARNING, "warning"),
            (Severity.INFO, "remark"),
        )
        if counts[severity]
    ]
    return ", ".join(named) or "no problems"


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
