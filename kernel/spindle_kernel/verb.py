"""`spindle kernel`: tell Jupyter of the kernel, or no longer."""

from __future__ import annotations

import sys
from importlib.util import find_spec

import click

if find_spec("ipykernel") is None:
    # It is loaded late; that it is missing is said at once.
    raise ModuleNotFoundError("No module named 'ipykernel'", name="ipykernel")


@click.group("kernel", help="Install the Jupyter kernel.")
def command() -> None:
    """What can be done with it."""


@command.command("install", help="Have Jupyter offer the kernel as Spindle.")
@click.option("--user", is_flag=True, help="For yourself only.")
@click.option("--sys-prefix", is_flag=True, help="In the environment of this Python.")
@click.option("--prefix", metavar="PATH", help="In another environment.")
def install(user: bool, sys_prefix: bool, prefix: str | None) -> None:
    """Write the specification."""
    if user + sys_prefix + (prefix is not None) > 1:
        raise click.UsageError("give one of `--user`, `--sys-prefix` and `--prefix`")
    from spindle_kernel import installing

    where = installing.install(user=user, prefix=sys.prefix if sys_prefix else prefix)
    click.echo(f"Installed the kernel in {where}")


@command.command("uninstall", help="Have Jupyter offer the kernel no more.")
def uninstall() -> None:
    """Remove the specification."""
    from spindle_kernel import installing

    click.echo(f"Removed {installing.uninstall()}")


@command.command("bridge", help="Serve an editor that does not speak Jupyter's protocol.")
@click.argument("directory", type=click.Path(exists=True, file_okay=False), default=".")
def bridge(directory: str) -> None:
    """One kernel, over stdin and stdout."""
    from spindle_kernel.bridge import run_bridge

    run_bridge(directory)
