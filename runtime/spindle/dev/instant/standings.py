"""How it stands with components that run from their sources, or soon may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from spindle.app import App, AppComponent, LocalSource, Settings, Sources
from spindle.dev.instant.modules import read_sources
from spindle.dev.instant.recipes import Recipe, Unsuited, recipe_of


@dataclass(slots=True, eq=False)
class Standing:
    """How it stands with one component."""

    recipe: Recipe
    workdir: Path
    base: Path | None = None
    """Once it is there."""
    sources: Sources | None = None
    """What runs; None while the component's own wasm does."""

    def read(self, root: Path) -> Sources:
        """The sources as they are now, of the application in a directory."""
        paths = [self.workdir / path for path in self.recipe.paths]
        return read_sources(self.recipe.app, paths, root, self.sources)


def stood_in(app: App, standings: Mapping[str, Standing]) -> App:
    """An application with what components run from, in the place of their wasm."""
    live = {id_: s for id_, s in standings.items() if s.sources and id_ in app.components}
    if not live:
        return app
    components = dict(app.components)
    for id_, standing in live.items():
        assert standing.base is not None, "sources run in a base"
        components[id_] = components[id_]._replace(
            source=LocalSource(standing.base), sources=standing.sources
        )
    return app._replace(components=components)


def recipe_in(app: App, component: AppComponent) -> Recipe | Unsuited:
    """How a component is built, if it can run from its sources."""
    called = any(trigger.component == component.id for trigger in app.triggers)
    if component.build is None or not called:
        return Unsuited("nothing is built for a trigger", is_python=False)
    settings = {**_settings(app.tool), **_settings(component.tool)}
    if settings.get("instant") is False:
        return Unsuited("the manifest says so", is_python=False)
    recipe = recipe_of(component.build.commands)
    if isinstance(recipe, Recipe) and app.middleware_of(component.id):
        return Unsuited("there is middleware before it")
    return recipe


def _settings(tool: Settings) -> Settings:
    own = tool.get("spindle")
    return own if isinstance(own, Mapping) else {}
