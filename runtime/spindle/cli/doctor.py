"""`spindle doctor`: what is wrong with the machine and the application together."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import click

from spindle.cli import render
from spindle.cli.sources import manifest_option
from spindle.dev.console import has_color
from spindle.diagnostics import painter
from spindle.doctor import (
    Build,
    Finding,
    Patient,
    Remedy,
    State,
    admit,
    apply_remedy,
    examine,
    is_safe,
    remedy_to_json,
    to_json,
)
from spindle.errors import ExitCode, SpindleError

_STYLES = {State.OK: "32", State.NOTE: "36", State.WARNING: "1;33", State.ERROR: "1;31"}
Applied = dict[Remedy, str | None]
"""What each remedy that was carried out came to: None if well, else what is wrong."""


@click.command(
    "doctor",
    help="Say what keeps an application from being built and served here, and offer to mend it.",
    epilog="Exits with 0 when nothing does; with 2 when something is wrong with the application, "
    "else with 3 when it is the machine; with 1 when mending failed.",
)
@manifest_option
@click.option("--profile", metavar="NAME", help="The build profile.")
@click.option(
    "--runtime-config-file",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="RUNTIME_CONFIG_FILE",
    help="The runtime configuration.",
)
@click.option(
    "--listen",
    envvar="SPIN_HTTP_LISTEN_ADDR",
    default="127.0.0.1:3000",
    show_default=True,
    metavar="ADDRESS",
    help="Where the application is to be served.",
)
@click.option("--connect", is_flag=True, help="See whether databases and other services answer.")
@click.option("-y", "--yes", is_flag=True, help="Mend what can safely be mended, without asking.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["plain", "json"]),
    default="plain",
    show_default=True,
    help="How it is printed.",
)
def command(
    source: Path | None,
    profile: str | None,
    runtime_config_file: Path | None,
    listen: str,
    connect: bool,
    yes: bool,
    format_: str,
) -> int:
    def arrive() -> Patient:
        return admit(
            source,
            os.environ,
            profile=profile,
            runtime_config=runtime_config_file,
            listen=listen,
            connects=connect,
        )

    patient = arrive()
    if source is not None and patient.path is None:
        render.show_diagnostics(patient.diagnostics)
        return ExitCode.USAGE
    findings = examine(patient)
    if format_ == "plain":
        _print_findings(findings)
    applied = _mend(findings, ask=not yes and format_ == "plain", yes=yes)
    if applied:
        findings = examine(arrive())
        if format_ == "plain":
            click.echo("\nAfter that:\n")
            _print_findings(findings)
    if format_ == "json":
        _print_json(findings, applied)
    elif not applied:
        _mention_remedies(findings)
    return _exit_code(findings, applied)


def _print_findings(findings: Sequence[Finding]) -> None:
    paint = painter(has_color(sys.stdout))
    for of_machine, group in groupby(findings, lambda finding: finding.of_machine):
        click.echo("Machine" if of_machine else "Application")
        for finding in group:
            state = paint(_STYLES[finding.state], f"{finding.state.value:8}")
            click.echo(f"  {state} {finding.message}")
            for hint in finding.hints if finding.state is not State.OK else ():
                for line in hint.splitlines():
                    click.echo(f"           {line}")


def _print_json(findings: Sequence[Finding], applied: Applied) -> None:
    shown = {
        "findings": [to_json(finding) for finding in findings],
        "applied": [
            {**remedy_to_json(remedy), "problem": problem} for remedy, problem in applied.items()
        ],
    }
    click.echo(json.dumps(shown, indent=2, ensure_ascii=False))


def _mend(findings: Sequence[Finding], *, ask: bool, yes: bool) -> Applied:
    """Carry out what is wanted of what was proposed."""
    applied: Applied = {}
    if not yes and not (ask and sys.stdin.isatty() and sys.stdout.isatty()):
        return applied
    for remedy in _remedies(findings):
        if yes and not is_safe(remedy):
            continue
        if not yes and not click.confirm(f"\n{remedy.title}? ({remedy.shown})", err=True):
            continue
        render.write(f"{render.paint('step', remedy.title)}: {remedy.shown}")
        applied[remedy] = _applied(remedy)
    return applied


def _applied(remedy: Remedy) -> str | None:
    try:
        apply_remedy(remedy, render.Terminal(sys.stderr))
    except SpindleError as error:
        render.show_error(error)
        return error.message
    return None


def _remedies(findings: Sequence[Finding]) -> list[Remedy]:
    """What is proposed, once each; what builds comes last, for it needs what the others add.

    What is safe comes before what isn't.
    """
    remedies = dict.fromkeys(finding.remedy for finding in findings if finding.remedy)
    return sorted(remedies, key=lambda remedy: (isinstance(remedy, Build), not is_safe(remedy)))


def _mention_remedies(findings: Sequence[Finding]) -> None:
    remedies = _remedies(findings)
    for safe, told in (
        (True, "would help; `spindle doctor --yes` does them"),
        (False, "might help"),
    ):
        some = [remedy for remedy in remedies if is_safe(remedy) is safe]
        if some:
            click.echo(f"\nThese {told}:")
        for remedy in some:
            click.echo(f"  {remedy.title}: {remedy.shown}")


def _exit_code(findings: Sequence[Finding], applied: Applied) -> ExitCode:
    if any(problem is not None for problem in applied.values()):
        return ExitCode.FAILED
    errors = [finding for finding in findings if finding.state is State.ERROR]
    if any(not finding.of_machine for finding in errors):
        return ExitCode.USAGE
    return ExitCode.ENVIRONMENT if errors else ExitCode.OK
