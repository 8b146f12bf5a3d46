"""Beginning without a build: components that a base is there for run from their sources at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping

from spindle.app import App, AppComponent, LocalSource
from spindle.dev.building import Plan, Records
from spindle.dev.console import Console
from spindle.dev.instant import bases
from spindle.dev.instant.bases import NoBase
from spindle.dev.instant.modules import TooManySources
from spindle.dev.instant.recipes import Recipe
from spindle.dev.instant.standings import Standing, recipe_in


async def begun(app: App, plan: Plan, records: Records, console: Console) -> Mapping[str, Standing]:
    """The components that need not be built before they are served, and what they run."""
    if not bases.are_any():
        return {}
    standings = dict(_candidates(app, plan, records))
    for id_, standing in list(standings.items()):
        try:
            wanted = await bases.wanted(standing.recipe, standing.workdir, console.narrate)
            there = bases.is_there(wanted)
            sources = await asyncio.to_thread(standing.read, app.root) if there else None
        except (NoBase, TooManySources):  # told of once it is watched
            sources = None
        if sources is None:
            del standings[id_]
        else:
            standing.base, standing.sources = wanted.path, sources
    return standings


def _candidates(app: App, plan: Plan, records: Records) -> Iterator[tuple[str, Standing]]:
    parts = {source for component in app.components.values() for source in _parts(app, component)}
    for id_, component in app.components.items():
        step, recipe = plan.steps.get(id_), recipe_in(app, component)
        if step is None or not isinstance(recipe, Recipe):
            continue
        # What others are made of is needed as it is built; and what is built needs no base.
        apart = component.source not in parts and not component.dependencies
        if apart and not records.is_fresh(step, plan.steps):
            yield id_, Standing(recipe, step.workdir)


def _parts(app: App, component: AppComponent) -> Iterator[LocalSource]:
    """The files that a component is put together from beside its own."""
    for dependency in (*component.dependencies, *app.middleware_of(component.id)):
        if isinstance(dependency.source, LocalSource):
            yield dependency.source
