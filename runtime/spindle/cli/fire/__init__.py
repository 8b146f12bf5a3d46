"""`spindle fire`: have a trigger fire by hand, on a running host or on one made for the call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from spindle.cli import parameters
from spindle.cli.fire.firing import Firing, fire, firing_options
from spindle.cli.fire.payload import PAYLOAD, document

command = click.Group(
    "fire",
    help="Have a trigger fire: no client, no broker, no clock is needed. The application is the "
    "one that runs, or else runs as long as the call.",
)


def _subcommand(
    name: str, help: str, *params: click.Parameter
) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Makes a function a command with these parameters and those of all."""
    short, _, _ = help.partition(":")

    def made(callback: Callable[..., int]) -> Callable[..., int]:
        every = [*params, *firing_options()]
        made = click.Command(name, callback=callback, help=help, short_help=short, params=every)
        command.add_command(made)
        return callback

    return made


@_subcommand(
    "http",
    "Send a request: METHOD is GET, or POST with data.",
    click.Argument(["request"], nargs=-1, metavar="[METHOD] PATH"),
    click.Option(["-H", "--header", "headers"], multiple=True, metavar="NAME:VALUE"),
    click.Option(["-d", "--data"], type=PAYLOAD, help="The body; also @FILE, or - for stdin."),
)
def fire_http(
    request: tuple[str, ...], headers: tuple[str, ...], data: bytes | None, **given: Any
) -> int:
    if not 1 <= len(request) <= 2:
        parameters.refuse("a request is `[METHOD] PATH`", "such as `spindle fire http GET /`")
    method = request[0].upper() if len(request) == 2 else "GET" if data is None else "POST"
    pairs = [header.partition(":")[::2] for header in headers]
    params = {"method": method, "headers": [[name.strip(), text.strip()] for name, text in pairs]}
    return fire(Firing("http", request[-1], document(data or b""), params), given)


def _message(kind: str, place: str) -> None:
    @_subcommand(
        kind,
        f"Send a message: PAYLOAD is text, @FILE, or - for stdin. All components of the {place} "
        "get it.",
        click.Argument(["target"], metavar=place.upper()),
        click.Argument(["payload"], type=PAYLOAD),
    )
    def fire_message(target: str, payload: bytes, **given: Any) -> int:
        return fire(Firing(kind, target, document(payload)), given)


_message("redis", "channel")
_message("mqtt", "topic")


@_subcommand(
    "cron",
    "Run what a schedule runs: ID is the trigger's or its component's.",
    click.Argument(["target"], metavar="ID"),
    click.Option(["--at"], metavar="SECONDS", default="", help="The time it is told.  [now]"),
)
def fire_cron(target: str, at: str, **given: Any) -> int:
    return fire(Firing("cron", target, at), given)


@_subcommand(
    "command",
    "Run a command: ID is the trigger's or its component's, ARGUMENTS follow its name.",
    click.Argument(["target"], metavar="ID"),
    click.Argument(["arguments"], nargs=-1),
)
def fire_command(target: str, arguments: tuple[str, ...], **given: Any) -> int:
    return fire(Firing("command", target, "\0".join(arguments)), given)
