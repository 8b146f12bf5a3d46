"""The host that serves an application at the moment, if one does."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from spindle.client import live_hosts


class Host(NamedTuple):
    """What the editor shows of a running host."""

    base_url: str


def running_host(manifest: Path) -> Host | None:
    """The host that serves a manifest; None when no or several hosts do."""
    try:
        path = manifest.resolve()
        serving = [host for host in live_hosts() if Path(host.manifest) in (path, path.parent)]
    except OSError:
        return None
    return Host(serving[0].base_url) if len(serving) == 1 else None
