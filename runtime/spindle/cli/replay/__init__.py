"""`spindle replay`: have exchanges happen again, on a running host or without one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from spindle.cli.sections import SectionedCommand
from spindle.cli.sources import find_source, manifest_option
from spindle.cli.up import BUILD_OPTIONS, GUEST_OPTIONS
from spindle.errors import ExitCode

_OF_SERVING = frozenset(("components", "watch", "instant"))
"""Options of building that say nothing about replays."""


def _manifest_options() -> list[click.Parameter]:
    @manifest_option
    def source() -> None:
        """Whose option is wanted."""

    options: list[click.Parameter] = source.__click_params__  # type: ignore[attr-defined]
    return options


def replay_command(which: tuple[str, ...], **given: Any) -> int:
    from spindle.cli.replay.replaying import Asked, replay

    path: Path = find_source(given.pop("source"), "replay").path
    asked = Asked(
        " ".join(which),
        state=given.pop("state"),
        hosts=given.pop("hosts"),
        against=given.pop("against"),
        allow_truncated=given.pop("allow_truncated"),
        ignored=given.pop("ignored"),
        trace=given.pop("trace"),
    )
    form, diff, limit = given.pop("form"), given.pop("diff"), given.pop("limit")
    return replay(path, asked, given, form=form, diff=diff, limit=limit)


command = SectionedCommand(
    "replay",
    callback=replay_command,
    help="Have exchanges happen again, and compare. WHICH is an exchange's id or the beginning of "
    "it, a filter such as `status>=500 path~/v1` (all that pass, oldest first), or a file of "
    "exchanges. The application is the one that runs, or runs as long as this takes. The exit "
    f"code is 0 if all is as it was, {ExitCode.DIFFERENT:d} if something differs, and "
    f"{ExitCode.FAILED:d} if something can't be replayed.",
    sections={
        "How": (
            click.Argument(["which"], nargs=-1, required=True),
            *_manifest_options(),
            click.Option(
                ["--state"],
                type=click.Choice(["fork", "live"]),
                default="fork",
                show_default=True,
                help="Whether stores and databases are copies, or those of the application.",
            ),
            click.Option(
                ["--hosts"],
                type=click.Choice(["live", "recorded"]),
                default="live",
                show_default=True,
                help="Whether the host answers guests anew, or what `up --record` recorded.",
            ),
            click.Option(
                ["--against"],
                metavar="BUILD",
                help="The build to run: the beginning of its id, `previous`, or a wasm file.",
            ),
            click.Option(
                ["--trace"],
                is_flag=True,
                help="Keep with the new exchanges all that their guests called.",
            ),
            click.Option(
                ["--allow-truncated"],
                is_flag=True,
                help="Send bodies that were not kept whole as far as they were.",
            ),
            click.Option(
                ["--limit"],
                type=click.IntRange(min=1),
                default=1000,
                show_default=True,
                help="The most exchanges that a filter chooses: the newest.",
            ),
        ),
        "Comparison": (
            click.Option(["--diff"], is_flag=True, help="Print every difference of a suite, too."),
            click.Option(
                ["--ignore", "ignored"],
                multiple=True,
                metavar="PLACE",
                help="A place that may differ, such as `output.body.at`; `*` stands for anything.",
            ),
            click.Option(
                ["--format", "form"],
                type=click.Choice(["plain", "json"]),
                default="plain",
                show_default=True,
                help="How to print what came of it; JSON is an object a line.",
            ),
        ),
        "Of an application that does not run": (
            *(option for option in BUILD_OPTIONS if option.name not in _OF_SERVING),
            *GUEST_OPTIONS,
            click.Option(["--state-dir"], metavar="DIRECTORY", help="Where databases are."),
        ),
    },
)
