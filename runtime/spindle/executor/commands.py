"""Components that are commands: run from beginning to end, by Wagi's rules for each request or
once because a trigger says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from spindle.app import AppComponent
from spindle.component.run_queue import RunQueue
from spindle.component.trap import Trap
from spindle.errors import SpindleError
from spindle.events import Bus, EventKind
from spindle.exchange import Exchange, HttpOutput
from spindle.executor.census import Loaded
from spindle.executor.component_commands import ComponentCommand, run_component
from spindle.executor.failures import Failures, Told
from spindle.executor.firing import Firing
from spindle.executor.grants import Grants, recording_of
from spindle.executor.http_invocation import Copying, http_input
from spindle.executor.invocation import Interrupted, RequestTimeout, Scope, trap_of
from spindle.executor.loading import Behind, ProgramLoader
from spindle.executor.output import Log
from spindle.executor.policy import Policy
from spindle.executor.program import build_id
from spindle.factors import Factors
from spindle.factors.open_files import OpenFiles
from spindle.limits import beyond
from spindle.messages import Request, Response

if TYPE_CHECKING:
    from spindle.component.symbols import Symbols
    from spindle.executor.assembly import Assembly
    from spindle.factors.wasi.preview1.command import Command

ToResponse: TypeAlias = Callable[[bytes, int], Response]
"""Makes a response of what a command wrote and its exit status; may raise."""


class CommandCall(Protocol):
    """What a command is run with."""

    @property
    def argv(self) -> tuple[str, ...]:
        """Its arguments, the first being its name."""
        ...

    @property
    def environment(self) -> Mapping[str, str]:
        """Comes after the manifest's environment: of two equal names a guest sees the first."""
        ...

    @property
    def stdin(self) -> bytes:
        """Its input."""
        ...


