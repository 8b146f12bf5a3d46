"""One session: a host, its files, and what is done when they change."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from spindle.app import App
from spindle.dev.build_states import tell_finished, tell_started
from spindle.dev.building import Builder, Records, Result, Step, plan_of
from spindle.dev.building.compilers import without_backtrace, without_colors
from spindle.dev.console import Console
from spindle.dev.control import Method
from spindle.dev.dependency_wits import generate_wit
from spindle.dev.instant import Instant, Standing
from spindle.dev.problems import ManifestError
from spindle.dev.session.decisions import Decision, decide
from spindle.dev.swaps import tell_swap
from spindle.dev.watching import Interest, Kind, Watcher, changed_since, interests_of
from spindle.diagnostics import Diagnostic
from spindle.errors import SpindleError
from spindle.events import Bus
from spindle.manifest import Manifest
from spindle.text import printable

PAUSE = 3.0
"""Seconds without a save after which what runs from its sources is built."""

SHOWN = 16_000
"""Characters of a failed build's output that are shown."""

Sources = Mapping[str | None, tuple[str, ...]]
"""Changed files by component."""


class Live(Protocol):
    """The host that serves, as a session needs it."""

    bus: Bus
    app: App
    stand_in: Callable[[App], App]
    """What an application that was read is changed by before it is served."""

    methods: Mapping[str, Method]
    """What front ends may call."""

    @property
    def manifest(self) -> Manifest | None:
        """What the application was made from; None for a bare wasm file."""
        ...

    async def reload(self) -> tuple[str, ...]:
        """Serve what the files say now; which components are new builds."""
        ...

    async def restage(self) -> tuple[str, ...]:
        """Serve what was read last, changed anew by `stand_in`; which are new builds."""
        ...

    def mark_stale(self, component: str, *, stale: bool) -> None:
        """Whether a component is behind its sources."""

    def build_of(self, component: str) -> str | None:
        """The id of the build of a component that answers now."""
        ...

    def renew(self, component: str) -> None:
        """Have a component's next requests answered by new instances."""


