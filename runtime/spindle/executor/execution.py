"""The executor: which program a request goes to, and what becomes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
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
from spindle.executor.grants import Grants
from spindle.executor.invocation import Invocation, NoResponse, Reply
from spindle.executor.loading import ProgramLoader, naming, nice_thread
from spindle.executor.output import Log
from spindle.executor.policy import Policy
from spindle.executor.pool import Pool
from spindle.executor.program import Program, http_handler
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
        self._commands = Commands(self._loader, factors, self._policy_of, bus, log, self._failures)
        self._background: asyncio.Task[None] | None = None

    async def start(self, components: Iterable[str], commands: Iterable[str] = ()) -> None:
        """Load the components that requests may go to; raises what is wrong with one.

        `commands` are those that are run as commands (Wagi).
        """
        queue = RunQueue(asyncio.get_running_loop())
        hasty: list[Program] = []
        await self._commands.start(map(self._assembly, commands), queue)
        for id_ in components:
            assembly = self._assembly(id_)
            loaded = await asyncio.to_thread(self._loader.load, assembly)
            program = self._program(assembly, loaded, queue)
            check_size(id_, loaded.plan, self._policy_of(assembly.component).limits)
            self._pools[id_] = Pool(program, self._policy_of(assembly.component), self._failed)
            if self._loader.is_hasty(loaded):
                hasty.append(program)
        self._background = asyncio.create_task(self._work_behind(hasty))

    def _assembly(self, id_: str) -> Assembly:
        return Assembly(self._app.components[id_], self._app.middleware_of(id_))

    def _policy_of(self, component: AppComponent) -> Policy:
        return self._policy.of(self._app.tool, component.tool)

    async def _work_behind(self, hasty: Iterable[Program]) -> None:
        """Do what is better done while serving than before, out of everybody's way."""
        thread = nice_thread()
        try:
            for program in hasty:
                await self._improve(program, thread)
            await self._commands.improve(thread)
            await asyncio.get_running_loop().run_in_executor(thread, self._loader.tidy)
        finally:
            thread.shutdown(wait=False, cancel_futures=True)

    async def _improve(self, program: Program, thread: ThreadPoolExecutor) -> None:
        """Compile again, better, what was compiled in haste; new instances then run that."""
        try:
            better = await asyncio.get_running_loop().run_in_executor(
                thread, self._loader.load_well, self._assembly(program.id)
            )
        except SpindleError:  # the file is being replaced: what was loaded goes on
            return
        if better.digest == program.component.digest:
            better.link(program.imports)
            program.component = better
            self._pools[program.id].renew()

    def _program(self, assembly: Assembly, loaded: Component, queue: RunQueue) -> Program:
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
            http_handler(component.id, loaded),
            imports,
            queue,
            Grants.of(self._factors, assembly, loaded.plan),
            self._log,
        )

    def invoke(self, component: str, request: Request, match: Any, reply: Reply) -> None:
        """Have a component answer a request, now or later."""
        exchange = Exchange("http", match.route.raw, component)
        invocation = Invocation(exchange, request, reply, self._finished)
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

    def _finished(self, invocation: Invocation, error: BaseException | None) -> None:
        exchange = invocation.exchange
        if error is not None:
            assert exchange.component is not None, "every invocation is of a component"
            self._failures.report(self._pools[exchange.component].program, error, exchange)
        elif self._bus.heard:
            self._bus.publish(EventKind.EXCHANGE_FINISHED, exchange)

    def _failed(self, component: str, error: BaseException) -> None:
        """A guest failed when all it was asked for had been answered."""
        self._failures.report(self._pools[component].program, error)

    def close(self) -> None:
        """End every instance."""
        if self._background is not None:
            self._background.cancel()
        for pool in self._pools.values():
            pool.close(lambda: NoResponse("the host is stopping"))
        self._failures.close()
