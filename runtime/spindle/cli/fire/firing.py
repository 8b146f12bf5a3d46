"""Having a trigger fire: on the host that serves the application, or on one for the call."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
from click.core import ParameterSource

from spindle.cli import parameters, render
from spindle.cli.fire.report import has_failed, print_json, print_report
from spindle.cli.sources import find_source, manifest_option
from spindle.cli.state_app import running_host
from spindle.cli.up import BUILD_OPTIONS, GUEST_OPTIONS, OUTPUT_OPTIONS
from spindle.client import connect
from spindle.dev.options import UpOptions
from spindle.errors import ExitCode

if TYPE_CHECKING:
    from spindle.executor import Failure

_OF_MORE_THAN_A_CALL = frozenset(("components", "watch", "instant"))
"""Options of building that say nothing about one call."""


class Firing(NamedTuple):
    """What is to fire, and with what."""

    kind: str
    target: str
    payload: object
    """As the control endpoint takes it."""
    more: Mapping[str, object] = {}
    """What HTTP needs besides."""

    @property
    def params(self) -> dict[str, object]:
        """Those of the control method."""
        return {"type": self.kind, "target": self.target, "payload": self.payload, **self.more}


def firing_options() -> list[click.Parameter]:
    """The options of every kind of trigger; most are for an application that does not run."""

    @manifest_option
    def source() -> None:
        """Whose option is wanted."""

    manifest: list[click.Parameter] = source.__click_params__  # type: ignore[attr-defined]
    return [
        *manifest,
        click.Option(
            ["--format", "form"],
            type=click.Choice(["plain", "json"]),
            default="plain",
            show_default=True,
            help="How to print what came of it.",
        ),
        click.Option(
            ["--timeout"],
            type=click.FloatRange(min=0, min_open=True),
            default=600.0,
            show_default=True,
            metavar="SECONDS",
            help="How long to wait for a running host.",
        ),
        *(option for option in BUILD_OPTIONS if option.name not in _OF_MORE_THAN_A_CALL),
        *GUEST_OPTIONS,
        *(option for option in OUTPUT_OPTIONS if option.name == "history"),
        click.Option(["--state-dir"], metavar="DIRECTORY", help="Where databases and logs are."),
    ]


def fire(firing: Firing, given: Mapping[str, Any]) -> int:
    """Have a trigger fire, and print what came of it; the exit code."""
    options = dict(given)
    form, timeout = options.pop("form"), options.pop("timeout")
    path = find_source(options.pop("source"), "fire").path
    run_file = running_host(path)
    if run_file is not None:
        _warn_of_unused(options)
        with connect(run_file, timeout=timeout) as host:
            answer = host.call("trigger/fire", firing.params)
    else:
        answer = _fire_here(path, options, firing)
    if form == "json":
        print_json(answer)
    else:
        print_report(answer, path.parent)
    return ExitCode.FAILED if has_failed(answer) else ExitCode.OK


def _fire_here(path: Path, options: dict[str, Any], firing: Firing) -> Any:
    # Imported here, for a running host has all of this already.
    from spindle.dev.control import BadParams
    from spindle.dev.serving import fire_once

    env, variables = dict(options.pop("env")), parameters.merged(options.pop("variables"))
    up = UpOptions(source=path, quiet=True, env=env, variables=variables, **options)
    try:
        return fire_once(up, _Quiet(sys.stderr), firing.params)
    except BadParams as error:
        parameters.refuse(str(error))


def _warn_of_unused(options: Mapping[str, Any]) -> None:
    context = click.get_current_context()
    given = {
        name for name in options if context.get_parameter_source(name) != ParameterSource.DEFAULT
    }
    used = [f"`{max(it.opts, key=len)}`" for it in context.command.params if it.name in given]
    if used:
        message = f"the application is running: {', '.join(used)} changes nothing"
        render.write_problem("warning", message, ("stop it first, or leave that out",))


class _Quiet(render.Terminal):
    """Tells only of what is wrong with the application: the rest is in the answer."""

    def narrate(self, text: str) -> None:
        """Say nothing."""

    def report(self, failure: Failure, root: Path) -> None:
        """Say nothing."""
