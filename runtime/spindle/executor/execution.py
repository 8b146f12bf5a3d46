"""The executor: which program a request goes to, and what becomes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from spindle.app import App, AppComponent, LocalSource, Variable
from spindle.component.component import Component
from spindle.component.run_queue import RunQueue
from spindle.errors import ComponentError, SpindleError
from spindle.events import Bus, EventKind
from spindle.exchange import Exchange, HttpOutput
from spindle.executor.assembly import Assembly
from spindle.executor.census import Loaded, census_of
from spindle.executor.commands import CommandCall, Commands, ToResponse
from spindle.executor.engines import Engines
from spindle.executor.failures import Failure, Failures
from spindle.executor.firing import FiredInvocation, Firing
from spindle.executor.grants import Grants
from spindle.executor.handlers import event_handler, http_handler
from spindle.executor.http_invocation import HttpInvocation, Reply
from spindle.executor.invocation import NoResponse
from spindle.executor.loading import Behind, ProgramLoader, naming
from spindle.executor.output import Log
from spindle.executor.policy import Policy
from spindle.executor.pool import Pool
from spindle.executor.program import Handler, Program, build_id
from spindle.executor.size import check_size
from spindle.executor.source_tree import SourceTree
from spindle.factors import Factors
from spindle.messages import Request, Response

SERVER_ERROR = 500
"""The least status by which a guest says that it failed."""

_ELSEWHERE = "it is part of neither WASI nor Spin: compose the component with one that exports it"


def _ignore(_failure: Failure) -> None:
    """Nobody wants to know."""


class _Making(NamedTuple):
    """What a pool of instances is made of; one that is made of the same is the same."""

    assembly: Assembly
    policy: Policy
    files: tuple[tuple[int, int, int], ...]
    """Of each file its size, its time and its number."""
    variables: tuple[Variable, ...]
    """The application's: templates of hosts are filled in with them."""
    components: tuple[str, ...]
    """The application's: they can be called."""


class _Pools(NamedTuple):
    """What serves an application."""

    http: dict[str, Pool]
    """What answers HTTP requests, by component."""
    events: dict[tuple[str, str], Pool]
    """What handles the events of each other type of trigger."""
    makings: dict[Pool, _Making]


