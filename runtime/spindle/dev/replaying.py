"""Replaying exchanges: the stages they are replayed on, and suites of them.

A stage is a second set of guests beside those that serve: of another build perhaps, with copies of
all state, told by recordings. It shares engines and compiled code with the host it is in. Its
guests' output goes to the records alone.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from spindle.app import App, AppComponent, LocalSource
from spindle.component.cache_files import cache_root
from spindle.dev.capabilities import Capabilities, Ways, chain_within
from spindle.dev.directories import Directories
from spindle.dev.guests import Guests, Shared, Surroundings
from spindle.dev.logs import GuestLogs
from spindle.dev.options import UpOptions
from spindle.dev.quiet import QuietConsole
from spindle.errors import SpindleError
from spindle.events import Bus
from spindle.exchange import Exchange, Json
from spindle.executor import Engines, Firing
from spindle.factors.interposing import Interposer
from spindle.factors.tapes import Player
from spindle.messages import Request, Response
from spindle.replay import (
    Difference,
    KeptBuilds,
    Manner,
    NoSuchBuild,
    NotReplayable,
    Order,
    Replay,
    asked_of,
    differences,
)
from spindle.replay.forking import Fork, forked
from spindle.replay.kept_builds import SHORTEST
from spindle.replay.overlay import laid_over, reads_of
from spindle.replay.rerunning import Reruns
from spindle.runtime_config import RuntimeConfig
from spindle.trigger.http.handler import FutureReply, Reply
from spindle.trigger.http.pipeline import Pipeline

AT_ONCE = 16
"""Exchanges of a suite that are replayed at a time."""
PATIENCE = 30.0
"""Seconds a replay may take at least."""
_STATE = ("key-value", "keyvalue", "sqlite", "redis", "mysql", "postgres")
"""Parts of the names of interfaces that keep something from one exchange to the next."""


class Scene(NamedTuple):
    """What stages are made of."""

    app: App
    options: UpOptions
    config: RuntimeConfig
    directories: Directories
    engines: Engines
    live: Capabilities | None = None
    """Of the host that serves; None if there is none."""
    origin: Callable[[], str | None] = lambda: None
    """Where the host serves."""
    publish: Callable[[Exchange], None] = lambda _exchange: None
    """Takes the records of what was replayed."""
    interposers: Sequence[Interposer] = ()
    """Stand between guests and what `live` can do, and between guests and copies of that."""


class Stage:
    """Guests that exchanges are replayed on; see `spindle.replay.rerunning.Stage`."""

    def __init__(self, scene: Scene, manner: Manner) -> None:
        self.manner = manner
        self.bus = Bus()
        self._scene = scene
        self._console = QuietConsole()
        self._app = scene.app
        self._builds: dict[str, str] = {}
        """The ids of the builds that run in place of those there are."""
        self._directory: Path | None = None
        self._closed = False
        self._own: Capabilities | None = None
        self._capabilities: Capabilities
        self._guests: Guests
        self._player: Player | None = None
        self._reruns: Reruns

    async def __aenter__(self) -> Stage:
        try:
            await self._set()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def _set(self) -> None:
        scene, recorded = self._scene, self.manner.hosts == "recorded"
        self._directory = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="spindle-replay-"))
        if recorded:
            self._own = self._new(scene.config, Directories(None, None, None), {})
        elif self.manner.state == "fork":
            fork = await self._forked(self._directory)
            self._own = self._new(
                fork.config, Directories(fork.directory, None, None), fork.refused
            )
        elif scene.live is None:
            self._own = self._new(scene.config, scene.directories, None)
        capabilities = self._own or scene.live
        assert capabilities is not None, "there are one's own, or those of the host"
        if recorded:
            capabilities.factors.tape(self._tape)
        self._capabilities = capabilities
        surroundings = Surroundings(
            self.bus,
            GuestLogs(None, self.bus, quiet=True),
            self._console,
            scene.origin,
            lambda: self._pipeline,
            Directories(None, None, None),
            None,
        )
        shared = Shared(capabilities, scene.engines, fresh=recorded or scene.options.record)
        options = scene.options._replace(record=False, trace=self.manner.trace)
        self._guests = Guests(self._app, options, scene.config, surroundings, shared)
        if self._own is not None and not recorded:
            for interposer in scene.interposers:
                self._guests.interpose(interposer)
        self._pipeline = Pipeline(self._app, self._guests)
        await self._guests.change(self._app, own=self._own is not None)
        self._reruns = Reruns(self)

    async def _forked(self, directory: Path) -> Fork:
        live = {} if self._scene.live is None else self._scene.live.stores
        return await forked(self._scene.config, self._scene.directories.state, directory, live)

    def _new(
        self, config: RuntimeConfig, directories: Directories, refused: Mapping[str, str] | None
    ) -> Capabilities:
        app, options = self._scene.app, self._scene.options
        chain = chain_within(app, options, self._console, self.chain)
        origin = self._scene.origin
        temp = self._directory if options.allow_transient_write else None
        ways = Ways(lambda: origin() or "http://localhost", chain, temp, self._ask_itself)
        return Capabilities(app, options, config, self._console, directories, ways, refused)

    async def close(self) -> None:
        """Let go of everything, copies too; a second call changes nothing."""
        if self._closed:
            return
        self._closed = True
        if hasattr(self, "_guests"):
            await self._guests.close()
        if hasattr(self, "_reruns"):  # which hears of what ended with the guests
            self._reruns.close()
        if self._own is not None:
            await self._own.close()
        if self._directory is not None:
            import shutil  # only here: seldom needed

            await asyncio.to_thread(shutil.rmtree, self._directory, ignore_errors=True)

    # What exchanges are replayed on.

    def handle(self, request: Request, reply: Reply) -> None:
        """Answer a client's request."""
        self._pipeline.handle(request, reply)

    async def chain(self, component: str, request: Request) -> Response:
        """Answer a request of one component to another."""
        return await self._pipeline.chain(component, request)

    def fire(self, firing: Firing) -> Awaitable[Exchange]:
        """Have a component handle an event."""
        return self._guests.fire(firing)

    async def _ask_itself(self, request: Request) -> Response:
        """Answer a request of the application to itself."""
        headers = [(name, value) for name, value in request.headers if name.lower() != b"host"]
        request.headers = [(b"host", (request.authority or "localhost").encode()), *headers]
        request.authority = None
        reply = FutureReply(request)
        self._pipeline.handle(request, reply)
        return await reply.wait_response()

    def _tape(self) -> Player:
        return self._player or Player.of_nothing()

    # Replays.

    async def replay(self, order: Order) -> Replay:
        """Have an exchange happen again; raises `NotReplayable` and `NoSuchBuild`."""
        document, manner = order.document, self.manner
        asked = asked_of(document, order.edit, allow_truncated=manner.allow_truncated)
        await self._put_on(document.get("component"))
        notes: tuple[str, ...] = ()
        self._player = None
        if manner.hosts == "recorded":
            self._player = _player_of(document)
        elif manner.state == "fork":
            notes = await laid_over(reads_of(document), self._capabilities.stores)
        exchange = await self._reruns.run(asked, _patience(document))
        exchange.replay_of = str(document.get("id"))
        if (build := self._builds.get(exchange.component or "")) is not None:
            exchange.build = build
        self._scene.publish(exchange)
        return self._judged(document, exchange.to_json(), notes)

    def _judged(self, before: Json, after: Json, notes: tuple[str, ...]) -> Replay:
        ignored, player = self.manner.ignored, self._player
        if player is None:
            found = differences(before, after, ignored=ignored)
        else:
            # What the host told is the same by definition; what was asked is compared by the tape.
            found = differences(before, after, ignored=(*ignored, "calls.*"))
            found += _surprises(player, ignored)
            notes = (*notes, *_exhausted(player))
        return Replay(after, tuple(found), (*notes, *self._console.taken()))

    async def _put_on(self, component: object) -> None:
        """Have a component run the build that is asked for."""
        wanted = self.manner.against
        if wanted is None or component in self._builds or not isinstance(component, str):
            return
        if component not in self._app.components:
            raise NotReplayable(f"the application has no component `{component}` any more")
        there = self._app.components[component]
        build, changed = self._other_build(wanted, there)
        components = {**self._app.components, component: changed}
        app = self._app._replace(components=components)
        await self._guests.change(app, own=self._own is not None)
        self._pipeline.change(app)
        self._app = app
        self._builds[component] = build or self._guests.build_of(component) or ""

    def _other_build(self, wanted: str, component: AppComponent) -> tuple[str | None, AppComponent]:
        path = Path(wanted)
        if path.suffix in (".wasm", ".wat"):
            if not path.is_file():
                raise NoSuchBuild(f"there is no file `{wanted}`")
            changed = component._replace(source=LocalSource(path.absolute()), sources=None)
            return None, changed
        present = self._guests.build_of(component.id)
        if present is not None and len(wanted) >= SHORTEST and present.startswith(wanted):
            return present, component
        manifest = self._app.manifest_path
        if manifest is None:
            raise NoSuchBuild(
                "builds are kept of applications that have a manifest",
                hints=("name a wasm file",),
            )
        builds = KeptBuilds(cache_root() / "builds", manifest)
        found = builds.find(wanted, component.id, present)
        return found.id, found.put_into(component)


