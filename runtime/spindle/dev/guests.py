"""The application's guests as the HTTP trigger sees them.

Here the factors and the executor get what the command line and the runtime configuration say.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from spindle.app import App, WagiExecutor
from spindle.component.cache_files import cache_root
from spindle.dev.console import Console
from spindle.dev.directories import Directories
from spindle.dev.logs import GuestLogs
from spindle.dev.options import UpOptions
from spindle.errors import HostError, UserError
from spindle.events import Bus
from spindle.executor import Engines, Executor, Policy
from spindle.executor.commands import ToResponse
from spindle.factors import Factor, Factors, HttpError, InstanceState
from spindle.factors.blocked_networks import BlockedNetworks
from spindle.factors.http_client import HttpClient
from spindle.factors.key_value import (
    DEFAULT,
    KeyValueError,
    KeyValueFactor,
    backends_of,
    default_store_path,
)
from spindle.factors.outbound_http import OutboundFactor
from spindle.factors.variables import VariablesFactor
from spindle.factors.wasi import WasiFactor
from spindle.limits import beyond, host_limits_of, limits_of
from spindle.messages import Request, Response
from spindle.runtime_config import RuntimeConfig
from spindle.trigger.http.handler import Reply
from spindle.trigger.http.pipeline import Match, Pipeline
from spindle.trigger.http.wagi import WagiCall
from spindle.variables import Resolver, VariableError, default_providers


class UnresolvedVariables(UserError):
    """Required variables have no value."""

    code = "unresolved-variables"


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


class Guests:
    """Runs an application's components: the trigger's `GuestRunner`."""

    def __init__(
        self, app: App, options: UpOptions, config: RuntimeConfig, surroundings: Surroundings
    ) -> None:
        self._app = app
        self._config = config
        self._logs = surroundings.logs
        self._console = surroundings.console
        self._directories = surroundings.directories
        self._resolver = Resolver.of(
            app, default_providers(options.variables, config.local_providers())
        )
        self._blocked = BlockedNetworks.of(config.outbound_networking.block_networks)
        self._client = HttpClient(
            pooling=config.outbound_http.connection_pooling, blocked=self._blocked
        )
        self._engines = Engines()
        self._stores = backends_of(config, surroundings.directories.state)
        self._key_values = options.key_values
        self._limits = options.limits
        self._factors = Factors(self._all_factors(surroundings, config))
        self._executor = Executor(
            app,
            self._factors,
            policy=policy_of(options, config),
            bus=surroundings.bus,
            log=surroundings.logs.write,
            engines=self._engines,
            cache_dir=None if options.disable_cache else cache_root(),
            on_failure=lambda failure: self._console.report(failure, app.root),
            secrets=self._secret_values,
        )

    async def start(self) -> None:
        """Load what requests may go to; raises `UserError` and `ComponentError`."""
        await self._check_variables()
        self._factors.configure_app(self._app)
        by_wagi = {
            trigger.component: isinstance(trigger.executor, WagiExecutor)
            for trigger in self._app.http_triggers
            if trigger.component is not None
        }
        self._say_where_data_goes()
        await self._set_key_values()
        await self._executor.start(
            [id_ for id_, wagi in by_wagi.items() if not wagi],
            [id_ for id_, wagi in by_wagi.items() if wagi],
        )

    async def close(self) -> None:
        """End every instance and every connection of theirs."""
        self._executor.close()
        await self._client.close()
        self._engines.close()

    def invoke(self, component: str, request: Request, match: Match, reply: Reply) -> None:
        """Have a component answer a request."""
        self._logs.open(component)
        self._executor.invoke(component, request, match, reply)

    def body_limit(self, component: str) -> int:
        """Bytes of a request's body that a component run as a command may be given."""
        return self._executor.body_limit(component)

    def run_wagi(
        self, component: str, call: WagiCall, request: Request, match: Match, to: ToResponse
    ) -> Awaitable[Response]:
        """Have a component answer a request as a command."""
        self._logs.open(component)
        return self._executor.run_wagi(component, call, request, match, to)

    def _secret_values(self) -> Iterator[str]:
        for variable in self._app.variables.values():
            if variable.secret:
                with suppress(VariableError, BlockingIOError):
                    yield self._resolver.variable_nowait(variable.name)

    async def _check_variables(self) -> None:
        missing = await self._resolver.unresolved()
        if missing:
            names, first = ", ".join(f"`{name}`" for name in missing), missing[0]
            raise UnresolvedVariables(
                f"no value for required variable(s): {names}",
                hints=(f"say `--variable {first}=VALUE`, or set `SPIN_VARIABLE_{first.upper()}`",),
            )

    def _say_where_data_goes(self) -> None:
        components = self._app.components.values()
        if all(DEFAULT not in component.key_value_stores for component in components):
            return
        path = default_store_path(self._config, self._directories.state)
        where = "a temporary in-memory store"
        if path is not None:
            where = f'"{self._directories.shown(path)}"'
        self._console.narrate(f"Storing default key-value data to {where}.")

    async def _set_key_values(self) -> None:
        if not self._key_values:
            return
        try:
            store = await self._stores[DEFAULT].open(DEFAULT)
            for key, value in self._key_values:
                await store.set(key, value.encode())
        except KeyValueError as error:
            raise HostError(f"the default key-value store can't be written: {error}") from None

    def _all_factors(self, surroundings: Surroundings, config: RuntimeConfig) -> list[Factor]:
        warned: set[tuple[str, str | None, str]] = set()

        def on_denied(state: InstanceState, destination: str) -> None:
            denial = (state.component_id, state.dependency, destination)
            if denial not in warned:
                warned.add(denial)
                surroundings.console.warn(*denied(*denial))

        settings: Any = self._app.tool.get("spindle", {})
        deepest = host_limits_of(settings, self._limits).max_chain_depth
        looping: set[str] = set()

        async def chain(component: str, request: Request) -> Response:
            if request.depth > deepest:
                if component not in looping:
                    looping.add(component)
                    what = f"component `{component}` is at the end of a chain of too many requests"
                    surroundings.console.warn(beyond(what, "max_chain_depth", deepest))
                raise HttpError("loop-detected")
            return await surroundings.pipeline().chain(component, request)

        outbound = OutboundFactor(
            self._client,
            self._resolver.variable_nowait,
            origin=surroundings.origin,
            chain=chain,
            on_denied=on_denied,
            blocked=self._blocked,
        )
        return [
            WasiFactor(transient=surroundings.temp),
            VariablesFactor(self._resolver),
            KeyValueFactor(self._stores),
            outbound,
        ]


def denied(component: str, dependency: str | None, destination: str) -> tuple[str, tuple[str]]:
    """What to say of a connection that is not allowed, and what allows it."""
    if dependency is None:
        return (
            f"component `{component}` may not connect to `{destination}`",
            (f'allow it: `allowed_outbound_hosts = ["{destination}"]`',),
        )
    return (
        f"`{dependency}` in component `{component}` may not connect to `{destination}`",
        ('let it inherit: `inherit_configuration = ["allowed_outbound_hosts"]`',),
    )


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
