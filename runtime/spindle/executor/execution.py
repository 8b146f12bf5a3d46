"""The executor: which program a request goes to, and what becomes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from spindle.app import App, AppComponent, LocalSource
from spindle.component.component import Component
from spindle.component.run_queue import RunQueue
from spindle.errors import ComponentError, SpindleError
from spindle.events import Bus, EventKind
from spindle.exchange import Exchange
from spindle.executor.assembly import Assembly
from spindle.executor.commands import CommandCall, Commands, ToResponse
from spindle.executor.engines import Engines
from spindle.executor.failures import Failure, Failures
from spindle.executor.firing import FiredInvocation, Firing
from spindle.executor.grants import Grants
from spindle.executor.handlers import event_handler, http_handler
from spindle.executor.http_invocation import HttpInvocation, Reply
from spindle.executor.invocation import NoResponse
from spindle.executor.loading import ProgramLoader, naming, nice_thread
from spindle.executor.output import Log
from spindle.executor.policy import Policy
from spindle.executor.pool import Pool
from spindle.executor.program import Handler, Program
from spindle.executor.size import check_size
from spindle.executor.source_tree import SourceTree
from spindle.factors import Factors
from spindle.messages import Request, Response

_ELSEWHERE = "it is part of neither WASI nor Spin: compose the component with one that exports it"


def _ignore(_failure: Failure) -> None:
    """Nobody wants to know."""


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
        artefacts = (
            c.source.path for c in app.components.values() if isinstance(c.source, LocalSource)
        )
        self._failures = Failures(bus, SourceTree(app.root, artefacts), on_failure, secrets)
        self._loader = ProgramLoader(engines, cache_dir)
        self._pools: dict[str, Pool] = {}
        """What answers HTTP requests."""
        self._event_pools: dict[tuple[str, str], Pool] = {}
        """What handles the events of each other type of trigger."""
        self._commands = Commands(self._loader, factors, self._policy_of, bus, log, self._failures)
        self._background: asyncio.Task[None] | None = None

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
        queue = RunQueue(asyncio.get_running_loop())
        await self._commands.start(map(self._assembly, dict.fromkeys(commands)), queue)
        for id_ in components:
            self._pools[id_] = await self._pool(id_, http_handler, queue)
        for type_, id_ in dict.fromkeys(events):
            handler_of = partial(event_handler, trigger=type_)
            self._event_pools[type_, id_] = await self._pool(id_, handler_of, queue)
        pools = [*self._pools.values(), *self._event_pools.values()]
        hasty = [pool for pool in pools if self._loader.is_hasty(pool.program.component)]
        self._background = asyncio.create_task(self._work_behind(hasty))

    async def _pool(
        self, id_: str, handler_of: Callable[[str, Component], Handler], queue: RunQueue
    ) -> Pool:
        assembly = self._assembly(id_)
        loaded = await asyncio.to_thread(self._loader.load, assembly)
        program = self._program(assembly, loaded, handler_of, queue)
        policy = self._policy_of(assembly.component)
        check_size(id_, loaded.plan, policy.limits)
        return Pool(program, policy, self._failures.report)

    def _assembly(self, id_: str) -> Assembly:
        return Assembly(self._app.components[id_], self._app.middleware_of(id_))

    def _policy_of(self, component: AppComponent) -> Policy:
        return self._policy.of(self._app.tool, component.tool)

    async def _work_behind(self, hasty: Iterable[Pool]) -> None:
        """Do what is better done while serving than before, out of everybody's way."""
        thread = nice_thread()
        try:
            for pool in hasty:
                await self._improve(pool, thread)
            await self._commands.improve(thread)
            await asyncio.get_running_loop().run_in_executor(thread, self._loader.tidy)
        finally:
            thread.shutdown(wait=False, cancel_futures=True)

    async def _improve(self, pool: Pool, thread: ThreadPoolExecutor) -> None:
        """Compile again, better, what was compiled in haste; new instances then run that."""
        program = pool.program
        try:
            better = await asyncio.get_running_loop().run_in_executor(
                thread, self._loader.load_well, self._assembly(program.id)
            )
        except SpindleError:  # the file is being replaced: what was loaded goes on
            return
        if better.digest == program.component.digest:
            better.link(program.imports)
            program.component = better
            pool.renew()

    def _program(
        self,
        assembly: Assembly,
        loaded: Component,
        handler_of: Callable[[str, Component], Handler],
        queue: RunQueue,
    ) -> Program:
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
            queue,
            Grants.of(self._factors, assembly, loaded.plan),
            self._log,
        )

    def invoke(self, component: str, request: Request, match: Any, reply: Reply) -> None:
        """Have a component answer a request, now or later."""
        exchange = Exchange("http", match.route.raw, component)
        invocation = HttpInvocation(exchange, request, reply, self._finished)
        if self._bus.heard:
            self._bus.publish(EventKind.EXCHANGE_STARTED, exchange)
        try:
            self._pools[component].serve(invocation, request)
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
        exchange = firing.exchange()
        if self._bus.heard:
            self._bus.publish(EventKind.EXCHANGE_STARTED, exchange)
        pool = self._event_pools[firing.trigger, firing.component]
        invocation = FiredInvocation(exchange, partial(self._fired, pool.program))
        try:
            pool.serve(invocation, firing.arguments)
        except Exception as error:
            invocation.fail(error)
        return invocation.done

    def _finished(self, invocation: HttpInvocation, error: BaseException | None) -> None:
        exchange = invocation.exchange
        if error is not None:
            assert exchange.component is not None, "every invocation is of a component"
            self._failures.report(self._pools[exchange.component].program, error, exchange)
        elif self._bus.heard:
            self._bus.publish(EventKind.EXCHANGE_FINISHED, exchange)

    def _fired(
        self, program: Program, invocation: FiredInvocation, error: BaseException | None
    ) -> None:
        if error is not None:
            self._failures.report(program, error, invocation.exchange)
        elif self._bus.heard:
            self._bus.publish(EventKind.EXCHANGE_FINISHED, invocation.exchange)

    def close(self) -> None:
        """End every instance."""
        if self._background is not None:
            self._background.cancel()
        for pool in (*self._pools.values(), *self._event_pools.values()):
            pool.close(lambda: NoResponse("the host is stopping"))
        self._failures.close()