class Executor:
    """Runs the components of one application, on the event loop it is started on."""

    def __init__(
        self,
        app: App,
        factors: Factors,
        *,
        policy: Policy,
        bus: Bus,
        log: Log,
        engines: Engines,
        cache_dir: Path | None,
        on_failure: Callable[[Failure], None] = _ignore,
        secrets: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        """`on_failure` is told of every failure of a guest, without the values of `secrets`."""
        self._app = app
        self._factors = factors
        self._policy = policy
        self._bus = bus
        self._log = log
        self._engines = engines
        self._failures = Failures(bus, _sources_of(app), on_failure, secrets)
        self._loader = ProgramLoader(engines, cache_dir)
        self._pools = _Pools({}, {}, {})
        self._retiring: set[Pool] = set()
        """Those that finish what they have begun."""
        self._commands = Commands(self._loader, factors, self._policy_of, bus, log, self._failures)
        self._queue: RunQueue | None = None
        self._background: asyncio.Task[None] | None = None

    def expect_builds(self) -> None:
        """Prefer code that serves later builds too to code that starts instances soonest."""
        self._loader.builds_come = True

    async def start(
        self,
        components: Iterable[str],
        commands: Iterable[str] = (),
        events: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Load the components that are called; raises what is wrong with one.

        `components` answer HTTP requests, `commands` are run as commands (by Wagi or a trigger),
        `events` are handled by components: a trigger's type and a component.
        """
        await self.change(self._app, components, commands, events)

    async def change(
        self,
        app: App,
        components: Iterable[str],
        commands: Iterable[str] = (),
        events: Iterable[tuple[str, str]] = (),
    ) -> tuple[str, ...]:
        """Run an application's components from here on; which of them are new builds.

        What is as it was goes on; what is not, or no more, finishes what it has begun. Raises what
        is wrong with a component: then all is as it was.
        """
        if self._queue is None:
            self._queue = RunQueue(asyncio.get_running_loop())
        before, self._app = self._app, app
        made: list[Pool] = []
        try:
            pools = await self._pools_for(components, events, made)
            assemblies = map(self._assembly, dict.fromkeys(commands))
            commanded = await self._commands.start(assemblies, self._queue)
        except BaseException:
            self._app = before
            for pool in made:
                pool.retire(_nothing)
            raise
        gone = self._pools.makings.keys() - pools.makings.keys()
        self._pools = pools
        self._failures.sources = _sources_of(app)
        for pool in gone:
            self._retiring.add(pool)
            pool.retire(partial(self._retiring.discard, pool))
        running = {pool.program.component for pool in gone}
        if not made or any(pool.program.component not in running for pool in made):
            self._work_on()
        return tuple(dict.fromkeys((*(pool.program.id for pool in made), *commanded)))

    async def _pools_for(
        self, components: Iterable[str], events: Iterable[tuple[str, str]], made: list[Pool]
    ) -> _Pools:
        """Pools for what is called; those that had to be made are put into `made` at once."""
        old, new = self._pools, _Pools({}, {}, {})
        for id_ in components:
            new.http[id_] = await self._pool(old.http.get(id_), id_, http_handler, new, made)
        for type_, id_ in dict.fromkeys(events):
            handler_of = partial(event_handler, trigger=type_)
            was = old.events.get((type_, id_))
            new.events[type_, id_] = await self._pool(was, id_, handler_of, new, made)
        return new

    async def _pool(
        self,
        was: Pool | None,
        id_: str,
        handler_of: Callable[[str, Component], Handler],
        pools: _Pools,
        made: list[Pool],
    ) -> Pool:
        assembly = self._assembly(id_)
        policy = self._policy_of(assembly.component)
        making = self._making(assembly, policy)
        if was is None or self._pools.makings[was] != making:
            loaded = self._as_loaded(was, making)
            if loaded is None:
                loaded = await asyncio.to_thread(self._loader.load, assembly)
            program = self._program(assembly, loaded, handler_of)
            check_size(id_, loaded.plan, policy.limits)
            was = Pool(program, policy, self._failures.report)
            made.append(was)
            if program.sources is not None:
                await was.try_out()
        pools.makings[was] = making
        return was

    def _as_loaded(self, was: Pool | None, making: _Making) -> Component | None:
        """What a pool runs, if the same is to run with other sources, or for another application.

        None if it has to be loaded.
        """
        if was is None:
            return None
        before = self._pools.makings[was]
        same = _wasm_of(before.assembly) == _wasm_of(making.assembly)
        return was.program.component if same and before.files == making.files else None

    def _making(self, assembly: Assembly, policy: Policy) -> _Making:
        app = self._app
        files = tuple(_stamp(path) for path in assembly.paths)
        return _Making(
            assembly, policy, files, tuple(app.variables.values()), tuple(app.components)
        )

    def _work_on(self) -> None:
        """Improve what was made in haste, now that it serves."""
        if self._background is not None:
            self._background.cancel()
        pools = self._pools.makings
        hasty = [pool for pool in pools if self._loader.is_hasty(pool.program.component)]
        self._background = asyncio.create_task(self._work_behind(hasty))

    def _assembly(self, id_: str) -> Assembly:
        return Assembly.of(self._app, id_)

    def _policy_of(self, component: AppComponent) -> Policy:
        return self._policy.of(self._app.tool, component.tool)

    async def _work_behind(self, hasty: Iterable[Pool]) -> None:
        """Do what is better done while serving than before, out of everybody's way."""
        behind = Behind()
        try:
            for pool in hasty:
                await self._improve(pool, behind)
            await self._commands.improve(behind)
            await behind.do(self._loader.tidy)
        finally:
            behind.stop()

    async def _improve(self, pool: Pool, behind: Behind) -> None:
        """Compile again, better, what was compiled in haste; new instances then run that."""
        try:
            better = await behind.do(self._loader.load_well, self._assembly(pool.program.id))
        except SpindleError:  # the file is being replaced: what was loaded goes on
            return
        for each in self._pools.makings:
            program = each.program
            hasty = self._loader.is_hasty(program.component)
            if hasty and better.digest == program.component.digest:
                better.link(program.imports)
                program.component = better
                each.renew()

    def _program(
        self,
        assembly: Assembly,
        loaded: Component,
        handler_of: Callable[[str, Component], Handler],
    ) -> Program:
        assert self._queue is not None, "programs are made once there is an event loop"
        imports, component = self._factors.imports, assembly.component
        with naming(component):
            try:
                loaded.link(imports)
            except ComponentError as error:
                error.hints = error.hints or (_ELSEWHERE,)
                raise
        return Program(
            component.id,
            loaded,
            handler_of(component.id, loaded),
            imports,
            self._queue,
            Grants.of(self._factors, assembly, loaded.plan),
            self._log,
            build_id(loaded.digest, component),
            sources=component.sources,
        )

    def invoke(self, component: str, request: Request, match: Any, reply: Reply) -> None:
        """Have a component answer a request, now or later."""
        pool = self._pools.http[component]
        exchange = Exchange("http", match.route.raw, component)
        exchange.build = pool.program.build
        invocation = HttpInvocation(exchange, request, reply, self._finished, pool.program)
        if self._bus.heard:
            self._bus.publish(EventKind.EXCHANGE_STARTED, exchange)
        try:
            pool.serve(invocation, request)
        except Exception as error:
            invocation.fail(error)

    def body_limit(self, component: str) -> int:
        """Bytes of a request's body that a component run as a command may be given."""
        return self._commands.body_limit(component)

    def run_wagi(
        self, component: str, call: CommandCall, request: Request, match: Any, to: ToResponse
    ) -> Awaitable[Response]:
        """Run a component as a command for a request; see `Commands.answer`."""
        return self._commands.answer(component, call, request, match.route.raw, to)

    def fire(self, firing: Firing) -> Awaitable[Exchange]:
        """Have a component handle an event; the record once it has, or has failed to."""
        if firing.trigger == "command":
            return self._commands.fire(firing)
        pool = self._pools.events[firing.trigger, firing.component]
        exchange = firing.exchange()
        exchange.build = pool.program.build
        if self._bus.heard:
            self._bus.publish(EventKind.EXCHANGE_STARTED, exchange)
        invocation = FiredInvocation(exchange, partial(self._fired, pool.program))
        try:
            pool.serve(invocation, firing.arguments)
        except Exception as error:
            invocation.fail(error)
        return invocation.done

    def _finished(self, invocation: HttpInvocation, error: BaseException | None) -> None:
        exchange = invocation.exchange
        if error is not None:
            self._failures.report(invocation.program, error, exchange)
        elif self._bus.heard:
            output = exchange.output
            if isinstance(output, HttpOutput) and output.status >= SERVER_ERROR:
                exchange.traceback = self._failures.traceback_of(exchange)
            self._bus.publish(EventKind.EXCHANGE_FINISHED, exchange)

    def _fired(
        self, program: Program, invocation: FiredInvocation, error: BaseException | None
    ) -> None:
        if error is not None:
            self._failures.report(program, error, invocation.exchange)
        elif self._bus.heard:
            self._bus.publish(EventKind.EXCHANGE_FINISHED, invocation.exchange)

    def mark_stale(self, component: str, *, stale: bool) -> None:
        """Whether a component is behind its files: they can't be built, or were refused."""
        for pool in self._pools.makings:
            if pool.program.id == component:
                pool.program.stale = stale

    def build_of(self, component: str) -> str | None:
        """The id of the build of a component that answers now."""
        pools = self._pools.makings
        pooled = (p.program.build for p in pools if p.program.id == component)
        return next(pooled, self._commands.builds.get(component))

    def census(self) -> dict[str, Loaded]:
        """What is loaded and lives now, by component."""
        now = asyncio.get_running_loop().time()
        return {**self._commands.census(), **census_of(self._pools.makings, now)}

    def renew(self, component: str) -> None:
        """Have a component's next requests answered by new instances."""
        for pool in self._pools.makings:
            if pool.program.id == component:
                pool.renew()

    def close(self) -> None:
        """End every instance."""
        if self._background is not None:
            self._background.cancel()
        for pool in (*self._pools.makings, *self._retiring):
            pool.close(lambda: NoResponse("the host is stopping"))
        self._failures.close()


def _sources_of(app: App) -> SourceTree:
    sources = (component.source for component in app.components.values())
    return SourceTree(app.root, [s.path for s in sources if isinstance(s, LocalSource)])


def _wasm_of(assembly: Assembly) -> tuple[object, ...]:
    component = assembly.component
    return component.source, component.dependencies, assembly.middleware


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:  # loading it says what is wrong
        return 0, 0, 0
    return found.st_size, found.st_mtime_ns, found.st_ino


def _nothing() -> None:
    """Nobody waits for it."""