Outcome = Replay | SpindleError


async def replay_suite(stage: Stage, orders: Sequence[Order]) -> AsyncIterator[Outcome]:
    """Replay exchanges in order, some at a time; what can't be replayed is an error among them.

    Those that had to do with state are replayed one by one: they may depend on each other.
    """
    for group in _groups(orders, 1 if stage.manner.hosts == "recorded" else AT_ONCE):
        for outcome in await asyncio.gather(*(_tried(stage, order) for order in group)):
            yield outcome


def _groups(orders: Iterable[Order], at_once: int) -> Iterable[list[Order]]:
    group: list[Order] = []
    for order in orders:
        alone = at_once == 1 or _keeps_state(order.document)
        if group and (alone or len(group) >= at_once):
            yield group
            group = []
        if alone:
            yield [order]
        else:
            group.append(order)
    if group:
        yield group


def _keeps_state(document: Json) -> bool:
    calls: Any = document.get("calls") or ()
    return any(part in str(call.get("interface")) for call in calls for part in _STATE)


async def _tried(stage: Stage, order: Order) -> Outcome:
    try:
        return await stage.replay(order)
    except SpindleError as error:
        return error


def _player_of(document: Json) -> Player:
    recorded: Any = document.get("recorded")
    if recorded is None:
        raise NotReplayable(
            f"exchange `{document.get('id')}` has no recording of what the host told its guest",
            hints=("`spindle up --record` makes recordings",),
        )
    try:
        return Player(recorded)
    except ValueError as error:
        raise NotReplayable(f"exchange `{document.get('id')}`: {error}") from None


