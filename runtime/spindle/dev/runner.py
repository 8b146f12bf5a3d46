"""Running until told to stop: the event loop, signals, and what they mean.

The first SIGINT, SIGTERM or SIGHUP asks for a stop, which lets requests under way finish; the
next one means at once.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


class Stoppable(Protocol):
    """What signals stop."""

    def stop(self) -> None:
        """Begin to stop; a second call means at once."""


def run_loop(main: Coroutine[Any, Any, T]) -> T:
    """Run to the end on the fastest event loop there is.

    Threads that are still at work then, such as a compiler's, are not waited for.
    """
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.get_loop().set_default_executor(_Threads())
        return runner.run(main)


def run_until_told(main: Coroutine[Any, Any, T]) -> T:
    """Run to the end, or until a signal: then it is cancelled, and the process ends.

    SIGINT raises `KeyboardInterrupt` as anywhere, the others `SystemExit` with the status that
    shells give to who ended by them.
    """
    told: list[int] = []
    try:
        return asyncio.run(_cancelled_when_told(main, told))
    except asyncio.CancelledError:
        if not told:
            raise
        raise SystemExit(128 + told[0]) from None


async def _cancelled_when_told(main: Coroutine[Any, Any, T], told: list[int]) -> T:
    running = asyncio.ensure_future(main)

    def tell(number: int) -> None:
        told.append(number)
        running.cancel()

    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGHUP"):
        # Windows ends at once; threads other than the main one get no signals.
        with suppress(AttributeError, NotImplementedError, RuntimeError):
            number = getattr(signal, name)
            loop.add_signal_handler(number, tell, int(number))
    return await running


class _Threads(ThreadPoolExecutor):
    """The event loop's threads; its end doesn't wait for them."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        super().shutdown(wait=False, cancel_futures=True)


def stop_on_signals(stoppable: Stoppable) -> None:
    """Have the process's signals stop something that runs on this event loop."""
    loop = asyncio.get_running_loop()
    for name in _SIGNALS:
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            loop.add_signal_handler(number, stoppable.stop)
        except NotImplementedError:
            _on_signal(number, loop, stoppable.stop)


def _on_signal(number: int, loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
    """Where event loops take no signals (Windows): the handler only wakes the loop."""
    signal.signal(number, lambda _number, _frame: loop.call_soon_threadsafe(stop))


def new_event_loop() -> asyncio.AbstractEventLoop:
    """The fastest event loop there is, for a thread that has none."""
    loop = (_loop_factory() or asyncio.new_event_loop)()
    loop.set_default_executor(_Threads())
    return loop


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        return None
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
