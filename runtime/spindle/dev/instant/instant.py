"""Which components of an application run from their sources, and having them do so."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from spindle.app import App, AppComponent, LocalSource, Settings, Sources
from spindle.dev.building import Result
from spindle.dev.building.compilers import diagnostics_of
from spindle.dev.console import Console
from spindle.dev.instant import bases
from spindle.dev.instant.bases import NoBase
from spindle.dev.instant.modules import read_sources
from spindle.dev.instant.recipes import Recipe, Unsuited, recipe_of
from spindle.errors import SpindleError
from spindle.executor import SourcesError


class Staging(Protocol):
    """The host that serves."""

    app: App
    stand_in: Callable[[App], App]
    """What an application that was read is changed by before it is served."""

    async def restage(self) -> tuple[str, ...]:
        """Serve what was read last, changed anew; which components are new builds."""
        ...


@dataclass(slots=True, eq=False)
class _Standing:
    """How it stands with one component."""

    recipe: Recipe
    workdir: Path
    base: Path | None = None
    """Once it is there."""
    sources: Sources | None = None
    """What runs; None while the component's own wasm does."""

    @property
    def paths(self) -> list[Path]:
        return [self.workdir / path for path in self.recipe.paths]


class Instant:
    """Has the Python components of an application run from their sources, as soon as they can."""

    def __init__(self, host: Staging, console: Console) -> None:
        self._host = host
        self._console = console
        self._standings: dict[str, _Standing] = {}
        self._refused: dict[str, str] = {}
        """Why components don't, as far as a person was told."""
        self._preparing: dict[str, asyncio.Task[None]] = {}
        self._changing = asyncio.Lock()
        host.stand_in = self.stand_in

    def stand_in(self, app: App) -> App:
        """An application with bases and sources in place of the wasm of some components."""
        live = {id_: s for id_, s in self._standings.items() if s.sources and id_ in app.components}
        if not live:
            return app
        components = dict(app.components)
        for id_, standing in live.items():
            assert standing.base is not None, "sources run in a base"
            components[id_] = components[id_]._replace(
                source=LocalSource(standing.base), sources=standing.sources
            )
        return app._replace(components=components)

    def follow(self) -> None:
        """See which components there are now, and prepare those that are new or differ."""
        app = self._host.app
        for id_ in self._standings.keys() - app.components.keys():
            self._forget(id_)
        for id_, component in app.components.items():
            recipe = _recipe_in(app, component)
            if isinstance(recipe, Unsuited):
                self._forget(id_)
                self._refuse(id_, recipe)
                continue
            assert component.build is not None, "it has a build command"
            was = self._standings.get(id_)
            if was is None or (was.recipe, was.workdir) != (recipe, component.build.workdir):
                self._prepare(id_, _Standing(recipe, component.build.workdir))

    def runs(self, component: str) -> bool:
        """Whether a component runs from its sources now."""
        standing = self._standings.get(component)
        return standing is not None and standing.sources is not None

    async def saved(self, changed: Mapping[str, Iterable[str]]) -> dict[str, Result]:
        """Have components run what was saved, where that can be; what became of those.

        The others are to be built. `changed` are files by component.
        """
        results: dict[str, Result] = {}
        for id_, paths in changed.items():
            standing = self._standings.get(id_)
            if standing is None:
                continue
            if not all(path.endswith(".py") for path in paths):  # the tools, or the world
                self._prepare(id_, _Standing(standing.recipe, standing.workdir))
                continue
            if standing.base is not None:
                result = await self._try(id_, standing)
                if result is not None:
                    results[id_] = result
        return results

    def let_go(self, components: Iterable[str]) -> None:
        """Have components that can't be run from their sources run their own wasm."""
        for id_ in components:
            if (standing := self._standings.get(id_)) is not None:
                standing.sources = None

    async def close(self) -> None:
        """Prepare nothing more."""
        tasks = list(self._preparing.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # Preparing.

    def _prepare(self, id_: str, standing: _Standing) -> None:
        self._forget(id_)
        self._standings[id_] = standing
        self._preparing[id_] = asyncio.create_task(self._prepared(id_, standing))

    def _forget(self, id_: str) -> None:
        self._standings.pop(id_, None)
        if (task := self._preparing.pop(id_, None)) is not None:
            task.cancel()

    async def _prepared(self, id_: str, standing: _Standing) -> None:
        try:
            wanted = await bases.wanted(standing.recipe, standing.workdir)
            if not bases.is_there(wanted):
                self._console.narrate(f"Preparing `{id_}` to run from its sources…")
                await bases.build(wanted)
            standing.base = wanted.path
            result = await self._try(id_, standing)
        except NoBase as error:
            self._refuse(id_, Unsuited(error.message))
        except Exception as error:  # what goes wrong here must not end the session
            self._console.complain(f"preparing `{id_}` to run from its sources", error)
        else:
            if result is not None and result.ok:
                self._refused.pop(id_, None)
                self._console.narrate(f"`{id_}` runs from its sources: saves show at once.")
            elif result is not None:
                self._refuse(id_, Unsuited(f"its sources can't be run yet: {result.reason}"))

    def _refuse(self, id_: str, unsuited: Unsuited) -> None:
        if unsuited.is_python and self._refused.get(id_) != unsuited.reason:
            self._refused[id_] = unsuited.reason
            self._console.narrate(f"What is saved of `{id_}` will be built: {unsuited.reason}.")

    # Running.

    async def _try(self, id_: str, standing: _Standing) -> Result | None:
        """Run the sources of a component as they are now; None if it is to be built instead."""
        began = time.monotonic()
        async with self._changing:
            before = standing.sources
            try:
                standing.sources = await asyncio.to_thread(
                    read_sources, standing.recipe.app, standing.paths, self._host.app.root, before
                )
                await self._host.restage()
            except SourcesError as error:
                standing.sources = before
                return _failed(id_, error, self._host.app.root, time.monotonic() - began)
            except SpindleError as error:
                standing.sources = before
                if before is None:
                    standing.base = None
                self._refuse(id_, Unsuited(error.message))
                return None
            except BaseException:
                standing.sources = before
                raise
        return Result(id_, ok=True, took=time.monotonic() - began)


def _failed(id_: str, error: SourcesError, root: Path, took: float) -> Result:
    lines = error.output.splitlines()
    return Result(
        id_,
        ok=False,
        took=took,
        reason=f"the sources of component `{id_}` can't be run: {error.message}",
        diagnostics=diagnostics_of(lines, root),
        output=tuple(lines),
    )


def _recipe_in(app: App, component: AppComponent) -> Recipe | Unsuited:
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
