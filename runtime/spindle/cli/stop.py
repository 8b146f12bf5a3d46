"""`spindle stop`: end a running host, letting requests under way finish."""

from __future__ import annotations

from contextlib import ExitStack

import click

from spindle.cli import parameters, render
from spindle.client import Connection, RunFile, connect, find_host, live_hosts
from spindle.errors import HostError


class StillRunning(HostError):
    """A host was told to stop and didn't."""

    code = "still-running"


@click.command("stop")
@click.argument("host", metavar="[PID|PATH]", required=False)
@click.option("--all", "everything", is_flag=True, help="Stop every host.")
@click.option(
    "--timeout", default=40.0, show_default=True, metavar="SECONDS", help="How long to wait for it."
)
def command(host: str | None, everything: bool, timeout: float) -> None:
    """Stop a running host: by process id, by its application's path, or this directory's."""
    if everything and host is not None:
        parameters.refuse("`--all` stops every host: name none")
    hosts = list(live_hosts()) if everything else [find_host(host or ".")]
    with ExitStack() as stack:
        told = [(run_file, tell_to_stop(run_file, stack)) for run_file in hosts]
        for run_file, connection in told:
            if not connection.wait_closed(timeout):
                raise StillRunning(
                    f"host {run_file.pid} has not stopped after {timeout:g} s",
                    hints=("requests may be under way: `spindle stop` once more cuts them off",),
                )
            render.write(f"stopped {run_file.pid} ({run_file.manifest})")


def tell_to_stop(run_file: RunFile, stack: ExitStack) -> Connection:
    """Tell a host to stop; the connection ends when the host does."""
    connection = stack.enter_context(connect(run_file))
    connection.call("host/stop")
    return connection
