"""Many scripts, each in a process of its own: what aborts or hangs costs one file only."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from spindle.component.wast.forms import FormError, read_forms
from spindle.component.wast.runner import Outcome
from spindle.errors import UserError

TIME_LIMIT = 60.0
"""Seconds a script may take."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one script."""

    name: str
    """Its path below the folder that was asked for."""
    total: int
    """How many commands it has."""
    problems: tuple[Outcome, ...]
    """Those that did not pass, in order; those never reached among them."""

    @property
    def folder(self) -> str:
        """The folder it lies in."""
        return str(Path(self.name).parent)

    @property
    def passed(self) -> int:
        """How many commands passed."""
        return self.total - len(self.problems)


class Expected:
    """What is known not to pass: lines `file.wast:12 reason`, or of a whole file without `:12`."""

    def __init__(self, text: str = "") -> None:
        lines = (line.split(maxsplit=1) for line in text.splitlines())
        self.reasons = {
            words[0]: words[-1].strip() for words in lines if words and words[0][0] != "#"
        }

    def covers(self, name: str, outcome: Outcome) -> bool:
        """Whether a problem is a known one."""
        return name in self.reasons or f"{name}:{outcome.line}" in self.reasons

    def outdated(self, reports: Iterable[Report]) -> list[str]:
        """The entries of scripts that were run of which nothing fails any more."""
        failing = {
            place
            for report in reports
            for outcome in report.problems
            for place in (report.name, f"{report.name}:{outcome.line}")
        }
        run = {report.name for report in reports}
        return [at for at in self.reasons if at.partition(":")[0] in run and at not in failing]


def scripts_in(paths: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    """The scripts at paths, those in folders by their path below it; `UserError` for none."""
    for path in paths:
        if path.is_dir():
            found = sorted(path.rglob("*.wast"))
            yield from ((str(file.relative_to(path)), file) for file in found)
        elif path.is_file():
            yield path.name, path
        else:
            raise UserError(f"there is no file or folder `{path}`", path=path)


def run_suite(
    paths: Sequence[Path], *, seed: int | None = None, limit: float = TIME_LIMIT, jobs: int = 2
) -> Iterator[Report]:
    """The reports of scripts, in their order."""
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(
            lambda script: run_file(*script, seed=seed, limit=limit), scripts_in(paths)
        )


def run_file(name: str, file: Path, *, seed: int | None, limit: float) -> Report:
    """The report of one script."""
    try:
        forms = read_forms(file.read_text(encoding="utf-8"))
    except FormError as error:
        return Report(name, 1, (Outcome(1, "script", str(error)),))
    command = [sys.executable, "-m", "spindle.component.wast", str(file)]
    if seed is not None:
        command.append(str(seed))
    outcomes, end = outcomes_of(command, limit)
    problems = [outcome for outcome in outcomes if outcome.problem is not None]
    problems += [Outcome(form.line, form.head, end) for form in forms[len(outcomes) :]]
    return Report(name, len(forms), tuple(problems))


def outcomes_of(command: Sequence[str], limit: float) -> tuple[list[Outcome], str]:
    """What a process told of its script, and how it ended."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=limit, check=False)
        output, end = done.stdout, f"not reached: the process ended with status {done.returncode}"
    except subprocess.TimeoutExpired as expired:
        output, end = expired.stdout or b"", f"not reached: the script ran for {limit:g} s"
    lines = [line for line in output.decode().splitlines(keepends=True) if line.endswith("\n")]
    return [Outcome(*json.loads(line)) for line in lines], end
