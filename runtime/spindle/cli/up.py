"""`spindle up`: serve an application in the foreground.

Flags and variables have Spin's names and meanings, so that habits and scripts keep working.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from spindle.cli import parameters
from spindle.cli.sections import SectionedCommand
from spindle.cli.sources import find_source, source_options
from spindle.dev.options import UpOptions
from spindle.loader import Located

FILE = click.Path(path_type=Path, dir_okay=False)
DIRECTORY = click.Path(path_type=Path, file_okay=False)

BUILD_OPTIONS = (
    click.Option(["--profile"], metavar="NAME", help="The build profile to run."),
    click.Option(
        ["--build"],
        is_flag=True,
        envvar="SPIN_ALWAYS_BUILD",
        help="Build the application before serving it.",
    ),
    click.Option(
        ["--watch"],
        is_flag=True,
        help="Build what changes, and serve it without stopping.",
    ),
    click.Option(
        ["--instant/--no-instant"],
        default=True,
        help="Whether, while watching, Python components run from their sources.",
    ),
    click.Option(
        ["-c", "--component-id", "components"],
        multiple=True,
        metavar="ID",
        help="Run only this component; may be repeated.",
    ),
)

GUEST_OPTIONS = (
    click.Option(
        ["-e", "--env"],
        type=parameters.PAIR,
        multiple=True,
        metavar="KEY=VALUE",
        help="An environment variable for every component; may be repeated.",
    ),
    click.Option(
        ["--variable", "variables"],
        type=parameters.VARIABLES,
        multiple=True,
        metavar="KEY=VALUE",
        help="An application variable; also KEY=@FILE, @FILE.json, @FILE.toml. May be repeated.",
    ),
    click.Option(
        ["--key-value", "key_values"],
        type=parameters.PAIR,
        multiple=True,
        metavar="KEY=VALUE",
        help="Set a key of the default key-value store; may be repeated.",
    ),
    click.Option(
        ["--sqlite"],
        multiple=True,
        metavar="SQL|@FILE[:LABEL]",
        help="Execute statements on the default SQLite database, or another; may be repeated.",
    ),
    click.Option(
        ["--runtime-config-file"],
        type=FILE,
        envvar="RUNTIME_CONFIG_FILE",
        help="The runtime configuration.",
    ),
    click.Option(
        ["--allow-transient-write"], is_flag=True, help="Let guests write to their files' copies."
    ),
    click.Option(
        ["--direct-mounts"], is_flag=True, help="Mount directories themselves, not copies of them."
    ),
    click.Option(["--temp", "--tmp"], type=DIRECTORY, help="Where copies of mounted files go."),
    click.Option(["--cache-dir"], type=DIRECTORY, help="Where downloaded components are kept."),
    click.Option(
        ["--disable-cache"],
        is_flag=True,
        envvar="DISABLE_WASMTIME_CACHE",
        help="Keep no compiled code between runs.",
    ),
    click.Option(
        ["--experimental-wasi-otel"],
        is_flag=True,
        help="Let guests make telemetry by `wasi:otel`; OTEL_* variables say where it goes.",
    ),
)

OUTPUT_OPTIONS = (
    click.Option(
        ["--record"],
        is_flag=True,
        help="Record all that guests are told, for `spindle replay --hosts recorded`; each "
        "request has an instance of its own.",
    ),
    click.Option(
        ["--trace"],
        is_flag=True,
        help="Keep with each exchange all that its guest called, and what that answered.",
    ),
    click.Option(
        ["--tui/--no-tui"],
        default=None,
        envvar="SPINDLE_TUI",
        help="Whether, on a terminal, the interface of `spindle tui` opens.  [default: it does]",
    ),
    click.Option(
        ["-q", "--quiet", "--sh", "--shush"],
        is_flag=True,
        help="Show nothing of what components print; log files still get it.",
    ),
    click.Option(
        ["--follow"],
        multiple=True,
        metavar="ID",
        help="Show what this component prints, and no other; may be repeated.",
    ),
    click.Option(
        ["-L", "--log-dir"],
        envvar="SPIN_LOG_DIR",
        metavar="DIRECTORY",
        help="Where the components' output is kept.  [default: logs in the state directory]",
    ),
    click.Option(["--truncate-logs"], is_flag=True, help="Empty the log files first."),
    click.Option(
        ["--lines/--no-lines"],
        default=None,
        help="Whether a line tells of each exchange, and whose the components' output is."
        "  [default: on a terminal]",
    ),
    click.Option(
        ["--history/--no-history"],
        default=True,
        help="Whether exchanges are kept for `spindle exchanges`.",
    ),
    click.Option(
        ["--state-dir"],
        metavar="DIRECTORY",
        help="Where logs and databases are kept; empty for nowhere.  [default: .spin]",
    ),
)

HTTP_OPTIONS = (
    click.Option(
        ["--listen"],
        envvar="SPIN_HTTP_LISTEN_ADDR",
        default="127.0.0.1:3000",
        show_default=True,
        metavar="ADDRESS",
        help="The address and port to serve at.",
    ),
    click.Option(
        ["--find-free-port"], is_flag=True, help="Take the next free port if this one is in use."
    ),
    click.Option(
        ["--tls-cert"], type=FILE, envvar="SPIN_TLS_CERT", help="Certificate for HTTPS, PEM."
    ),
    click.Option(["--tls-key"], type=FILE, envvar="SPIN_TLS_KEY", help="Its key, PKCS#8 PEM."),
    click.Option(
        ["--http1-max-buf-size"],
        type=click.IntRange(min=8192),
        envvar="SPIN_HTTP1_MAX_BUF_SIZE",
        metavar="BYTES",
        help="The most bytes the head of an HTTP/1 request may have; at least 8192.",
    ),
    click.Option(
        ["--format"],
        type=click.Choice(["plain", "json"]),
        default="plain",
        show_default=True,
        help="How the routes are printed.",
    ),
)

INSTANCE_OPTIONS = (
    click.Option(
        ["--max-instance-reuse-count"],
        type=parameters.COUNTS,
        metavar="N|A..B",
        help="Requests an instance serves before it goes.  [default: 128; WASI 0.2: 1]",
    ),
    click.Option(
        ["--max-instance-concurrent-reuse-count"],
        type=parameters.COUNTS,
        metavar="N|A..B",
        help="Requests an instance serves at once.  [default: 16; WASI 0.2: 1]",
    ),
    click.Option(
        ["--request-timeout"],
        type=parameters.DURATIONS,
        metavar="TIME|A..B",
        help="How long a request may take: 5, 5s, 100ms, 1..8s.  [default: no limit]",
    ),
    click.Option(
        ["--idle-instance-timeout"],
        type=parameters.DURATIONS,
        metavar="TIME|A..B",
        help="How long an idle instance is kept.  [default: 1s]",
    ),
)

LIMIT_OPTIONS = tuple(
    parameters.limit_option(name, limit) for name, limit in parameters.LIMITS.items()
)


def _refuse_registry(_ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    if value is not None:
        parameters.refuse("applications from registries can't be served yet")


OTHER_OPTIONS = (
    click.Option(["--from-registry"], hidden=True, expose_value=False, callback=_refuse_registry),
    # Spin's tuning of an engine that is not ours: accepted for the sake of scripts.
    click.Option(["--disable-pooling"], is_flag=True, hidden=True, expose_value=False),
    click.Option(["--debug-info"], is_flag=True, hidden=True, expose_value=False),
    click.Option(["-k", "--insecure"], is_flag=True, hidden=True, expose_value=False),
    click.Option(["--cache"], hidden=True, envvar="WASMTIME_CACHE_FILE", expose_value=False),
)


def serve_command(**given: Any) -> int:
    tui = given.pop("tui")
    located = find_source(given.pop("source"), "up", given.pop("arguments"))
    options = read_options(located, given)
    # Imported once the command line is known to be understood.
    from spindle.cli.terminal_ui import serve_on_terminal

    return serve_on_terminal(options, tui=tui)


class UpCommand(SectionedCommand):
    """A command that takes what is behind `--` for the application's commands."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        cut = args.index("--") if "--" in args else len(args)
        rest = super().parse_args(ctx, args[:cut])
        ctx.params["guest_arguments"] = tuple(args[cut + 1 :])
        return rest


