"""Which components of an application run from their sources, and having them do so."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Protocol

from spindle.app import App
from spindle.dev.building import Result
from spindle.dev.building.compilers import diagnostics_of
from spindle.dev.console import Console
from spindle.dev.control import Method
from spindle.dev.instant import bases
from spindle.dev.instant.bases import NoBase
from spindle.dev.instant.recipes import Unsuited
from spindle.dev.instant.standings import Standing, recipe_in, stood_in
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


class Instant:
    """Has the Python components of an application run from their sources, as soon as they can."""

    def __init__(self, host: Staging, console: Console, begun: Mapping[str, Standing] = {}) -> None:
        """`begun` are components that run from their sources already."""
        self._host = host
        self._console = console
        self._standings = dict(begun)
        self._refused: dict[str, str] = {}
        """Why components don't, as far as a person was told."""
        self._preparing: dict[str, asyncio.Task[None]] = {}
        self._changing = asyncio.Lock()
        host.stand_in = self.stand_in

    def stand_in(self, app: App) -> App:
        """An application with bases and sources in place of the wasm of some components."""
        return stood_in(app, self._standings)

    def follow(self) -> None:
        """See which components there are now, and prepare those that are new or differ."""
        app = self._host.app
        for id_ in self._standings.keys() - app.components.keys():
            self._forget(id_)
        for id_, component in app.components.items():
            recipe = recipe_in(app, component)
            if isinstance(recipe, Unsuited):
                self._forget(id_)
                self._refuse(id_, recipe)
                continue
            assert component.build is not None, "it has a build command"
            was = self._standings.get(id_)
            if was is None or (was.recipe, was.workdir) != (recipe, component.build.workdir):
                self._prepare(id_, Standing(recipe, component.build.workdir))

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
                self._prepare(id_, Standing(standing.recipe, standing.workdir))
                continue
            if standing.base is not None:
                result = await self._try(id_, standing)
                if result is not None:
                    results[id_] = result
        return results

    async def differences(
        self, component: str, build: str, artefact: Path, methods: Mapping[str, Method]
    ) -> list[str]:
        """What a component's artefact has otherwise than its sources that run as a build."""
        standing = self._standings.get(component)
        if standing is None or standing.sources is None or standing.base is None:
            return []
        from spindle.dev.instant.comparing import all_differences

        return await all_differences(methods, component, build, standing.base, artefact)

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

    def _prepare(self, id_: str, standing: Standing) -> None:
        self._forget(id_)
        self._standings[id_] = standing
        self._preparing[id_] = asyncio.create_task(self._prepared(id_, standing))

    def _forget(self, id_: str) -> None:
        self._standings.pop(id_, None)
        if (task := self._preparing.pop(id_, None)) is not None:
            task.cancel()

    async def _prepared(self, id_: str, standing: Standing) -> None:
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

    async def _try(self, id_: str, standing: Standing) -> Result | None:
        """Run the sources of a component as they are now; None if it is to be built instead."""
        began = time.monotonic()
        async with self._changing:
            before = standing.sources
            try:
                standing.sources = await asyncio.to_thread(standing.read, self._host.app.root)
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
