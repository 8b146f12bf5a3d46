"""How components stand to their sources, as far as events tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from spindle.dev.building import Result
from spindle.diagnostics import to_json
from spindle.events import Bus, Event, EventKind

SHOWN_LINES = 500
"""Lines of a build's output that are told: the last ones."""

NONE = "none"
FRESH = "fresh"
STALE = "stale"
BUILDING = "building"
FAILED = "failed"
INSTANT = "instant"


class BuildState(NamedTuple):
    """How one component stands."""

    state: str
    """`fresh`, `building`, `failed` or `instant`."""
    since: float
    """Seconds since the epoch."""
    took: float | None = None
    """Seconds."""
    reason: str = ""
    output: Sequence[str] = ()
    diagnostics: Sequence[object] = ()


class BuildStates:
    """Listens to a bus, and remembers of each component what was told last."""

    def __init__(self, bus: Bus) -> None:
        self.known: dict[str, BuildState] = {}
        bus.join(self, (EventKind.BUILD_STARTED, EventKind.BUILD_FINISHED))

    def put(self, event: Event) -> None:
        """Take what is told of a build."""
        data: Any = event.data
        if event.kind is EventKind.BUILD_FINISHED:
            self.known[data["component"]] = _finished(data, event.at)
            return
        for id_ in data["components"]:
            before = self.known.get(id_, BuildState(FRESH, event.at))
            self.known[id_] = before._replace(state=BUILDING, since=event.at)


def _finished(data: Mapping[str, Any], at: float) -> BuildState:
    state = FAILED
    if data["ok"]:
        state = INSTANT if data["instant"] else FRESH
    told = data["took"], data["reason"], data["output"], data["diagnostics"]
    return BuildState(state, at, *told)


def tell_started(bus: Bus, components: Sequence[str]) -> None:
    """Tell who listens that components are built now."""
    bus.publish(EventKind.BUILD_STARTED, {"components": list(components)})


def tell_finished(bus: Bus, result: Result, *, instant: bool = False) -> None:
    """Tell who listens what came of a build; `instant` if the sources themselves run now."""
    data = {"component": result.id, **result_document(result), "instant": instant}
    bus.publish(EventKind.BUILD_FINISHED, data)


def result_document(result: Result) -> dict[str, object]:
    """What came of a build, without its component."""
    return {
        "ok": result.ok,
        "fresh": result.fresh,
        "took": result.took,
        "reason": result.reason,
        "diagnostics": [to_json(diagnostic) for diagnostic in result.diagnostics],
        "output": list(result.output[-SHOWN_LINES:]),
    }