command = UpCommand(
    "up",
    callback=serve_command,
    help="Serve the application until interrupted. Arguments after `--` are for its commands.",
    sections={
        "Application": (
            *source_options("application: a manifest, a directory with one, or a wasm file"),
            *BUILD_OPTIONS,
        ),
        "What guests get": GUEST_OPTIONS,
        "Output and state": OUTPUT_OPTIONS,
        "HTTP": HTTP_OPTIONS,
        "Instances": INSTANCE_OPTIONS,
        "Limits": LIMIT_OPTIONS,
    },
    params=OTHER_OPTIONS,
)


def read_options(located: Located, given: Mapping[str, Any]) -> UpOptions:
    """The options of one command line, checked against each other."""
    options = dict(given)
    if options["quiet"] and options["follow"]:
        parameters.refuse("`--quiet` and `--follow` contradict each other")
    if (options["tls_cert"] is None) != (options["tls_key"] is None):
        parameters.refuse("`--tls-cert` and `--tls-key` go together: one of them is missing")
    if options["log_dir"] == "":
        parameters.refuse("`--log-dir` needs a directory", 'for no log files use `--state-dir ""`')
    arguments = options.pop("guest_arguments", ())
    limits = {name: options.pop(name) for name in parameters.LIMITS}
    limits = {name: value for name, value in limits.items() if value is not None}
    env = dict(options.pop("env"))
    variables = parameters.merged(options.pop("variables"))
    return UpOptions(
        source=located.path,
        arguments=arguments,
        env=env,
        variables=variables,
        limits=limits,
        **options,
    )
