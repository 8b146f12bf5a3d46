"""The application's guests as triggers see them.

Here the factors and the executor get what the command line and the runtime configuration say.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from copy import copy
from pathlib import Path
from typing import NamedTuple

from spindle.app import App, WagiExecutor
from spindle.component.cache_files import cache_root
from spindle.dev.build_keeping import BuildKeeping
from spindle.dev.capabilities import Capabilities, Ways, chain_within
from spindle.dev.console import Console
from spindle.dev.control import Method
from spindle.dev.directories import Directories
from spindle.dev.logs import GuestLogs
from spindle.dev.options import UpOptions
from spindle.dev.triggers import commands_of, handled_events
from spindle.events import Bus
from spindle.exchange import Exchange
from spindle.executor import Engines, Executor, Firing, Loaded, Policy
from spindle.executor.assembly import Assembly
from spindle.executor.commands import ToResponse
from spindle.factors.interposing import Interposer
from spindle.factors.otel import Following
from spindle.limits import limits_of
from spindle.messages import Request, Response
from spindle.runtime_config import RuntimeConfig
from spindle.template import parse_template
from spindle.trigger.http.handler import Reply
from spindle.trigger.http.pipeline import Match, Pipeline
from spindle.trigger.http.wagi import WagiCall


class Surroundings(NamedTuple):
    """What guests reach of the host they run in."""

    bus: Bus
    logs: GuestLogs
    console: Console
    origin: Callable[[], str | None]
    """The base URL, once there is one."""
    pipeline: Callable[[], Pipeline]
    """Where requests to other components go."""
    directories: Directories
    temp: Path | None
    """Where copies of mounted files are; None unless guests may write to them."""


class Shared(NamedTuple):
    """What guests have in common with others, and leave open when they end."""

    capabilities: Capabilities
    engines: Engines
    fresh: bool = False
    """Whether each request has an instance made for it."""


class Guests:
    """Runs an application's components: the trigger's `GuestRunner`."""

    def __init__(
        self,
        app: App,
        options: UpOptions,
        config: RuntimeConfig,
        surroundings: Surroundings,
        shared: Shared | None = None,
    ) -> None:
        self._app = app
        self._logs = surroundings.logs
        self._console = surroundings.console

        async def chain(component: str, request: Request) -> Response:
            return await surroundings.pipeline().chain(component, request)

        self._shared = shared
        self.capabilities = (
            shared.capabilities
            if shared is not None
            else Capabilities(
                app,
                options,
                config,
                surroundings.console,
                surroundings.directories,
                Ways(
                    surroundings.origin,
                    chain_within(app, options, surroundings.console, chain),
                    surroundings.temp,
                ),
            )
        )
        self._following = None
        telemetry = self.capabilities.telemetry
        if telemetry is not None and telemetry.traces and shared is None:
            self._following = Following(telemetry, surroundings.bus)
        self._factors = (
            self.capabilities.factors if shared is None else copy(self.capabilities.factors)
        )
        if options.trace:
            self._factors.trace()
        self.engines = Engines() if shared is None else shared.engines
        policy = policy_of(options, config)
        if options.record:
            from spindle.factors.tapes import Recorder  # only here: seldom asked for

            self._factors.tape(Recorder)
        self._keeping: BuildKeeping | None = None
        if shared is None and app.manifest_path is not None and not options.disable_cache:
            self._keeping = BuildKeeping(app.manifest_path)
        fresh = options.record or (shared is not None and shared.fresh)
        self._executor = Executor(
            app,
            self._factors,
            policy=policy.fresh if fresh else policy,
            bus=surroundings.bus,
            log=surroundings.logs.write,
            engines=self.engines,
            cache_dir=None if options.disable_cache else cache_root(),
            on_failure=lambda failure: self._console.report(failure, app.root),
            secrets=self.capabilities.secret_values,
        )
        if options.watch:
            self._executor.expect_builds()

    async def start(self) -> None:
        """Load what requests may go to; raises `UserError` and `ComponentError`."""
        await self.capabilities.start()
        await self._executor.start(*_called(self._app))
        self._keep_builds()
        if self._following is not None:
            self._following.start()

    async def change(self, app: App, *, own: bool = True) -> tuple[str, ...]:
        """Run another application from here on; which of its components are new builds.

        Unless capabilities are its `own`, they stay as they are. Raises what is wrong with it; then
        the old one goes on.
        """
        if not own:
            changed = await self._executor.change(app, *_called(app))
            self._app = app
            return changed
        await self.capabilities.change(app)
        try:
            changed = await self._executor.change(app, *_called(app))
        except BaseException:
            await self.capabilities.change(self._app)
            raise
        self._app = app
        self._keep_builds()
        return changed

    def _keep_builds(self) -> None:
        if self._keeping is not None:
            assemblies = [Assembly.of(self._app, id_) for id_ in self._app.components]
            self._keeping.note(assemblies, self.build_of)

    def mark_stale(self, component: str, *, stale: bool) -> None:
        """Whether a component is behind its sources, because they can't be built."""
        self._executor.mark_stale(component, stale=stale)

    def build_of(self, component: str) -> str | None:
        """The id of the build of a component that answers now."""
        return self._executor.build_of(component)

    def interpose(self, interposer: Interposer) -> None:
        """Stand between guests and the host's functions, once they are loaded."""
        self._factors.interpose(interposer)

    def census(self) -> Mapping[str, Loaded]:
        """What is loaded and lives, by component."""
        return self._executor.census()

    def renew(self, component: str) -> None:
        """Have a component's next requests answered by new instances."""
        self._executor.renew(component)

    async def close(self) -> None:
        """End every instance and every connection of theirs."""
        self._executor.close()
        if self._keeping is not None:
            await self._keeping.close()
        if self._following is not None:
            await self._following.close()
        if self._shared is None:
            await self.capabilities.close()
            self.engines.close()

    def methods(self) -> Mapping[str, Method]:
        """What front ends may ask about guests and their state."""
        return self.capabilities.methods()

    def invoke(self, component: str, request: Request, match: Match, reply: Reply) -> None:
        """Have a component answer a request."""
        self._logs.open(component)
        self._executor.invoke(component, request, match, reply)

    def fire(self, firing: Firing) -> Awaitable[Exchange]:
        """Have a component handle an event; the record once it has, or has failed to."""
        self._logs.open(firing.component)
        return self._executor.fire(firing)

    async def resolve(self, template: str) -> str:
        """A template over the application's variables, filled in; raises `VariableError`."""
        return await self.capabilities.resolver.filled(parse_template(template))

    def body_limit(self, component: str) -> int:
        """Bytes of a request's body that a component run as a command may be given."""
        return self._executor.body_limit(component)

    def run_wagi(
        self, component: str, call: WagiCall, request: Request, match: Match, to: ToResponse
    ) -> Awaitable[Response]:
        """Have a component answer a request as a command."""
        self._logs.open(component)
        return self._executor.run_wagi(component, call, request, match, to)


def _called(app: App) -> tuple[list[str], list[str], list[tuple[str, str]]]:
    """Which components answer HTTP requests, which are run as commands, which handle events."""
    by_wagi = {
        trigger.component: isinstance(trigger.executor, WagiExecutor)
        for trigger in app.http_triggers
        if trigger.component is not None
    }
    commands = [*(id_ for id_, wagi in by_wagi.items() if wagi), *commands_of(app)]
    return [id_ for id_, wagi in by_wagi.items() if not wagi], commands, [*handled_events(app)]


def policy_of(options: UpOptions, config: RuntimeConfig) -> Policy:
    """The limits of instances; what isn't said is Spin's default."""
    default, memory = Policy(), config.max_instance_memory
    configured = {} if memory is None else {"max_instance_memory": memory}
    return Policy(
        options.max_instance_reuse_count or default.reuse_count,
        options.max_instance_concurrent_reuse_count or default.concurrent_reuse_count,
        options.idle_instance_timeout or default.idle_timeout,
        options.request_timeout,
        limits_of(configured),
        options.limits,
    )
