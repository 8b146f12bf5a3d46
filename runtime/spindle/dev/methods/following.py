"""`logs/subscribe` and `events/subscribe`: being told of what happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from spindle.app import App
from spindle.dev.control import BadParams, Following, Json, Method, Params
from spindle.dev.methods import parameters
from spindle.events import Bus, Event, EventKind, LogLine


def _app(app: Any) -> object:
    assert isinstance(app, App)
    return {"name": app.name, "version": app.version, "components": list(app.components)}


def _as_it_is(data: object) -> object:
    return data


DATA: Mapping[EventKind, Callable[[Any], object]] = {
    EventKind.APP_LOADED: _app,
    EventKind.APP_CHANGED: _app,
    EventKind.BUILD_STARTED: _as_it_is,
    EventKind.BUILD_FINISHED: _as_it_is,
    EventKind.SWAP_DONE: _as_it_is,
    EventKind.HOST_STOPPING: _as_it_is,
}
"""What front ends are told, and what becomes of its data; exchanges and logs have their own."""


def following_methods(bus: Bus) -> Mapping[str, Method]:
    """The methods on the bus."""

    def events(params: Params) -> object:
        names = parameters.texts_or_none(params, "kinds")
        if unknown := sorted(set(names or ()) - set(DATA)):
            raise BadParams(f"there are no events `{unknown[0]}`; there are {_names()}")
        kinds = DATA if names is None else [EventKind(name) for name in names]
        return Following(bus.subscribe(kinds), _told)

    def logs(params: Params) -> object:
        component = parameters.text_or_none(params, "component")

        def tell(event: Event) -> Json | None:
            line = event.data
            assert isinstance(line, LogLine), "that is what logs consist of"
            if component is not None and line.component != component:
                return None
            return {"kind": event.kind, "at": event.at, "data": line._asdict()}

        return Following(bus.subscribe({EventKind.LOG}), tell)

    return {"events/subscribe": events, "logs/subscribe": logs}


def _told(event: Event) -> Json:
    return {"kind": event.kind, "at": event.at, "data": DATA[event.kind](event.data)}


def _names() -> str:
    return ", ".join(f"`{kind}`" for kind in DATA)
