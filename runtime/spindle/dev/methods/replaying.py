"""`exchange/replay`: has an exchange happen again, or several; see `spindle.dev.replaying`.

Calls that name the same `suite` share one stage, and so the copies of state on it, until
`exchange/end-suite`, or until none has come for a while.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from spindle.dev.control import BadParams, Json, Method, Params
from spindle.dev.methods import parameters
from spindle.errors import SpindleError

if TYPE_CHECKING:
    from spindle.dev.replaying import Scene, Stage
    from spindle.replay import Edit, Manner, Replay

IDLE_SECONDS = 30.0
"""How long a suite's stage is kept that nobody uses."""
MOST_SUITES = 8
MOST_IDS = 100
"""Exchanges that one call replays."""

FindExchange = Callable[[Params], Awaitable[Json]]


class Suites:
    """The stages that suites have."""

    def __init__(self, scene: Callable[[], Scene]) -> None:
        self._scene = scene
        self._suites: dict[str, _Suite] = {}
        self._alone: set[_Suite] = set()
        self._closed = False

    @asynccontextmanager
    async def stage(self, name: str | None, manner: Manner) -> AsyncIterator[Stage]:
        """A suite's stage, or one for this alone; raises `NotReplayable` once the host stops."""
        from spindle.dev.replaying import Stage

        if self._closed:
            raise _stopping()
        if name is None:
            suite = _Suite(lambda: None)
            self._alone.add(suite)
            try:
                async with suite.stage(lambda: Stage(self._scene(), manner)) as stage:
                    yield stage
            finally:
                self._alone.discard(suite)
                await suite.close()
            return
        async with self._suite(name).stage(lambda: Stage(self._scene(), manner)) as stage:
            if stage.manner != manner:
                raise BadParams("all of a suite is replayed in one manner")
            yield stage

    def _suite(self, name: str) -> _Suite:
        suite = self._suites.get(name)
        if suite is None:
            if len(self._suites) >= MOST_SUITES:
                raise BadParams(f"{MOST_SUITES} suites are replayed already")
            suite = self._suites[name] = _Suite(lambda: self._forget(name))
        return suite

    async def end(self, name: str) -> None:
        """Let go of a suite's stage."""
        suite = self._suites.pop(name, None)
        if suite is not None:
            await suite.close()

    async def close(self) -> None:
        """Let go of all; what is under way ends with its guests."""
        self._closed = True
        for suite in list(self._alone):
            await suite.close()
        for name in list(self._suites):
            await self.end(name)

    def _forget(self, name: str) -> None:
        task = asyncio.ensure_future(self.end(name))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())


class _Suite:
    """A stage that several replays have, one after another."""

    def __init__(self, on_idle: Callable[[], None]) -> None:
        self._on_idle = on_idle
        self._stage: Stage | None = None
        self._closed = False
        self._kept = AsyncExitStack()
        self._turn = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def stage(self, new: Callable[[], Stage]) -> AsyncIterator[Stage]:
        async with self._turn:
            self._stop_timer()
            try:
                if self._stage is None and not self._closed:
                    self._stage = await self._kept.enter_async_context(new())
                if self._closed:  # it may have been while the stage was set
                    await self._kept.aclose()
                    raise _stopping()
                assert self._stage is not None, "one was set, for the suite isn't closed"
                yield self._stage
            finally:
                loop = asyncio.get_running_loop()
                self._timer = loop.call_later(IDLE_SECONDS, self._on_idle)

    async def close(self) -> None:
        self._closed = True
        await self._kept.aclose()
        self._stop_timer()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _stopping() -> SpindleError:
    """What a replay ends with that the host's end, or its suite's, comes before."""
    from spindle.replay import NotReplayable

    return NotReplayable("its guests are let go of: the host is stopping, or the suite was ended")


def replay_methods(suites: Suites, find: FindExchange) -> Mapping[str, Method]:
    """The methods; `find` finds the exchange of a call's `id`."""

    async def replay(params: Params) -> object:
        from spindle.dev.replaying import replay_suite
        from spindle.replay import Order

        name = parameters.text_or_none(params, "suite")
        ids = parameters.texts_or_none(params, "ids")
        if ids is None:
            document = await _exchange(params, find)
            edit = _edit(params.get("edit"))
            async with suites.stage(name, _manner(params)) as stage:
                return _answer(await stage.replay(Order(document, edit)))
        if len(ids) > MOST_IDS:
            raise BadParams(f"`ids` may have {MOST_IDS} ids at once")
        orders = [Order(await find({"id": id_})) for id_ in ids]
        async with suites.stage(name, _manner(params)) as stage:
            outcomes = [outcome async for outcome in replay_suite(stage, orders)]
        return {"replays": list(map(_outcome, outcomes))}

    async def end_suite(params: Params) -> object:
        await suites.end(parameters.text(params, "suite"))
        return None

    return {"exchange/replay": replay, "exchange/end-suite": end_suite}


async def _exchange(params: Params, find: FindExchange) -> Json:
    document = params.get("exchange")
    if document is None:
        return await find(params)
    if not isinstance(document, dict):
        raise BadParams("`exchange` must be an exchange")
    return document


def _outcome(outcome: Replay | SpindleError) -> object:
    if isinstance(outcome, SpindleError):
        return {"error": outcome.message, "hints": list(outcome.hints)}
    return _answer(outcome)


def _answer(came: Replay) -> object:
    return {
        "exchange": came.exchange,
        "differences": [each._asdict() for each in came.differences],
        "notes": list(came.notes),
    }


def _manner(params: Params) -> Manner:
    from spindle.replay import Manner

    state = parameters.choice(params, "state", ("fork", "live"), "fork")
    hosts = parameters.choice(params, "hosts", ("live", "recorded"), "live")
    return Manner(
        "live" if state == "live" else "fork",
        "recorded" if hosts == "recorded" else "live",
        parameters.text_or_none(params, "against"),
        parameters.flag(params, "allow_truncated"),
        tuple(parameters.texts_or_none(params, "ignored") or ()),
        parameters.flag(params, "trace"),
    )


def _edit(given: Any) -> Edit:
    from spindle.exchange import bytes_of
    from spindle.replay import Edit

    match given:
        case None:
            return Edit()
        case {"body": {"encoding": "utf-8" | "base64", "data": str()} as said, **rest}:
            with suppress(ValueError):
                return _edit(rest)._replace(body=bytes_of(said))
        case {"body": str(body), **rest}:
            return _edit(rest)._replace(body=body.encode("utf-8", "surrogateescape"))
        case {"body": None, **rest}:
            return _edit(rest)
        case {"headers": headers, **rest}:
            if headers is None:
                return _edit(rest)
            with suppress(TypeError, ValueError):
                pairs = headers.items() if isinstance(headers, Mapping) else headers
                named = tuple((str(name), str(value)) for name, value in pairs)
                return _edit(rest)._replace(headers=named)
        case {**rest} if not rest.keys() - {"method", "path"}:
            rest_: Any = rest
            method, path = (parameters.text_or_none(rest_, name) for name in ("method", "path"))
            return Edit(method, path)
    raise BadParams("`edit` may have a `method`, a `path`, `headers` by name, and a `body`")
