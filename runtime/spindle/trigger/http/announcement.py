"""What `up` says once it serves: the base URL and the routes, as text or as JSON."""

from __future__ import annotations

import json

from spindle.app import App
from spindle.routes import Route, Router
from spindle.trigger.http.pipeline import Destination


def announce_plain(base_url: str, router: Router[Destination], app: App) -> str:
    """Spin's lines, in the order routes are tried; without a final line end."""
    lines = ["", f"Serving {base_url}", "Available Routes:"]
    for route, destination in router.routes:
        wildcard = " (wildcard)" if route.wildcard else ""
        path = "" if route.path == "/" else route.path
        lines.append(f"  {destination.id}: {base_url}{path}{wildcard}")
        if description := _description(destination, app):
            lines.append(f"    {description}")
    return "\n".join(lines)


def announce_json(base_url: str, router: Router[Destination], app: App) -> str:
    """Spin's one object, indented."""
    routes = [_entry(route, destination, app) for route, destination in router.routes]
    return json.dumps({"base_url": base_url, "routes": routes}, indent=2, ensure_ascii=False)


def _entry(route: Route, destination: Destination, app: App) -> dict[str, object]:
    entry: dict[str, object] = {
        "id": destination.id,
        "route": route.path,
        "wildcard": route.wildcard,
    }
    if description := _description(destination, app):
        entry["description"] = description
    return entry


def _description(destination: Destination, app: App) -> str:
    if destination.static_response is not None:
        return ""
    component = app.components.get(destination.id)
    return component.description if component is not None else ""
