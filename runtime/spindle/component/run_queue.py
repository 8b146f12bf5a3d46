"""When stores run: asyncio wakes them, and none keeps the others waiting.

A store that ran out its time slice goes to the back of a queue. After each slice the event loop
turns a few times without another, enough for a whole request from its connection to its response.
So however many guests compute without end, whoever else has something to do waits for one time
slice at most.
"""

from __future__ import annotations

import threading
import time
from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import Callable
from typing import TypeAlias

from spindle.component.core import Engine

Action: TypeAlias = Callable[[], object]

TICK = 0.005
"""Seconds between two ticks of the epoch: a time slice."""

TICKS = 200
"""How often the epoch advances, at least, once a guest has begun to run: for a second."""

REST = 8
"""Turns of the event loop between two slices of guests that compute; a turn takes microseconds."""


class RunQueue:
    """Runs stores on an event loop, from its thread."""

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = loop
        self._later: deque[Action] = deque()
        self._armed = False

    def soon(self, action: Action) -> None:
        """Do something in the loop's next turn."""
        self._loop.call_soon(action)

    def later(self, action: Action) -> None:
        """Do something that takes a whole time slice, after all that came before."""
        self._later.append(action)
        self._arm()

    async def turn(self) -> None:
        """Wait for a time slice, after all that came before."""
        turn = self._loop.create_future()

        def come() -> None:
            if not turn.done():
                turn.set_result(None)

        self.later(come)
        await turn

    def _arm(self) -> None:
        if not self._armed:
            self._armed = True
            self._loop.call_soon(self._next, REST)

    def _next(self, rest: int) -> None:
        if rest:
            self._loop.call_soon(self._next, rest - 1)
            return
        self._armed = False
        action = self._later.popleft()
        if self._later:
            self._arm()
        action()


class Ticker:
    """A thread that advances the epoch of engines, and sleeps where no guest runs.

    It ticks as long as a time slice begins, or a guest meets a tick, each second. An engine has
    one ticker.
    """

    def __init__(self) -> None:
        self._engines: list[Engine] = []
        self._stopped = False
        self._wanted = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, engine: Engine) -> None:
        """Tick an engine from now on."""
        self._engines.append(engine)
        engine.wanted = self._wanted
        engine.begin_slice()  # some may have begun unnoticed
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="epoch ticker", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop ticking."""
        self._stopped = True
        self._wanted.set()

    def _run(self) -> None:
        while self._wanted.wait() and not self._stopped:
            self._wanted.clear()
            self._tick()

    def _tick(self) -> None:
        for _ in range(TICKS):
            time.sleep(TICK)
            if self._stopped:
                return
            for engine in self._engines:
                engine.tick()
