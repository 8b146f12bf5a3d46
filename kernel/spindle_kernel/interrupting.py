"""Interrupts of cells that await something.

ipykernel cancels such a cell by a callback on its event loop, but does not wake that loop, and a
cell that computes or waits without awaiting does not let it turn. Both are made up for here.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def spare_callbacks() -> None:
    """Have interrupts not get lost where a guest's engine calls Python."""
    if (typed := sys.modules.get("spindle.typed")) is not None:
        typed.INTERRUPTS.guard()


@contextmanager
def cancelled_at_once(cell: asyncio.Future[Any]) -> Iterator[None]:
    """While a cell runs, have an interrupt cancel it, whatever it does; ipykernel's is set."""
    loop, later = asyncio.get_running_loop(), signal.getsignal(signal.SIGINT)

    def cancel(number: int, frame: Any) -> None:
        if asyncio.current_task(loop) is cell:
            raise asyncio.CancelledError
        if callable(later):
            later(number, frame)
        loop.call_soon_threadsafe(_awake)

    signal.signal(signal.SIGINT, cancel)
    spare_callbacks()
    yield


def _awake() -> None:
    """The loop turns."""
