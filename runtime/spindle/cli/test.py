"""`spindle test`: repeat saved exchanges, and say which come out otherwise."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from spindle.cli import parameters, render
from spindle.cli.sections import SectionedCommand
from spindle.cli.sources import find_source
from spindle.cli.up import BUILD_OPTIONS, GUEST_OPTIONS
from spindle.errors import ExitCode

if TYPE_CHECKING:
    from spindle.door.cases import Outcome
    from spindle.door.embedded import EmbeddedApp

PASSED_ON = ("profile", "build", "components", "env", "variables", "key_values", "sqlite",
             "runtime_config_file", "allow_transient_write", "direct_mounts", "temp", "cache_dir",
             "disable_cache")  # fmt: skip
"""Options of `spindle up` that say how the application is run."""

TEST_OPTIONS = (
    click.Argument(["paths"], nargs=-1, type=click.Path(path_type=Path), metavar="[CASE|FOLDER]…"),
    click.Option(
        ["-f", "--from", "--file", "source"],
        type=click.Path(path_type=Path),
        metavar="PATH",
        help="The application: a manifest, a directory with one, or a wasm file.  "
        "[default: spin.toml]",
    ),
    click.Option(
        ["--format", "form"],
        type=click.Choice(["text", "json", "junit"]),
        default="text",
        show_default=True,
        help="How the results are printed.",
    ),
    click.Option(["-x", "--fail-fast"], is_flag=True, help="Stop at the first case that fails."),
)


def run_tests(
    paths: tuple[Path, ...], source: Path | None, form: str, fail_fast: bool, **given: Any
) -> int:
    located = find_source(source, "test")
    # Imported once the command line is known to be understood: serving takes much with it.
    from spindle.cli.case_reports import REPORTS

    cases = _chosen(paths, located.path.parent)
    outcomes: list[Outcome] = []
    report = REPORTS[form]()
    with tempfile.TemporaryDirectory(prefix="spindle-") as state:
        for outcome in _outcomes(cases, _options(located.path, state, given)):
            outcomes.append(outcome)
            report.one(outcome)
            if fail_fast and not outcome.passed:
                break
    report.end(outcomes)
    return ExitCode.OK if all(outcome.passed for outcome in outcomes) else ExitCode.FAILED


command = SectionedCommand(
    "test",
    callback=run_tests,
    help="Repeat saved exchanges, and say which come out otherwise.\n\n"
    "A case is a file NAME.exchange.json, as `spindle export --format json` writes it; without "
    "paths, those in the application's tests/exchanges are run. The application's own state is "
    "left alone.",
    sections={
        "Cases": TEST_OPTIONS,
        "Application": [option for option in BUILD_OPTIONS if option.name in PASSED_ON],
        "What guests get": [option for option in GUEST_OPTIONS if option.name in PASSED_ON],
    },
)


def _chosen(paths: tuple[Path, ...], folder: Path) -> list[Path]:
    """The files of cases that a command line means; raises `UsageError` if there are none."""
    from spindle.door.cases import FOLDER, find_cases

    found: list[Path] = []
    for path in paths or (folder / FOLDER,):
        cases = find_cases(path) if path.is_dir() else [path] if path.exists() else []
        if not cases:
            parameters.refuse(
                f"there is no case in `{render.shown_path(path, Path.cwd())}`",
                "`spindle export ID --format json > NAME.exchange.json` saves an exchange as one",
            )
        found += cases
    return list(dict.fromkeys(found))


def _options(source: Path, state: str, given: dict[str, Any]) -> Any:
    from spindle.dev.options import UpOptions

    options = {name: value for name, value in given.items() if name in PASSED_ON}
    options["env"] = dict(options["env"])
    options["variables"] = parameters.merged(options["variables"])
    return UpOptions(source, listen="127.0.0.1:0", quiet=True, state_dir=state, **options)


def _outcomes(cases: list[Path], options: Any) -> Iterator[Outcome]:
    from spindle.door.cases import run_file
    from spindle.door.embedded import embed

    app: EmbeddedApp = embed(options, _Narrating())
    with app:
        for case in cases:
            yield run_file(app, case)


class _Narrating(render.Terminal):
    """Says everything beside what was asked for."""

    def say(self, text: str) -> None:
        render.write(text)

    def narrate(self, text: str) -> None:
        """Where data goes is of no interest: it is thrown away."""

    def report(self, failure: Any, root: Path) -> None:
        """The outcome says it."""