class Session:
    """Keeps what a host serves up to date with its files, until it is closed."""

    def __init__(
        self,
        host: Live,
        console: Console,
        source: Path,
        *,
        configuration: Iterable[Path] = (),
        build: bool = True,
        clear: bool = False,
        instant: bool = True,
        begun: Mapping[str, Standing] = {},
        pause: float = PAUSE,
    ) -> None:
        """`instant` is whether Python components run from their sources; those `begun` do already,
        and were not built. For `pause` see `PAUSE`.
        """
        self._host = host
        self._console = console
        self._source = source
        self._root = source.parent
        self._configuration = tuple(configuration)
        self._build = build
        self._clear = clear
        self._instant = Instant(host, console, begun) if build and instant else None
        self._pause = pause
        self._unbuilt = set(begun)
        """Components that run from their sources, and whose wasm is behind them."""
        self._pausing: asyncio.TimerHandle | None = None
        self._records = Records(source.parent)
        self._watcher = Watcher(self._interests())
        self._pending: set[str] = set()
        """Components to build next."""
        self._running: set[str] = set()
        """Components that are being built."""
        self._being_made: set[str] = set()
        """Their artefacts."""
        self._builds: asyncio.Task[None] | None = None
        self._building: asyncio.Future[dict[str, Result]] | None = None
        self._unhurried = False
        """Whether nobody waits for what is built."""
        self._following: asyncio.Task[None] | None = None
        self.failed: dict[str, tuple[Diagnostic, ...]] = {}
        """Components that can't be built as their sources are, and what compilers say of it."""
        self._refused: set[str] = set()
        """Components whose wasm was new and was not taken."""

    async def start(self, since: float) -> None:
        """Begin to watch; what has changed since then, in seconds since the epoch, has changed."""
        await self._watcher.start()
        late = await asyncio.to_thread(changed_since, self._interests(), since)
        await self._react(decide(late, self._built()), late.of(Kind.SOURCES))
        self._following = asyncio.create_task(self._follow())
        if self._instant is not None:
            self._instant.follow()
        if self._unbuilt:
            names = ", ".join(f"`{id_}`" for id_ in sorted(self._unbuilt))
            self._console.narrate(f"Running {names} from sources; the build comes later.")
            self._wait_for_pause(())

    async def close(self) -> None:
        """Watch no more; a build that runs is ended, and its artefact is as it was before."""
        await self._watcher.close()
        if self._pausing is not None:
            self._pausing.cancel()
        if self._instant is not None:
            await self._instant.close()
        for task in (self._following, self._builds):
            self._pending.clear()  # or a build that was to begin again would
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def _follow(self) -> None:
        async for changes in self._watcher.changes():
            try:
                decision = decide(changes, self._built(), self._being_made)
                await self._react(decision, changes.of(Kind.SOURCES))
            except Exception as error:  # what goes wrong once must not end the session
                self._console.complain("following changed files", error)

    async def _react(self, decision: Decision, sources: Sources) -> None:
        if not self._source.exists():
            self._console.warn(
                f"`{self._source}` is gone; the application is served as it was until it is back"
            )
            return
        _be_somewhere(self._root)
        for path in decision.restart:
            self._console.warn(
                f"`{Path(path).name}` changed; it is read when the host starts",
                ("stop the host and start it again",),
            )
        to_build = set(decision.build) - await self._run_at_once(decision.build, sources)
        if to_build:
            self._ask_for(to_build)
        if decision.manifest:
            await self._reread(decision.artefacts)
        elif decision.reload:
            await self._reload(changed=decision.artefacts)
        for component in decision.renew:
            self._host.renew(component)

    def _built(self) -> set[str]:
        manifest = self._host.manifest
        if manifest is None or not self._build:
            return set()
        return {id_ for id_, c in manifest.components.items() if c.build is not None}

    def _interests(self) -> tuple[Interest, ...]:
        manifest = self._host.manifest
        if manifest is None:
            (only,) = self._host.app.components
            return (Interest(Kind.ARTEFACT, only, self._root, (self._source.name,)),)
        return interests_of(manifest, self._root, self._configuration)

    # Running from sources.

    async def _run_at_once(self, components: Iterable[str], sources: Sources) -> set[str]:
        """Have components run what was saved, where that can be: which ones are not to be built."""
        if self._instant is None:
            return set()
        results = await self._instant.saved({id_: sources[id_] for id_ in components})
        for result in results.values():
            self._tell(result)
            if result.ok:
                tell_swap(self._host, result.id, result.took)
                self._console.narrate(f"Serving `{result.id}` anew.")
        if results:
            self._wait_for_pause(results)
        return set(results)

    def _wait_for_pause(self, components: Iterable[str]) -> None:
        """Build components that run from their sources once nothing was saved for a while."""
        self._unbuilt.update(components)
        if self._building is not None and self._unhurried:
            self._unbuilt |= self._running
            self._building.cancel()
        if self._pausing is not None:
            self._pausing.cancel()
        self._pausing = asyncio.get_running_loop().call_later(self._pause, self._paused)

    def _paused(self) -> None:
        self._pausing = None
        unbuilt, self._unbuilt = self._unbuilt, set()
        self._ask_for(unbuilt, unhurried=True)

    # Building.

    def _ask_for(self, components: Iterable[str], *, unhurried: bool = False) -> None:
        """Build components; one that is being built already is begun again.

        `unhurried` are those that nobody waits for.
        """
        wanted = set(components)
        self._unhurried = unhurried and (self._unhurried or not self._pending | self._running)
        self._pending |= wanted
        if self._building is not None and wanted & self._running:
            self._pending |= self._running
            self._building.cancel()
        if self._builds is None or self._builds.done():
            self._builds = asyncio.create_task(self._build_pending())

    async def _build_pending(self) -> None:
        while self._pending:
            self._running, self._pending = self._pending, set()
            self._building = asyncio.ensure_future(self._build_now(sorted(self._running)))
            try:
                await self._building
            except asyncio.CancelledError:
                if not self._building.cancelled():  # it is this task that is to end
                    self._building.cancel()
                    with suppress(asyncio.CancelledError):
                        await self._building
                    raise
            except Exception as error:
                self._console.complain("building", error)
            finally:
                self._running = set()

    async def _build_now(self, components: list[str]) -> dict[str, Result]:
        manifest = self._host.manifest
        assert manifest is not None, "what has no manifest has nothing to build"
        plan = plan_of(manifest, self._root)
        tell_started(self._host.bus, components)
        if self._clear:
            self._console.clear()
        artefacts = (plan.steps[id_].artefact for id_ in components)
        self._being_made = {str(artefact) for artefact in artefacts if artefact is not None}
        try:
            builder = Builder(plan, self._records, unhurried=self._unhurried)
            results = await builder.build(components, _Brief(self._console, manifest, self._root))
            self._watcher.seen(self._being_made)
        finally:
            self._being_made = set()
        for result in results.values():
            self._tell_built(result)
        if any(result.ok for result in results.values()):
            await self._reload({id_: r.took for id_, r in results.items() if r.ok})
        for id_, result in results.items():
            artefact = plan.steps[id_].artefact
            if result.ok and artefact is not None:
                await self._compare(id_, artefact)
        return results

    async def _compare(self, component: str, artefact: Path) -> None:
        """Tell what a build has otherwise than the sources that run in its place."""
        build = self._host.build_of(component)
        if self._instant is None or build is None:
            return
        found = await self._instant.differences(component, build, artefact, self._host.methods)
        if found:
            self._console.warn(
                f"what was built of `{component}` is not what runs from its sources", tuple(found)
            )

    def _tell_built(self, result: Result) -> None:
        """Tell what came of a build, perhaps of a component that runs from its sources."""
        id_ = result.id
        if self._instant is None or not self._instant.runs(id_):
            self._tell(result)
        elif result.ok or id_ in self.failed:
            if result.ok and id_ in self.failed:  # the build has what running sources lacks
                self._instant.let_go([id_])
            self._tell(result)
        else:
            self._show(result, "its sources run nevertheless, and are served")
            self._publish(result)

    def _tell(self, result: Result) -> None:
        self._host.mark_stale(result.id, stale=not result.ok)
        if result.ok:
            self.failed.pop(result.id, None)
        else:
            self.failed[result.id] = result.diagnostics
            self._show(result, "what was built before is still served")
        self._publish(result)

    def _show(self, result: Result, consequence: str) -> None:
        for line in _last(without_backtrace(result.output)):
            shown = printable(without_colors(line), keep="\t")
            self._console.narrate(f"{result.id} | {shown}")
        self._console.warn(f"{result.reason}; {consequence}", result.hints)

    def _publish(self, result: Result) -> None:
        instant = self._instant is not None and self._instant.runs(result.id)
        tell_finished(self._host.bus, result, instant=instant)

    # Serving.

    async def _reread(self, changed: Sequence[str]) -> None:
        """Serve what the manifest says now, and tell when that begins and when it is over.

        An editor's task takes back the problems of the reading before when one begins.
        """
        self._console.narrate(f"Reading `{self._source.name}` anew.")
        if await self._reload(changed=changed) == ():
            self._console.narrate("Serving the application anew.")

    async def _reload(
        self, built: Mapping[str, float] = {}, changed: Sequence[str] = ()
    ) -> tuple[str, ...] | None:
        """Serve what there is now: components `built` in so many seconds or `changed` by others.

        Which components are new builds; None if what there is can't be served.
        """
        began = time.monotonic()
        try:
            swapped = await self._host.reload()
        except ManifestError as error:
            self._console.show(error.diagnostics)
            self._console.warn("the application is served as it was before the change")
        except SpindleError as error:
            self._refuse({*built, *changed})
            self._console.complain("serving what changed", error)
            self._console.warn("the application is served as it was before the change")
        else:
            took = time.monotonic() - began
            self._accept()
            for component in swapped:
                tell_swap(self._host, component, took)
            if swapped:
                names = ", ".join(f"`{component}`" for component in swapped)
                self._console.narrate(f"Serving {names} anew{_after(built)}.")
            await self._watcher.watch(self._interests())
            if self._instant is not None:
                self._instant.follow()
            return swapped
        return None

    def _refuse(self, components: Set[str]) -> None:
        self._refused |= components
        for component in components:
            self._host.mark_stale(component, stale=True)

    def _accept(self) -> None:
        """What is served is what wasm there is, though some may be behind their sources."""
        for component in self._refused - self.failed.keys():
            self._host.mark_stale(component, stale=False)
        self._refused.clear()


