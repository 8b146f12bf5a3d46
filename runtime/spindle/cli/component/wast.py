"""`spindle component wast`: test scripts of components."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import click

from spindle.component.wast.suite import TIME_LIMIT, Expected, Report, run_suite
from spindle.errors import ExitCode


@click.command(
    "wast",
    help="""Run test scripts: `.wast` files, or folders of them.

    Each runs in a process of its own. Whatever does not pass is printed with its reason.""",
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--seed", type=int, help="Run guests' threads in an order this number decides.")
@click.option(
    "--expected",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file that names what is known not to pass, `FILE:LINE REASON` on each line.",
)
@click.option(
    "--limit", type=float, default=TIME_LIMIT, show_default=True, help="Seconds for each script."
)
@click.option("--jobs", "-j", type=click.IntRange(min=1), default=2, show_default=True)
@click.option("--verbose", "-v", is_flag=True, help="Print what passes, too.")
def command(
    paths: tuple[Path, ...],
    seed: int | None,
    expected: Path | None,
    limit: float,
    jobs: int,
    verbose: bool,
) -> int:
    """Run the scripts and print what became of them."""
    known = Expected(expected.read_text(encoding="utf-8") if expected else "")
    reports = []
    surprises = 0
    for report in run_suite(paths, seed=seed, limit=limit, jobs=jobs):
        reports.append(report)
        new = [outcome for outcome in report.problems if not known.covers(report.name, outcome)]
        surprises += len(new)
        if verbose or new:
            click.echo(f"{report.name}  {report.passed}/{report.total}")
        for outcome in new:
            click.echo(f"  {outcome.line}: {outcome.command}: {outcome.problem}")
    outdated = known.outdated(reports)
    for place in outdated:
        click.echo(f"{place} passes, though {expected} says that it does not")
    click.echo(table(reports))
    return ExitCode.FAILED if surprises or outdated else ExitCode.OK


def table(reports: Sequence[Report]) -> str:
    """Passed and total commands, by folder."""
    by_folder = groupby(sorted(reports, key=lambda r: r.folder), key=lambda r: r.folder)
    rows = [(folder, list(of)) for folder, of in by_folder]
    rows.append(("total", list(reports)))
    return "\n".join(
        f"{folder:<20} {sum(r.passed for r in of):>6}/{sum(r.total for r in of)}"
        f"   {sum(not r.problems for r in of)} of {len(of)} files whole"
        for folder, of in rows
    )
