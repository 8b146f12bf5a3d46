"""`spindle ps`: the hosts that are running."""

from __future__ import annotations

import json
from typing import Any

import click

from spindle.client import RunFile, connect, live_hosts
from spindle.errors import HostError


@click.command("ps", help="List the hosts that are running.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["plain", "json"]),
    default="plain",
    help="How to print it.",
)
def command(form: str) -> None:
    hosts = [host_info(run_file) for run_file in live_hosts()]
    if form == "json":
        click.echo(json.dumps(hosts, indent=2, ensure_ascii=False))
        return
    for line in _table([("PID", "APP", "URL", "UPTIME", "MANIFEST"), *map(_row, hosts)]):
        click.echo(line)


def host_info(run_file: RunFile) -> dict[str, Any]:
    """What a host says about itself; of one that doesn't answer, what its run file says."""
    known = {
        "pid": run_file.pid,
        "version": run_file.version,
        "manifest": run_file.manifest,
        "base_url": run_file.base_url,
    }
    try:
        with connect(run_file, timeout=2.0) as host:
            return {**known, **host.call("host/info"), "responding": True}
    except HostError:
        return {**known, "responding": False}


def _row(host: dict[str, Any]) -> tuple[str, ...]:
    answers = host["responding"]
    app = host["app"]["name"] if answers else "?"
    uptime = _duration(host["uptime"]) if answers else "not responding"
    return str(host["pid"]), app, host["base_url"] or "-", uptime, host["manifest"]


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "d"), (hours, "h"), (minutes, "m"), (rest, "s"))
    shown = [f"{number}{unit}" for number, unit in parts if number]
    return " ".join(shown[:2]) or "0s"


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