class _Brief:
    """Tells a console that something is built; what it writes is shown if it comes to nothing."""

    def __init__(self, console: Console, manifest: Manifest, root: Path) -> None:
        self._console = console
        self._manifest = manifest
        self._root = root

    def started(self, step: Step) -> None:
        self._console.narrate(f"Building component {step.id}…")
        generate_wit(step.id, self._manifest, self._root, self._console)

    def command(self, step: Step, number: int, command: str) -> None:
        """Of no interest."""

    def line(self, step: Step, line: bytes) -> None:
        """Kept by whoever builds."""

    def finished(self, step: Step, result: Result) -> None:
        """Told when everything is."""


def _be_somewhere(root: Path) -> None:
    """Have a current directory, should it have been removed: the application's."""
    try:
        Path.cwd()
    except FileNotFoundError:
        os.chdir(root)


def _last(lines: Sequence[str]) -> list[str]:
    """The last of many lines, and a word of those before."""
    most = SHOWN
    kept: list[str] = []
    for line in reversed(lines):
        most -= len(line)
        if most < 0:
            kept.append("… what came before is left out; `spindle build` shows it …")
            break
        kept.append(line)
    return kept[::-1]


def _after(built: Mapping[str, float]) -> str:
    return f", built in {max(built.values()):.1f} s" if built else ""
