"""Waiting in WASI 0.2: what a pollable is, and `wasi:io/poll`.

Readiness is a question (`is_ready`) and a way to be told when to ask again (`subscribe`). A
listener is called at most once, and may be called without anything being ready.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from spindle.component.host import HostInterface, Later, may_block
from spindle.component.trap import trap_if
from spindle.factors.state import Clock

Listener = Callable[[], None]
Unsubscribe = Callable[[], None]
Subscribe = Callable[[Listener], Unsubscribe]


class Signal:
    """Tells all who wait that something changed."""

    __slots__ = ("_listeners",)

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def fire(self) -> None:
        """Call every listener, once."""
        listeners, self._listeners = self._listeners, []
        for listener in listeners:
            listener()

    def subscribe(self, listener: Listener) -> Unsubscribe:
        """Have a listener called at the next `fire`."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe


class Pollable:
    """One condition a guest can wait for."""

    __slots__ = ("is_ready", "subscribe")

    def __init__(self, is_ready: Callable[[], bool], subscribe: Subscribe) -> None:
        self.is_ready = is_ready
        self.subscribe = subscribe


def _never(_listener: Listener) -> Unsubscribe:
    return lambda: None


def always_ready() -> Pollable:
    """A pollable that never makes anyone wait."""
    return Pollable(lambda: True, _never)


def deadline(clock: Clock, when: int) -> Pollable:
    """A pollable that is ready from a monotonic instant on."""
    return Pollable(lambda: clock.instant() >= when, lambda listener: clock.call_at(when, listener))


async def wait_any(pollables: Sequence[Pollable]) -> list[int]:
    """Wait until at least one is ready; the indices of all that are."""
    loop = asyncio.get_running_loop()
    while not (ready := _ready(pollables)):
        woken = loop.create_future()

        def wake(woken: asyncio.Future[None] = woken) -> None:
            if not woken.done():
                woken.set_result(None)

        unsubscribes = [pollable.subscribe(wake) for pollable in pollables]
        try:
            await woken
        finally:
            for unsubscribe in unsubscribes:
                unsubscribe()
    return ready


async def wait(pollable: Pollable) -> None:
    """Wait until a pollable is ready."""
    await wait_any((pollable,))


def _ready(pollables: Sequence[Pollable]) -> list[int]:
    return [i for i, pollable in enumerate(pollables) if pollable.is_ready()]


@may_block
def _poll(_task: Any, pollables: list[Pollable]) -> Any:
    trap_if(not pollables, "the guest called `poll` with nothing to wait for")
    return _ready(pollables) or Later(wait_any(pollables))


@may_block
def _block(_task: Any, pollable: Pollable) -> Any:
    return None if pollable.is_ready() else Later(wait(pollable))


POLL = HostInterface(
    functions={
        "poll": _poll,
        "[method]pollable.ready": lambda _task, pollable: pollable.is_ready(),
        "[method]pollable.block": _block,
    },
    resources={"pollable": None},
)