class Commands:
    """The components of one application that are run as commands."""

    def __init__(
        self,
        loader: ProgramLoader,
        factors: Factors,
        policy_of: Callable[[AppComponent], Policy],
        bus: Bus,
        log: Log,
        failures: Failures,
    ) -> None:
        self._failures = failures
        self._queue: RunQueue | None = None
        self._loader = loader
        self._factors = factors
        self._policy_of = policy_of
        self._policies: dict[str, Policy] = {}
        self._bus = bus
        self._log = log
        self._commands: dict[str, Command | ComponentCommand] = {}
        self._hasty: list[Assembly] = []
        self._grants: dict[str, Grants] = {}
        self.builds: dict[str, str] = {}
        """The ids of the builds that run, by component."""

    async def start(self, assemblies: Iterable[Assembly], queue: RunQueue) -> tuple[str, ...]:
        """Run these from here on as commands; which are new builds.

        If one is wrong, that is raised and nothing changes.
        """
        self._queue = queue
        policies: dict[str, Policy] = {}
        commands: dict[str, Command | ComponentCommand] = {}
        grants: dict[str, Grants] = {}
        hasty: list[Assembly] = []
        builds: dict[str, str] = {}
        for assembly in assemblies:
            component, imports = assembly.component, self._factors.imports
            policies[component.id] = self._policy_of(component)
            command = await asyncio.to_thread(self._loader.load_command, assembly, imports)
            commands[component.id] = command
            builds[component.id] = build_id(command.digest, component)
            if self._loader.is_hasty(command):
                hasty.append(assembly)
            plan = command.component.plan if isinstance(command, ComponentCommand) else None
            grants[component.id] = Grants.of(self._factors, assembly, plan)
        changed = tuple(id_ for id_, build in builds.items() if self.builds.get(id_) != build)
        self._policies, self._commands, self.builds = policies, commands, builds
        self._grants, self._hasty = grants, hasty
        return changed

    def census(self) -> dict[str, Loaded]:
        """What is loaded, by component."""
        return {id_: self._loaded(id_, command) for id_, command in self._commands.items()}

    def _loaded(self, id_: str, command: Command | ComponentCommand) -> Loaded:
        build = self.builds[id_]
        if not isinstance(command, ComponentCommand):
            return Loaded(build, False, (), ())
        component = command.component
        return Loaded(build, False, tuple(component.imports), tuple(component.exports))

    async def improve(self, behind: Behind) -> None:
        """Compile again, better, what was compiled in haste; from then on that is run."""
        for assembly in self._hasty:
            id_, imports = assembly.component.id, self._factors.imports
            with suppress(SpindleError):  # the file is being replaced: what was loaded goes on
                better = await behind.do(self._loader.load_command_well, assembly, imports)
                if better.digest == self._commands[id_].digest:
                    self._commands[id_] = better

    def body_limit(self, component: str) -> int:
        """Bytes of a request's body that a command may be given."""
        return int(self._policies[component].limits.max_buffered_bytes)

    async def answer(
        self, component: str, call: CommandCall, request: Request, target: str, to: ToResponse
    ) -> Response:
        """Run a component for a request; raises `Told` for what fails."""
        exchange = Exchange("http", target, component)
        exchange.build = self.builds[component]
        record = exchange.input = http_input(request)
        record.body.add(call.stdin)
        written = _Stdout(int(self._policies[component].limits.max_buffered_bytes))
        with self._recorded(exchange):
            scope = Scope(exchange, request.depth)
            status = await self._run(component, call, scope, written.write)
            response = to(bytes(written.data), status)
            exchange.output = _output(response)
            response.headers.append((b"spindle-exchange", exchange.id.encode()))
        return response

    async def fire(self, firing: Firing) -> Exchange:
        """Run a component because its trigger says so; the record, with its exit status."""
        exchange = firing.exchange()
        exchange.build = self.builds[firing.component]

        def stdout(data: bytes) -> None:
            self._log(firing.component, "stdout", data, exchange)

        with suppress(Told), self._recorded(exchange):
            call, scope = _Plain(firing.arguments), Scope(exchange, 0)
            status = await self._run(firing.component, call, scope, stdout)
            exchange.output = {"status": status}
        return exchange

    @contextmanager
    def _recorded(self, exchange: Exchange) -> Iterator[None]:
        """Around what an exchange is the record of; raises `Told` for what fails."""
        if self._bus.heard:
            self._bus.publish(EventKind.EXCHANGE_STARTED, exchange)
        try:
            yield
            exchange.finish()
        except asyncio.CancelledError:
            gone = ConnectionError("the client went away")
            exchange.finish(trap_of(gone if exchange.trigger == "http" else Interrupted()))
            if self._bus.heard:
                self._bus.publish(EventKind.EXCHANGE_FINISHED, exchange)
            raise
        except Exception as error:
            component = exchange.component
            assert component is not None, "a component is run"
            exchange.finish(trap_of(error))
            self._failures.report(_Running(component, self._commands[component]), error, exchange)
            raise Told(str(error), exchange=exchange.id) from error
        if self._bus.heard:
            self._bus.publish(EventKind.EXCHANGE_FINISHED, exchange)

    async def _run(
        self, component: str, call: CommandCall, scope: Scope, stdout: Callable[[bytes], None]
    ) -> int:
        from spindle.factors.wasi.preview1.command import run_command

        policy = self._policies[component]
        state, nested = self._grants[component].states(
            open_files=OpenFiles(policy.limits.max_open_files),
            stdout=stdout,
            stderr=lambda data: self._log(component, "stderr", data, scope.exchange),
        )
        scope.exchange.recorded = recording_of(state)
        state.arguments, state.stdin = call.argv, call.stdin
        state.environment = (*state.environment, *call.environment.items())
        assert self._queue is not None, "commands run once they are loaded"
        command, limits, queue = self._commands[component], policy.limits, self._queue
        try:
            async with asyncio.timeout(policy.draw_timeout()):
                if isinstance(command, ComponentCommand):
                    return await run_component(command, state, nested, limits, queue, scope)
                return await run_command(command, state, limits=limits, turn=queue.turn)
        except TimeoutError:
            raise RequestTimeout("the guest exceeded the request timeout") from None
        finally:
            scope.exchange.mark("guest")


class _Plain(NamedTuple):
    """A call with arguments alone."""

    argv: tuple[str, ...]
    environment: Mapping[str, str] = {}
    stdin: bytes = b""


class _Running(NamedTuple):
    """A command as what may fail."""

    id: str
    command: Command | ComponentCommand

    @property
    def export(self) -> str:
        return self.command.export

    @property
    def symbols(self) -> Symbols:
        return self.command.symbols


class _Stdout:
    """What a command writes, up to a limit: its response is made when it has ended."""

    def __init__(self, limit: int) -> None:
        self.data = bytearray()
        self._limit = limit

    def write(self, data: bytes) -> None:
        """Take bytes; traps past the bound."""
        if len(self.data) + len(data) > self._limit:
            what = "the guest wrote too long a response"
            raise Trap(beyond(what, "max_buffered_bytes", self._limit))
        self.data += data


def _output(response: Response) -> HttpOutput:
    output = HttpOutput(response.status, tuple(response.headers))
    response.body.watch(Copying(output.body))
    return output
