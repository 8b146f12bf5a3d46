"""`host/info` and `host/stop`: a host about itself, and its end."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from spindle import __version__
from spindle.dev.control import Method, Params

if TYPE_CHECKING:
    from spindle.dev.host import Host


def host_methods(host: Host) -> Mapping[str, Method]:
    """The methods on a host."""

    def info(_params: Params) -> object:
        state, store = host.directories.state, host.keeper.path
        return {
            "pid": os.getpid(),
            "version": __version__,
            "app": {"name": host.app.name, "version": host.app.version},
            "manifest": str(host.options.source),
            "base_url": host.base_url,
            "started_at": host.started_at,
            "uptime": time.time() - host.started_at,
            "connections": host.connections,
            "state": None if state is None else str(state),
            "store": None if store is None else str(store),
            "recording": host.recording,
        }

    def stop(_params: Params) -> object:
        asyncio.get_running_loop().call_soon(host.stop)
        return None

    return {"host/info": info, "host/stop": stop}
