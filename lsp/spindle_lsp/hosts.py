"""The host that serves an application at the moment, if one does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from spindle.client import RunFile, connect, live_hosts
from spindle.errors import SpindleError

PATIENCE = 0.1
"""Seconds a host may take to say what it has counted: somebody is typing meanwhile."""


class Figures(NamedTuple):
    """What a host has counted of a route."""

    errors: int
    p50: float
    """Microseconds that half of the requests took at most."""


class Host(NamedTuple):
    """What the editor shows of a running host."""

    base_url: str
    figures: Mapping[str, Figures] = {}
    """Of the routes that were asked for, by their patterns."""


def running_host(manifest: Path) -> Host | None:
    """The host that serves a manifest; None when no or several hosts do."""
    try:
        path = manifest.resolve()
        serving = [host for host in live_hosts() if Path(host.manifest) in (path, path.parent)]
    except OSError:
        return None
    return Host(serving[0].base_url, _figures(serving[0])) if len(serving) == 1 else None


def _figures(run_file: RunFile) -> dict[str, Figures]:
    try:
        with connect(run_file, timeout=PATIENCE) as host:
            routes = host.call("stats/get")["routes"]
    except SpindleError:
        return {}
    return {each["route"]: Figures(each["errors"], each["p50"]) for each in routes if each["count"]}
