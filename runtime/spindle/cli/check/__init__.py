"""`spindle check`: what is wrong with manifests, all of it, with places, and fixing it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from spindle.cli import parameters, render
from spindle.cli.check.applications import Application, Checker, find_applications
from spindle.cli.check.changes import show_changes
from spindle.cli.check.outputs import OUTPUTS, Report
from spindle.diagnostics import has_errors
from spindle.errors import ExitCode
from spindle.fixes import Repaired, repair
from spindle.overwriting import write_changes

RUNTIME_CONFIG = "runtime-config.toml"
"""What runtime configurations are usually called."""


@click.command(
    "check",
    help="Say what is wrong with applications' manifests, all of it, with places, and fix it.",
    epilog="Exits with 0 when there are no errors, or only warnings, and with 2 on errors; with "
    "`--fix` or `--diff`, on those that are left.",
)
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, metavar="[PATH]...")
@click.option("--all", "all_", is_flag=True, help="Check every `spin.toml` below the paths.")
@click.option("--fix", is_flag=True, help="Apply the fixes that are safe, and say what is left.")
@click.option("--unsafe-fixes", is_flag=True, help="Apply fixes as well that may change more.")
@click.option("--diff", is_flag=True, help="Show what `--fix` would change, and change nothing.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(list(OUTPUTS)),
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
    paths: tuple[Path, ...],
    all_: bool,
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    format_: str,
    profile: str | None,
    runtime_config_file: Path | None,
) -> int:
    """Check the applications at some paths, and print what there is to say."""
    if unsafe_fixes and not (fix or diff):
        parameters.refuse("`--unsafe-fixes` goes with `--fix` or `--diff`")
    if diff and (fix or format_ != "plain"):
        parameters.refuse("`--diff` goes with neither `--fix` nor `--format`")
    applications = find_applications(paths, below=all_)
    checker = Checker(profile, runtime_config_file)
    reports = [_checked(each, checker, fix or diff, unsafe_fixes) for each in applications]
    if diff:
        show_changes(checker.originals, checker.texts)
    elif fix:
        write_changes(checker.originals, checker.texts)
    _narrate_fixes(reports, "would fix" if diff else "fixed")
    if not diff:
        OUTPUTS[format_](reports)
        if runtime_config_file is None:
            _mention_runtime_config(applications)
    errors = any(has_errors(report.diagnostics) for report in reports)
    return ExitCode.USAGE if errors else ExitCode.OK


def _checked(application: Application, checker: Checker, fix: bool, unsafe: bool) -> Report:
    texts = checker.texts_of(application)
    check = checker.check_of(application)
    repaired = repair(texts, check, unsafe=unsafe) if fix else Repaired(texts, (), check(texts))
    checker.texts.update(repaired.texts)
    return Report(application.path, repaired.left, repaired.fixed, dict(repaired.texts))


def _narrate_fixes(reports: Sequence[Report], done: str) -> None:
    here = Path.cwd()
    for fixed in (diagnostic for report in reports for diagnostic in report.fixed):
        assert fixed.fix is not None
        assert fixed.path is not None
        line = "" if fixed.span is None else f":{fixed.span.start.line + 1}"
        place = f"{render.shown_path(fixed.path, here)}{line}"
        render.write(f"{done} {fixed.code} at {place}: {fixed.message}")
        render.write(f"  {render.paint('step', 'fix')}: {fixed.fix.title}")


def _mention_runtime_config(applications: Sequence[Application]) -> None:
    """Say where there is a configuration nobody asked to be checked."""
    here = Path.cwd()
    for path in (app.path for app in applications if app.path is not None):
        config = path.parent / RUNTIME_CONFIG
        if config.is_file():
            shown = render.shown_path(config, here)
            message = f"`{shown}` was not checked, for only what is named is used"
            hint = f"name it with `--runtime-config-file {shown}`"
            render.write_problem("note", message, (hint,))
