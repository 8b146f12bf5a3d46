"""The state of an application, running or not: what `spindle kv` and `spindle sql` look into.

Both ask it by methods of the control endpoint. A running host answers them itself. For an
application that is not running the same methods are served here, on what `spindle up` would open.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

import click

from spindle.cli.sources import find_source, manifest_option
from spindle.client import RunFile, connect, live_hosts
from spindle.client.discovery import NoSuchHost
from spindle.dev.control import BadParams, Method
from spindle.dev.directories import Directories, choose_directories
from spindle.dev.options import UpOptions
from spindle.dev.problems import ManifestError
from spindle.diagnostics import has_errors
from spindle.errors import UserError
from spindle.runtime_config import RuntimeConfig, load_runtime_config

ANSWER_SECONDS = 60.0
"""How long a running host may take to answer: its store may be far away."""

C = TypeVar("C", bound=Callable[..., Any])


class StoppedApp(NamedTuple):
    """What is known of an application that is not running."""

    source: Path
    config: RuntimeConfig
    directories: Directories


class Served(Protocol):
    """Methods on the state of an application that is not running."""

    def methods(self) -> Mapping[str, Method]:
        """The methods by name."""
        ...

    async def close(self) -> None:
        """Let go of files and connections."""
        ...


Call = Callable[[str, dict[str, object]], Any]
"""Calls a method by name with its parameters; raises `SpindleError`."""


def state_options(command: C) -> C:
    """The options that say which application, and where it keeps its state when stopped."""
    for option in (
        click.option(
            "--state-dir",
            metavar="DIRECTORY",
            help="Where a stopped application keeps its state.  [default: .spin]",
        ),
        click.option(
            "--runtime-config-file",
            type=click.Path(path_type=Path, dir_okay=False),
            envvar="RUNTIME_CONFIG_FILE",
            help="The runtime configuration of a stopped application.",
        ),
        manifest_option,
    ):
        command = option(command)
    return command


@contextmanager
def app_state(
    verb: str,
    source: Path | None,
    state_dir: str | None,
    runtime_config_file: Path | None,
    serve: Callable[[StoppedApp], Served],
) -> Iterator[Call]:
    """A way to call methods on an application's state; `serve` makes them if it is not running."""
    path = find_source(source, verb).path
    run_file = running_host(path)
    if run_file is not None:
        with connect(run_file, timeout=ANSWER_SECONDS) as host:
            yield host.call
        return
    with asyncio.Runner() as runner:
        served = serve(stopped_app(path, state_dir, runtime_config_file))
        methods = served.methods()

        async def answer(method: str, params: dict[str, object]) -> Any:
            try:
                result = methods[method](params)
                return await result if inspect.isawaitable(result) else result
            except BadParams as error:
                raise UserError(str(error)) from None

        try:
            yield lambda method, params: runner.run(answer(method, params))
        finally:
            runner.run(served.close())


def hosts_of(path: Path) -> list[RunFile]:
    """The hosts that serve a manifest."""
    return [host for host in live_hosts() if Path(host.manifest).resolve() == path.resolve()]


def running_host(path: Path) -> RunFile | None:
    """The host that serves a manifest, if one does; raises `NoSuchHost` if several do."""
    hosts = hosts_of(path)
    if len(hosts) > 1:
        raise NoSuchHost(
            f"{len(hosts)} hosts serve `{path}`, each with a state of its own",
            hints=tuple(
                f"`spindle stop {host.pid}` ends the one at {host.base_url}" for host in hosts
            ),
        )
    return hosts[0] if hosts else None


def stopped_app(path: Path, state_dir: str | None, runtime_config_file: Path | None) -> StoppedApp:
    """What `spindle up` with the same flags would keep state by; raises `ManifestError`."""
    config, found = load_runtime_config(runtime_config_file)
    if has_errors(found):
        raise ManifestError(found)
    options = UpOptions(path, state_dir=state_dir, runtime_config_file=runtime_config_file)
    return StoppedApp(path, config, choose_directories(options, config))
