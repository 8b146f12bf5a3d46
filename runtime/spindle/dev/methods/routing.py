"""The HTTP routes of an application, as front ends get them."""

from __future__ import annotations

from spindle.app import App, HttpTrigger, WagiExecutor
from spindle.dev.control import Json
from spindle.routes import Route


def triggers_by_route(app: App) -> dict[str, HttpTrigger]:
    """The trigger of each route as it is written; of several the last one counts."""
    return {trigger.route.raw: trigger for trigger in app.http_triggers if trigger.route}


def route_document(trigger: HttpTrigger, route: Route) -> Json:
    """A route as front ends get it."""
    return {
        "id": trigger.id,
        "route": route.path,
        "wildcard": route.wildcard,
        "component": trigger.component,
        "executor": executor_of(trigger),
    }


def executor_of(trigger: HttpTrigger) -> str | None:
    """How its component is run; None where the host answers."""
    if trigger.component is None:
        return None
    return "wagi" if isinstance(trigger.executor, WagiExecutor) else "http"
