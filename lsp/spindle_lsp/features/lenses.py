"""Code lenses over triggers: open the route, send a request, show what was exchanged.

Only what the client has a command for is offered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lsprotocol import types

from spindle.manifest import HttpTrigger, Trigger
from spindle_lsp.convert import range_of
from spindle_lsp.hosts import Host
from spindle_lsp.snapshot import Snapshot

OPEN_ROUTE = "spindle.openRoute"
SEND_REQUEST = "spindle.sendRequest"
SHOW_EXCHANGES = "spindle.showExchanges"


def lenses_of(
    snapshot: Snapshot, commands: Collection[str], host: Host | None
) -> list[types.CodeLens]:
    """The lenses of every trigger; `host` serves the manifest at the moment."""
    manifest = snapshot.canonical or snapshot.manifest
    if manifest is None:
        return []
    return [
        types.CodeLens(range_of(trigger.node.span), command=command)
        for kind, trigger in manifest.all_triggers
        for command in _commands(kind, trigger, host, snapshot.uri)
        if command.command in commands
    ]


def _commands(kind: str, trigger: Trigger, host: Host | None, uri: str) -> Iterator[types.Command]:
    route = trigger.route if isinstance(trigger, HttpTrigger) else None
    of = {"type": kind, "trigger": trigger.id, "route": route if isinstance(route, str) else None}
    arguments = [uri, of]
    if isinstance(route, str):
        at = f" at {host.base_url.rstrip('/')}{sample_path(route)}" if host else ""
        yield types.Command(f"Open{at}", OPEN_ROUTE, arguments=arguments)
        yield types.Command("Send request", SEND_REQUEST, arguments=arguments)
    elif kind != "http":
        yield types.Command("Fire", SEND_REQUEST, arguments=arguments)
    yield types.Command("Show exchanges", SHOW_EXCHANGES, arguments=arguments)


def sample_path(route: str) -> str:
    """A path that a route stands for: its pattern without the final wildcard."""
    path = route.removesuffix("/...").removesuffix("/*")
    return path if path.startswith("/") else f"/{path}"
