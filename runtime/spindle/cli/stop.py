"""`spindle stop`: end a running host, letting requests under way finish."""

from __future__ import annotations

import time

import click

from spindle.cli import parameters, render
from spindle.client import RunFile, connect, find_host, live_hosts
from spindle.client.discovery import is_alive
from spindle.errors import HostError


class StillRunning(HostError):
    """A host was told to stop and didn't."""

    code = "still-running"


@click.command("stop")
@click.argument("host", metavar="[PID|PATH]", required=False)
@click.option("--all", "everything", is_flag=True, help="Stop every host.")
@click.option(
    "--timeout", default=40.0, show_default=True, metavar="SECONDS", help="How long to wait."
)
def command(host: str | None, everything: bool, timeout: float) -> None:
    """Stop a running host: by process id, by its application's path, or this directory's."""
    if everything and host is not None:
        parameters.refuse("`--all` stops every host: name none")
    hosts = list(live_hosts()) if everything else [find_host(host or ".")]
    for run_file in hosts:
        stop_host(run_file)
    for run_file in hosts:
        wait_stopped(run_file, timeout)
        render.write(f"stopped {run_file.pid} ({run_file.manifest})")


def stop_host(run_file: RunFile) -> None:
    """Tell a host to stop."""
    with connect(run_file) as host:
        host.call("host/stop")


def wait_stopped(run_file: RunFile, timeout: float) -> None:
    """Wait until a host's process is gone."""
    deadline = time.monotonic() + timeout
    while is_alive(run_file.pid):
        if time.monotonic() > deadline:
            raise StillRunning(
                f"host {run_file.pid} has not stopped after {timeout:g} s",
                hints=("requests may be under way: wait, or `kill` the process",),
            )
        time.sleep(0.02)