def _patience(document: Json) -> float:
    """Seconds a replay may take: several times as long as it took."""
    phases: Any = document.get("phases_us") or {}
    total = phases.get("total")
    return max(PATIENCE, 3 * total / 1e6) if isinstance(total, int | float) else PATIENCE


def _surprises(player: Player, ignored: Sequence[str]) -> list[Difference]:
    from fnmatch import fnmatchcase

    found = [
        Difference("answers", f"{it.interface.partition('@')[0]}#{it.func}", None, it.args)
        for it in player.surprises
    ] + [
        Difference("answers", f"{it.interface.partition('@')[0]}#{it.func}", it.args, None)
        for it in player.unasked
    ]
    return [each for each in found if not any(fnmatchcase(each.place, it) for it in ignored)]


def _exhausted(player: Player) -> tuple[str, ...]:
    return tuple(
        f"the guest asked for more of `{what}` than was recorded, and was told made-up values"
        for what in player.exhausted
    )


@asynccontextmanager
async def stage_alone(
    app: App, options: UpOptions, config: RuntimeConfig, directories: Directories, manner: Manner
) -> AsyncIterator[Stage]:
    """A stage without a host around it."""
    engines = Engines()
    try:
        async with Stage(Scene(app, options, config, directories, engines), manner) as stage:
            yield stage
    finally:
        engines.close()
