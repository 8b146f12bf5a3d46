"""How front ends find a running host and talk to it.

    with connect(find_host("app/")) as host:
        host.call("host/info")

    async with await HostClient.open(find_host("app/")) as host:
        async for events in host.follow_exchanges("status>=500"):
            ...

Hosts announce themselves by run files and answer JSON-RPC 2.0 on their control endpoint. What
needs an event loop is imported when it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spindle.client.connection import Connection, connect
from spindle.client.discovery import NoSuchHost, find_host, live_hosts
from spindle.client.failures import CallFailed, HostUnreachable
from spindle.client.framing import Decoder, FramingError, encode_message
from spindle.client.run_file import PROTOCOL, RunFile, run_directory

if TYPE_CHECKING:
    from spindle.client.answers import (
        AppName,
        BodyPart,
        BuildResult,
        BuildState,
        BuildStatus,
        ComponentInfo,
        ComponentStats,
        Difference,
        Fired,
        Grants,
        HostInfo,
        HostStats,
        InstanceInfo,
        KeyPage,
        Matched,
        Page,
        QueryResult,
        Replayed,
        RouteInfo,
        RouteStats,
        RouteTry,
        Stats,
    )
    from spindle.client.host_client import HostClient
    from spindle.client.link import Event, Link, Stream
    from spindle.events import Dropped, LogLine

_LAZY = {
    "Dropped": "spindle.events",
    "Event": "spindle.client.link",
    "HostClient": "spindle.client.host_client",
    "Link": "spindle.client.link",
    "LogLine": "spindle.events",
    "Stream": "spindle.client.link",
}
"""Where names are that need an event loop."""


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LAZY.get(name, "spindle.client.answers")), name)


__all__ = [
    "PROTOCOL",
    "AppName",
    "BodyPart",
    "BuildResult",
    "BuildState",
    "BuildStatus",
    "CallFailed",
    "ComponentInfo",
    "ComponentStats",
    "Connection",
    "Decoder",
    "Difference",
    "Dropped",
    "Event",
    "Fired",
    "FramingError",
    "Grants",
    "HostClient",
    "HostInfo",
    "HostStats",
    "HostUnreachable",
    "InstanceInfo",
    "KeyPage",
    "Link",
    "LogLine",
    "Matched",
    "NoSuchHost",
    "Page",
    "QueryResult",
    "Replayed",
    "RouteInfo",
    "RouteStats",
    "RouteTry",
    "RunFile",
    "Stats",
    "Stream",
    "connect",
    "encode_message",
    "find_host",
    "live_hosts",
    "run_directory",
]
