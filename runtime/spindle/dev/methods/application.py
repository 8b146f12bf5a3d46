"""`app/routes`, `app/match`, `app/components` and `app/reload`: what is served."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from spindle.app import (
    AppComponent,
    HttpSource,
    LocalSource,
    RegistrySource,
    Source,
)
from spindle.dev.control import Json, Method, Params
from spindle.dev.methods import parameters
from spindle.dev.methods.matching import matched
from spindle.dev.methods.routing import route_document, triggers_by_route
from spindle.dev.swaps import swapping
from spindle.executor import Loaded

if TYPE_CHECKING:
    from spindle.dev.host import Host


def application_methods(host: Host) -> Mapping[str, Method]:
    """The methods on what a host serves."""

    def routes(_params: Params) -> object:
        triggers, tried = triggers_by_route(host.app), host.pipeline.router.routes
        return [route_document(triggers[route.raw], route) for route, _ in tried]

    def match(params: Params) -> object:
        url, method = parameters.text(params, "url"), params.get("method", "GET")
        return matched(host.pipeline.router, triggers_by_route(host.app), url, str(method))

    def components(_params: Params) -> object:
        loaded, app = host.census(), host.app
        return [
            component_document(component, loaded.get(component.id), app.root)
            for component in app.components.values()
        ]

    async def reload(_params: Params) -> object:
        return {"changed": list(await swapping(host))}

    return {
        "app/routes": routes,
        "app/match": match,
        "app/components": components,
        "app/reload": reload,
    }


def component_document(component: AppComponent, loaded: Loaded | None, root: Path) -> Json:
    """A component as front ends get it: what the manifest says of it, and what lives."""
    return {
        "id": component.id,
        "description": component.description,
        "source": source_text(component.source, root),
        "build": None if loaded is None else loaded.build,
        "stale": loaded is not None and loaded.stale,
        "imports": [] if loaded is None else list(loaded.imports),
        "exports": [] if loaded is None else list(loaded.exports),
        "grants": {
            "key_value_stores": list(component.key_value_stores),
            "sqlite_databases": list(component.sqlite_databases),
            "allowed_outbound_hosts": list(component.allowed_outbound_hosts),
            "files": [mount.guest_path for mount in component.mounts],
            "variables": list(component.variables),
            "ai_models": list(component.ai_models),
        },
        "dependencies": [dependency.name for dependency in component.dependencies],
        "instances": [] if loaded is None else [each._asdict() for each in loaded.instances],
    }


def source_text(source: Source, root: Path) -> str:
    """Where a component's wasm is, for people."""
    match source:
        case LocalSource(path):
            return str(path.relative_to(root) if path.is_relative_to(root) else path)
        case HttpSource(url):
            return url
        case RegistrySource(package, version):
            return f"{package}@{version}"
