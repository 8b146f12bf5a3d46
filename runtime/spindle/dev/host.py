"""A host: one application, served until it is told to stop; `spindle.dev.serving` runs it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spindle.app import App
from spindle.client import RunFile
from spindle.dev.build_states import BuildStates
from spindle.dev.console import Console
from spindle.dev.control import ControlEndpoint, Method, Params
from spindle.dev.directories import choose_directories
from spindle.dev.guests import Guests, Surroundings
from spindle.dev.instant import stood_in
from spindle.dev.keeping import keeper_of
from spindle.dev.lines import Lines, lines_wanted
from spindle.dev.logs import GuestLogs
from spindle.dev.methods.application import application_methods
from spindle.dev.methods.building import building_methods
from spindle.dev.methods.exchanges import exchange_methods
from spindle.dev.methods.firing import fire_methods
from spindle.dev.methods.following import following_methods
from spindle.dev.methods.hosting import host_methods
from spindle.dev.methods.measuring import measuring_methods
from spindle.dev.methods.replaying import Suites, replay_methods
from spindle.dev.options import UpOptions
from spindle.dev.preparing import Prepared, read_app
from spindle.dev.problems import ManifestError
from spindle.dev.statistics import Counting
from spindle.dev.triggers import COMMAND, Triggers, commands_of
from spindle.events import Bus, EventKind
from spindle.executor import Loaded, Told
from spindle.factors.interposing import Interposer
from spindle.limits import Limits as GuestLimits
from spindle.limits import host_limits_of, limits_of
from spindle.messages import Request
from spindle.runtime_config import RuntimeConfig
from spindle.trigger.http.announcement import announce_json, announce_plain
from spindle.trigger.http.listener import bind, parse_listen_address, tls_context
from spindle.trigger.http.pipeline import Pipeline
from spindle.trigger.http.server import HttpServer
from spindle.trigger.http.site import Limits

if TYPE_CHECKING:
    from spindle.dev.replaying import Scene
    from spindle.trigger.command import CommandListener
    from spindle.trigger.listening import Surroundings as TriggerSurroundings

DRAIN_SECONDS = 30.0
"""How long a stop waits for requests under way."""


class Host:
    """One application being served; lives on one event loop."""

    def __init__(self, prepared: Prepared, options: UpOptions, console: Console) -> None:
        self._read = prepared.app
        """As its files have it."""
        self.stand_in: Callable[[App], App] = partial(stood_in, standings=prepared.begun)
        """What an application that was read is changed by before it is served."""
        self.app = self.stand_in(prepared.app)
        self._unbuilt = frozenset(prepared.begun)
        self.manifest = prepared.manifest
        """What the application was made from; None for a bare wasm file."""
        self.options = options
        self.console = console
        self.bus = Bus()
        self.base_url: str | None = None
        """Where it serves, once started."""
        self.counting = Counting(self.bus)
        self.builds = BuildStates(self.bus)
        self.watching = False
        """Whether what changes is built and served."""
        self.recording = options.record
        """Whether host calls are recorded so that they can be answered again."""
        self.directories = choose_directories(options, prepared.config)
        only_commands = self.app.trigger_types == (COMMAND,)
        lines = Lines(
            self.bus,
            console,
            wanted=lines_wanted(options, commands_only=only_commands),
            follow=options.follow,
        )
        self.logs = GuestLogs(
            self.directories.logs,
            self.bus,
            quiet=options.quiet,
            follow=options.follow,
            echo=lines.echo,
            limits=self._limits_of,
            commands=commands_of(self.app),
        )
        self.keeper = keeper_of(self.bus, options, self.directories, console)
        self._temp: Path | None = None
        """Where copies of mounted files are that guests may write to."""
        self._guests = self._new_guests(prepared.config)
        self.pipeline = Pipeline(
            self.app, self._guests, on_error=self._report, on_unmatched=self._say_unmatched
        )
        self._triggers = Triggers(self.app, self._trigger_surroundings)
        self._changing = asyncio.Lock()
        self._fire = fire_methods(self.bus, self.pipeline, self._triggers, self._guests.fire)
        self.exit_status = 0
        """What the commands ended with that were all there was."""
        self._suites = Suites(self._scene)
        self._interposers: list[Interposer] = []
        self._config = prepared.config
        self._commands: asyncio.Task[None] | None = None
        """Waits for the end of commands."""
        self.started_at = time.time()
        self._server: HttpServer | None = None
        self.methods = self._methods()
        """What front ends may call."""
        self._control = ControlEndpoint(self.methods)
        self.run_file: RunFile | None = None
        """By which front ends find it; None if they can't."""
        self._stopping = asyncio.Event()
        self._at_once = asyncio.Event()

    async def start(self, *, announce: bool = False) -> None:
        """Begin to serve, and print the routes if asked to; raises what prevents it."""
        server = self._http_server() if any(self.app.http_triggers) else None
        self._server = server
        await self.load()
        if server is not None:
            await server.start()
        await self._open_control(self.base_url or "")
        self.bus.publish(EventKind.APP_LOADED, self.app)
        if announce:
            self.announce()
        await self._listen()

    async def load(self) -> None:
        """Be ready to answer whoever calls, and listen to nobody; raises what prevents it."""
        self.logs.prepare(self.app.components, truncate=self.options.truncate_logs)
        if (logs := self.directories.logs) is not None:
            self.console.narrate(f'Logging component stdio to "{self.directories.shown(logs)}/"')
        await asyncio.gather(self.keeper.start(), self._guests.start())
        await self._triggers.configure()

    async def reload(self) -> tuple[str, ...]:
        """Serve the application as its files have it now; which components are new builds.

        Requests under way finish on what they began with. Raises what is wrong, `ManifestError`
        among others; then what was served goes on.
        """
        async with self._changing:
            try:
                prepared = await asyncio.to_thread(
                    read_app, self.options, self.console, self._unbuilt
                )
            except ManifestError:
                await self._change(self.stand_in(self._read))  # new builds are served all the same
                raise
            changed = await self._change(self.stand_in(prepared.app))
            self._read = prepared.app
            self.manifest = prepared.manifest
            return changed

    async def restage(self) -> tuple[str, ...]:
        """Serve what was read last, changed anew by `stand_in`; which components are new builds.

        Raises what is wrong; then what was served goes on.
        """
        async with self._changing:
            return await self._change(self.stand_in(self._read))

    @property
    def connections(self) -> int:
        """HTTP connections that are open."""
        return 0 if self._server is None else self._server.connections

    def census(self) -> Mapping[str, Loaded]:
        """What is loaded and lives, by component."""
        return self._guests.census()

    def mark_stale(self, component: str, *, stale: bool) -> None:
        """Whether a component is behind its sources, because they can't be built."""
        self._guests.mark_stale(component, stale=stale)

    def build_of(self, component: str) -> str | None:
        """The id of the build of a component that answers now."""
        return self._guests.build_of(component)

    def interpose(self, interposer: Interposer) -> None:
        """Stand between guests, of replays too, and the host's functions; before it is loaded."""
        self._guests.interpose(interposer)
        self._interposers.append(interposer)

    def renew(self, component: str) -> None:
        """Have a component's next requests answered by new instances."""
        self._guests.renew(component)

    async def _change(self, app: App) -> tuple[str, ...]:
        before = self.app
        changed = await self._guests.change(app)
        try:
            triggers = await self._triggers.change(app)
            is_first = self._server is None and any(app.http_triggers)
            if is_first:
                await self._serve(self._http_server())
        except BaseException:
            await self._guests.change(before)
            raise
        self.app = app
        self.pipeline.change(app)
        if is_first:
            self.announce()
        self.bus.publish(EventKind.APP_CHANGED, app)
        await triggers.carry_out()
        return changed

    async def _serve(self, server: HttpServer) -> None:
        await server.start()
        self._server = server
        if self.base_url is not None:
            self._control.tell(self.base_url)

    async def _listen(self) -> None:
        """Have triggers other than HTTP fire from now on."""
        await self._triggers.listen()
        if (commands := self._triggers.commands) is not None:
            self._commands = asyncio.create_task(self._end_with(commands))

    async def fire(self, params: Params) -> Any:
        """Have a trigger fire by hand; see `spindle.dev.methods.firing`."""
        answer: Any = self._fire["trigger/fire"](params)
        return await answer

    def announce(self) -> None:
        """Print the routes, as Spin does."""
        if self.base_url is not None:
            announcement = announce_json if self.options.format == "json" else announce_plain
            self.console.say(announcement(self.base_url, self.pipeline.router, self.app))

    def stop(self) -> None:
        """Begin to stop; a second call cuts off the requests under way."""
        if self._stopping.is_set():
            self._at_once.set()
        self._stopping.set()

    async def wait_told_to_stop(self) -> None:
        """Return once the host was told to stop."""
        await self._stopping.wait()

    async def wait_stopped(self) -> None:
        """Return once the host was told to stop and the requests under way are done."""
        await self.wait_told_to_stop()
        self.bus.publish(EventKind.HOST_STOPPING)
        await self._drain()

    async def close(self) -> None:
        """Let go of everything the host holds."""
        if self._commands is not None:
            self._commands.cancel()
        self._abort()
        await self._suites.close()
        await self._guests.close()
        await self.keeper.close()
        self.logs.close()
        if self._temp is not None:
            import shutil  # only here: seldom needed

            await asyncio.to_thread(shutil.rmtree, self._temp, ignore_errors=True)
        # The last thing: whoever waits for the end of this host waits for its hanging up.
        await self._control.close()

    async def _drain(self) -> None:
        draining = asyncio.ensure_future(self._let_finish())
        hurry = asyncio.ensure_future(self._at_once.wait())
        await asyncio.wait(
            (draining, hurry), timeout=DRAIN_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        hurry.cancel()
        if not draining.done():
            self._abort()
        await draining

    async def _let_finish(self) -> None:
        """Take nothing new, and return when all that is under way is done."""
        if self._server is not None:
            await asyncio.gather(self._server.drain(), self._triggers.drain())
        else:
            await self._triggers.drain()

    def _abort(self) -> None:
        self._triggers.abort()
        if self._server is not None:
            self._server.abort()

    async def _end_with(self, commands: CommandListener) -> None:
        """When commands have ended and there is nothing else to do, the host ends as well."""
        status = await commands.wait_ended()
        if self.app.trigger_types == (COMMAND,):
            self.exit_status = status
            self.stop()

    def _new_guests(self, config: RuntimeConfig) -> Guests:
        if self.options.allow_transient_write:
            import tempfile  # only here: seldom needed

            self._temp = Path(tempfile.mkdtemp(prefix="spindle-", dir=self.options.temp))
        surroundings = Surroundings(
            self.bus,
            self.logs,
            self.console,
            origin=lambda: self.base_url,
            pipeline=lambda: self.pipeline,
            directories=self.directories,
            temp=self._temp,
        )
        return Guests(self.app, self.options, config, surroundings)

    def _trigger_surroundings(self) -> TriggerSurroundings:
        # Imported here, for few applications have triggers other than HTTP.
        from spindle.trigger.listening import Surroundings as TriggerSurroundings

        settings: Any = self.app.tool.get("spindle", {})
        say = self.console.say if self.options.format == "plain" else self.console.narrate
        return TriggerSurroundings(
            fire=self._guests.fire,
            resolve=self._guests.resolve,
            say=say,
            warn=self.console.warn,
            narrate=self.console.narrate,
            at_once=host_limits_of(settings, self.options.limits).max_events,
            arguments=self.options.arguments,
        )

    def _limits_of(self, component: str) -> GuestLimits:
        tools = self.app.tool, self.app.components[component].tool
        settings: list[Any] = [tool.get("spindle", {}) for tool in tools]
        return limits_of(*settings, self.options.limits)

    def _http_server(self) -> HttpServer:
        options = self.options
        tls = None
        if options.tls_cert is not None and options.tls_key is not None:
            tls = tls_context(options.tls_cert, options.tls_key)
        settings: Any = self.app.tool.get("spindle", {})
        limits = Limits(requests=host_limits_of(settings, options.limits).max_requests)
        if options.http1_max_buf_size is not None:
            limits = limits._replace(head_bytes=options.http1_max_buf_size)
        address = parse_listen_address(options.listen)
        listener = bind(*address, find_free_port=options.find_free_port)
        server = HttpServer(self.pipeline, listener, tls=tls, limits=limits, on_error=self._report)
        self.base_url = server.base_url
        return server

    async def _open_control(self, base_url: str) -> None:
        try:
            self.run_file = await self._control.start(self.options.source, base_url)
        except OSError as error:
            self.console.warn(
                f"front ends can't find this host: {error}",
                ("make `XDG_RUNTIME_DIR` or `~/.cache` writable",),
            )

    def _scene(self) -> Scene:
        """What exchanges are replayed with."""
        from spindle.dev.replaying import Scene

        return Scene(
            self.app,
            self.options,
            self._config,
            self.directories,
            self._guests.engines,
            self._guests.capabilities,
            lambda: self.base_url,
            partial(self.bus.publish, EventKind.EXCHANGE_FINISHED),
            self._interposers,
        )

    async def _exchange_of(self, params: Params) -> Any:
        answer: Any = self.methods["exchange/get"](params)
        return await answer

    def _report(self, request: Request, error: BaseException) -> None:
        if not isinstance(error, Told):
            self.console.complain(f"{request.method} {request.path_with_query}", error)

    def _say_unmatched(self, path: str) -> None:
        self.console.warn(f"no route matches `{path}`; further ones are not mentioned")

    def _methods(self) -> Mapping[str, Method]:
        """What front ends may call."""
        return {
            **host_methods(self),
            **application_methods(self),
            **building_methods(self),
            **measuring_methods(self),
            **exchange_methods(self.keeper, self.bus),
            **following_methods(self.bus),
            **replay_methods(self._suites, self._exchange_of),
            **self._guests.methods(),
            **self._fire,
        }
