"""Code lenses over triggers: open the route, send a request, show what was exchanged.

Only what the client has a command for is offered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lsprotocol import types

from spindle.manifest import HttpTrigger, Trigger
from spindle.text import counted
from spindle_lsp.convert import range_of
from spindle_lsp.hosts import Figures, Host
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
    figures = host.figures.get(route) if host and isinstance(route, str) else None
    title = " · ".join(["Show exchanges", *_shown(figures)])
    yield types.Command(title, SHOW_EXCHANGES, arguments=arguments)


def _shown(figures: Figures | None) -> Iterator[str]:
    """What a route did, in a few words."""
    if figures is not None:
        yield f"p50 {duration_text(figures.p50)}"
        if figures.errors:
            yield counted(figures.errors, "error")


def duration_text(microseconds: float) -> str:
    """A duration as short as can be: `420 µs`, `3.1 ms`, `12 s`."""
    value, unit = microseconds, "µs"
    for larger in ("ms", "s"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.1f} {unit}" if value < 10 and unit != "µs" else f"{value:.0f} {unit}"


def sample_path(route: str) -> str:
    """A path that a route stands for: its pattern without the final wildcard."""
    path = route.removesuffix("/...").removesuffix("/*")
    return path if path.startswith("/") else f"/{path}"
