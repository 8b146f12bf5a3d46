"""What the guests of a host can do: all factors, as flags and runtime configuration have them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from spindle.app import App
from spindle.dev.console import Console
from spindle.dev.control import Method
from spindle.dev.denials import connection_denied, database_denied, store_denied
from spindle.dev.directories import Directories
from spindle.dev.methods.databases import database_methods
from spindle.dev.methods.key_values import key_value_methods
from spindle.dev.options import UpOptions
from spindle.dev.sql_scripts import read_script, run_script
from spindle.errors import HostError, UserError
from spindle.factors import Factor, Factors, HttpError, InstanceState
from spindle.factors.blocked_networks import BlockedNetworks
from spindle.factors.connections import Connections, Room
from spindle.factors.http_client import HttpClient
from spindle.factors.http_client.tls import TlsContexts
from spindle.factors.key_value import (
    DEFAULT,
    KeyValueError,
    KeyValueFactor,
    SqliteStores,
    backends_of,
)
from spindle.factors.llm import LlmFactor, engine_of
from spindle.factors.mqtt import MqttFactor
from spindle.factors.mysql import MySqlFactor
from spindle.factors.otel import OtelFactor, Telemetry
from spindle.factors.outbound_http import Chain, OutboundFactor, Own
from spindle.factors.postgres import PostgresFactor
from spindle.factors.redis import RedisFactor
from spindle.factors.remote_variables import close_providers, providers_of
from spindle.factors.sqlite import Databases, SqliteFactor
from spindle.factors.variables import VariablesFactor
from spindle.factors.wasi import WasiFactor
from spindle.limits import beyond, host_limits_of
from spindle.messages import Request, Response
from spindle.runtime_config import RuntimeConfig, summary_of
from spindle.template import names_in
from spindle.variables import Resolver, VariableError, default_providers

MOST_WARNINGS = 1000
"""Different warnings of what guests do: they can think up any number."""


class UnresolvedVariables(UserError):
    """Required variables have no value."""

    code = "unresolved-variables"


class Ways(NamedTuple):
    """Ways out of an instance that lead through the host it runs in."""

    origin: Callable[[], str | None]
    """The base URL, once there is one."""
    chain: Chain
    """Calls another component."""
    temp: Path | None
    """Where copies of mounted files are; None unless guests may write to them."""
    own: Own | None = None
    """Calls the application itself; None for over the network."""


class Capabilities:
    """The factors of one application."""

    def __init__(
        self,
        app: App,
        options: UpOptions,
        config: RuntimeConfig,
        console: Console,
        directories: Directories,
        ways: Ways,
        refused: Mapping[str, str] | None = None,
    ) -> None:
        """`refused` says that this is a fork: what of it there is no copy of, and why."""
        self._app = app
        self._config = config
        self._options = options
        self._console = console
        self._directories = directories
        self._providers = providers_of(config, self._say_no_variable)
        self._revealed: dict[str, str] = {}
        """Values of secret variables."""
        self.resolver = self._resolver_of(app)
        self._host_values: dict[str, str] = {}
        """Variables in allowed hosts, as they were at the start."""
        self._blocked = BlockedNetworks.of(config.outbound_networking.block_networks)
        self._total = Room(config.outbound_networking.max_total_connections)
        """Connections of all factors together."""
        self._client = HttpClient(
            pooling=config.outbound_http.connection_pooling,
            blocked=self._blocked,
            connections=Connections(config.outbound_http.most_connections, self._total),
        )
        self.stores = backends_of(config, directories.state, self._say_trouble)
        self._labels: dict[str, tuple[str, ...]] = {}
        """The key-value stores that each component may open."""
        self._databases = Databases(config, directories.state)
        self._forked = refused is not None
        if refused:
            self._refuse(refused)
        self._warned: set[tuple[str, str | None, str]] = set()
        self.telemetry = self._new_telemetry()
        self.factors = Factors(self._all(ways))

    async def start(self) -> None:
        """Check what the application asks for, and put in what flags say; raises `UserError`."""
        await self._configure()
        self._say_where_data_goes()
        await self._set_key_values()
        await self._execute_statements()

    async def change(self, app: App) -> None:
        """Be the factors of another application; raises `UserError`, and then stays as is."""
        before = self._app, self.resolver
        self._app, self.resolver = app, self._resolver_of(app)
        try:
            await self._configure()
        except BaseException:
            self._app, self.resolver = before
            await self._configure()
            raise

    async def _configure(self) -> None:
        self._say_what_it_runs_on()
        await self._check_variables()
        await self._resolve_host_values()
        self.factors.configure_app(self._app)
        self._labels.clear()
        self._labels.update((c.id, c.key_value_stores) for c in self._app.components.values())

    def _resolver_of(self, app: App) -> Resolver:
        providers = default_providers(self._options.variables, self._providers)
        # What one application's guests were told, another's must not show.
        return replace(Resolver.of(app, providers), revealed=self._revealed)

    async def close(self) -> None:
        """Let go of connections, files and threads."""
        await self.factors.close()
        if self.telemetry is not None:
            await self.telemetry.close()
        await self._client.close()
        await close_providers(self._providers)

    def methods(self) -> Mapping[str, Method]:
        """What front ends may ask about the state that guests keep."""

        return {
            **key_value_methods(self.stores, self._labels),
            **database_methods(self._databases),
        }

    def secret_values(self) -> Iterator[str]:
        """What must not be shown."""
        yield from self._revealed.values()

    def _all(self, ways: Ways) -> list[Factor]:
        outbound = OutboundFactor(
            self._client,
            self._host_values.__getitem__,
            origin=ways.origin,
            chain=ways.chain,
            own=ways.own,
            on_denied=self._say_denied,
            on_failed=self._say_failed,
            blocked=self._blocked,
            tls=TlsContexts(self._config.client_tls, self._config.directory),
            sockets=Connections(
                self._config.outbound_networking.max_socket_connections, self._total
            ),
        )
        return [
            WasiFactor(transient=ways.temp),
            VariablesFactor(lambda: self.resolver),
            KeyValueFactor(self.stores, self._say_store_denied),
            SqliteFactor(self._databases, self._say_database_denied),
            outbound,
            LlmFactor(engine_of(self._config)),
            OtelFactor(self.telemetry if self._options.experimental_wasi_otel else None),
            *self._servers(),
        ]

    def _servers(self) -> list[Factor]:
        """Those that keep state elsewhere."""
        if self._forked:
            from spindle.replay.refusing import refused_servers  # only here: for replays

            return refused_servers(self._console.warn)
        return [
            self._redis(),
            self._mqtt(),
            MySqlFactor(Connections(self._config.outbound_mysql.max_connections, self._total)),
            PostgresFactor(Connections(self._config.outbound_pg.max_connections, self._total)),
        ]

    def _refuse(self, refused: Mapping[str, str]) -> None:
        """Have nothing behind what a fork has no copy of."""
        from spindle.replay.refusing import RefusedDatabase, RefusedStores

        say = self._console.warn
        for label in refused.keys() & self.stores.keys():
            self.stores[label] = RefusedStores(refused[label], say)
        for label in refused.keys() & self._databases.keys():
            self._databases.replace(label, RefusedDatabase(refused[label], say))

    def _new_telemetry(self) -> Telemetry | None:
        """What sends telemetry away, if there is a way."""
        wanted = self._options.experimental_wasi_otel
        try:
            telemetry = Telemetry(os.environ, self._say_no_telemetry)
        except UserError as error:
            if wanted:
                raise
            self._console.warn(str(error), error.hints)  # the environment may be for others
            return None
        if wanted and not telemetry.active:
            self._console.warn(
                "guests may make telemetry, but it goes nowhere",
                ("set `OTEL_EXPORTER_OTLP_ENDPOINT`, to `http://localhost:4318` for example",),
            )
        return telemetry

    def _say_no_telemetry(self, why: str) -> None:
        self._console.warn(f"telemetry is lost: {why}")

    def _redis(self) -> RedisFactor:
        most = self._config.outbound_redis.max_connections
        total = self._config.outbound_networking.max_total_connections
        return RedisFactor(
            Connections(most, self._total),
            self._say_server_fails,
            keep=most is None and total is None,
        )

    def _mqtt(self) -> MqttFactor:
        limits = self._config.outbound_mqtt
        connections = Connections(limits.max_connections, self._total)
        return MqttFactor(connections, self._say_server_fails, limits.max_payload_size_bytes)

    def _say_server_fails(self, state: InstanceState, trouble: str) -> None:
        if self._is_news((state.component_id, None, trouble)):
            self._console.warn(f"component `{state.component_id}` {trouble}")

    def _say_denied(self, state: InstanceState, destination: str) -> None:
        if self._is_news((state.component_id, state.dependency, destination)):
            component = self._app.components[state.component_id]
            self._console.warn(*connection_denied(component, state.dependency, destination))

    def _say_failed(self, state: InstanceState, destination: str, why: str) -> None:
        if self._is_news((state.component_id, destination, why)):
            self._console.warn(
                f"a request of component `{state.component_id}` to `{destination}` failed: {why}"
            )

    def _say_store_denied(self, state: InstanceState, label: str) -> None:
        denial = (state.component_id, state.dependency, f"key-value store {label}")
        if self._is_news(denial):
            component = self._app.components[state.component_id]
            self._console.warn(*store_denied(component, state.dependency, label))

    def _say_database_denied(self, state: InstanceState, label: str) -> None:
        if self._is_news((state.component_id, state.dependency, f"SQLite database {label}")):
            component = self._app.components[state.component_id]
            self._console.warn(*database_denied(component, state.dependency, label))

    def _say_trouble(self, label: str, trouble: str) -> None:
        if self._is_news(("", label, trouble)):
            self._console.warn(f"key-value store `{label}` fails: {trouble}")

    def _is_news(self, warning: tuple[str, str | None, str]) -> bool:
        """Whether people have not been told yet, and not been told too much."""
        before = len(self._warned)
        if before < MOST_WARNINGS:
            self._warned.add(warning)
        return len(self._warned) > before

    def _say_no_variable(self, trouble: str) -> None:
        if self._is_news(("", None, trouble)):
            self._console.warn(trouble)

    async def _resolve_host_values(self) -> None:
        """Ask for the variables in allowed hosts; raises `HostError` if a server has none."""
        for component in self._app.components.values():
            for name in names_in(component.allowed_outbound_hosts):
                try:
                    self._host_values[name] = await self.resolver.variable(name)
                except VariableError as error:
                    where = f"`allowed_outbound_hosts` of component `{component.id}`"
                    raise HostError(f"{where} needs variable `{name}`: {error.message}") from None

    async def _check_variables(self) -> None:
        missing = await self.resolver.unresolved()
        if missing:
            names, first = ", ".join(f"`{name}`" for name in missing), missing[0]
            raise UnresolvedVariables(
                f"no value for required variable(s): {names}",
                hints=(f"say `--variable {first}=VALUE`, or set `SPIN_VARIABLE_{first.upper()}`",),
            )

    def _say_what_it_runs_on(self) -> None:
        path = self._config.path
        if path is not None and (line := summary_of(self._config, self._directories.shown(path))):
            self._console.narrate(line)

    def _say_where_data_goes(self) -> None:
        components = self._app.components.values()
        if any(DEFAULT in component.key_value_stores for component in components):
            store = self.stores[DEFAULT]
            where = store.summary
            if isinstance(store, SqliteStores) and store.path is not None:
                where = f'"{self._directories.shown(store.path)}"'
            self._console.narrate(f"Storing default key-value data to {where}.")
        if any(DEFAULT in component.sqlite_databases for component in components):
            database = self._databases[DEFAULT]
            where = database.summary
            if database.path is not None:
                where = f'"{self._directories.shown(database.path)}"'
            self._console.narrate(f"Storing default SQLite data to {where}.")

    async def _set_key_values(self) -> None:
        if not self._options.key_values:
            return
        try:
            store = await self.stores[DEFAULT].open(DEFAULT)
            for key, value in self._options.key_values:
                await store.set(key, value.encode())
        except KeyValueError as error:
            raise HostError(f"the default key-value store can't be written: {error}") from None

    async def _execute_statements(self) -> None:
        for option in self._options.sqlite:
            script = read_script(option)
            await run_script(script, self._databases)
            if not self._databases[script.database].lasting:
                self._console.warn(
                    f"`--sqlite` has no effect: database `{script.database}` is in memory, "
                    "where each connection has its own"
                )


def chain_within(
    app: App,
    options: UpOptions,
    console: Console,
    chain: Callable[[str, Request], Any],
) -> Chain:
    """A way to call other components that ends where requests call one another too deeply."""
    settings: Any = app.tool.get("spindle", {})
    deepest = host_limits_of(settings, options.limits).max_chain_depth
    looping: set[str] = set()

    async def within(component: str, request: Request) -> Response:
        if request.depth > deepest:
            if component not in looping:
                looping.add(component)
                what = f"component `{component}` is at the end of a chain of too many requests"
                console.warn(beyond(what, "max_chain_depth", deepest))
            raise HttpError("loop-detected")
        response: Response = await chain(component, request)
        return response

    return within
